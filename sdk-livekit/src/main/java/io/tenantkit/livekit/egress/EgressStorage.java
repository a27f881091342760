package io.tenantkit.livekit.egress;

/**
 * A storage of the tenant's own. Its credentials go to the tenant's server in the body of the call,
 * and nowhere else: into no token, event, log or text. They stay the caller's to close; those that
 * the vault keeps are best lent by {@code vault.useFields}, with the call inside.
 */
public sealed interface EgressStorage
    permits S3Storage, GoogleStorage, AzureStorage, AliOssStorage {}
