package io.tenantkit.vault;

/**
 * How far an organization's secrets are under its newest key.
 *
 * @param keyId the newest key; empty in a dry run of an organization that has none
 * @param dryRun whether nothing was changed
 * @param rewrapped how many versions were put under it or, in a dry run, would be
 * @param failed how many versions stay where they are, since they do not open
 */
public record SecretsRewrap(String keyId, boolean dryRun, long rewrapped, long failed) {}
