package io.tenantkit.vault;

/**
 * How far an organization's secrets are under its newest key.
 *
 * @param keyId the newest key
 * @param rewrapped how many versions were put under it
 * @param failed how many versions stayed where they are, since they do not open
 */
public record SecretsRewrap(String keyId, long rewrapped, long failed) {}
