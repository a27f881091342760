package io.tenantkit.vault.integration;

import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An organization's account with a provider as it may be shown: everything but its credential,
 * which is in the vault. Times have microsecond precision. Immutable.
 *
 * @param id never changes
 * @param organization the tenant it belongs to
 * @param provider whose template it follows
 * @param environment fully apart from the others
 * @param name for people, 1 to 128 characters
 * @param status where it stands
 * @param config what is not secret: the credential's fields that may be shown, and the host's own
 *     settings
 * @param verdict what the last check found
 * @param errorMessage why, in the provider's words without the credential, or ours; at most 300
 *     characters
 * @param credentialVersion the version of the credential that the verdict is about, from 1; 0 while
 *     there is none
 * @param createdBy the actor that created it
 * @param createdAt when
 * @param updatedAt when it was changed last, by a caller or a check
 * @param lastUsedAt when its credential was used last, exact to a minute; checks do not count
 * @param lastVerifiedAt when it was checked last
 * @param nextCheckAt when it is due to be checked again
 * @param version of this row, from 1
 */
public record Integration(
    IntegrationId id,
    OrganizationId organization,
    String provider,
    Environment environment,
    String name,
    IntegrationStatus status,
    Map<String, String> config,
    Optional<Verdict> verdict,
    Optional<String> errorMessage,
    long credentialVersion,
    String createdBy,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> lastUsedAt,
    Optional<Instant> lastVerifiedAt,
    Instant nextCheckAt,
    long version) {

  public Integration {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(environment, "environment");
    Texts.require("name", name, 128);
    Objects.requireNonNull(status, "status");
    config = Collections.unmodifiableSortedMap(new TreeMap<>(config));
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(errorMessage, "errorMessage");
    Objects.requireNonNull(lastUsedAt, "lastUsedAt");
    Objects.requireNonNull(lastVerifiedAt, "lastVerifiedAt");
    Objects.requireNonNull(nextCheckAt, "nextCheckAt");
  }

  Integration named(String newName, Map<String, String> newConfig, Instant now) {
    return new Integration(
        id,
        organization,
        provider,
        environment,
        newName,
        status,
        newConfig,
        verdict,
        errorMessage,
        credentialVersion,
        createdBy,
        createdAt,
        now,
        lastUsedAt,
        lastVerifiedAt,
        nextCheckAt,
        version + 1);
  }

  /** Not yet verified, and due for a check now. */
  Integration awaiting(long newCredentialVersion, Instant now) {
    return new Integration(
        id,
        organization,
        provider,
        environment,
        name,
        status == IntegrationStatus.DISABLED ? status : IntegrationStatus.VERIFYING,
        config,
        Optional.empty(),
        Optional.empty(),
        newCredentialVersion,
        createdBy,
        createdAt,
        now,
        lastUsedAt,
        lastVerifiedAt,
        now,
        version + 1);
  }

  Integration withStatus(IntegrationStatus newStatus, Instant now) {
    return new Integration(
        id,
        organization,
        provider,
        environment,
        name,
        newStatus,
        config,
        verdict,
        errorMessage,
        credentialVersion,
        createdBy,
        createdAt,
        now,
        lastUsedAt,
        lastVerifiedAt,
        newStatus == IntegrationStatus.VERIFYING ? now : nextCheckAt,
        version + 1);
  }

  /** After a check: only a credential that is accepted or rejected changes the status. */
  Integration checked(
      CheckResult result, long checkedVersion, Map<String, String> newConfig, Instant next) {
    IntegrationStatus after =
        status == IntegrationStatus.DISABLED
            ? status
            : result.verdict().usable()
                ? IntegrationStatus.CONNECTED
                : result.verdict().rejected() ? IntegrationStatus.ERROR : status;
    return new Integration(
        id,
        organization,
        provider,
        environment,
        name,
        after,
        newConfig,
        Optional.of(result.verdict()),
        result.message(),
        checkedVersion,
        createdBy,
        createdAt,
        result.at(),
        lastUsedAt,
        Optional.of(result.at()),
        next,
        version + 1);
  }
}
