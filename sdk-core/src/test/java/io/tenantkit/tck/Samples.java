package io.tenantkit.tck;

import io.tenantkit.address.AddressList;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.ScopeSet;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Rows for the contracts. Event ids ascend in the order in which they were made. */
public final class Samples {
  /** When all samples happen; it has microseconds. */
  public static final Instant NOW = Instant.parse("2026-03-21T12:34:56.123457Z");

  /** The action of events that the set-up writes and that the contracts look past. */
  public static final String CREATED_BY_SETUP = "organization.created";

  /** Grants with everything in them. */
  public static final KeyGrants GRANTS =
      new KeyGrants(
          ScopeSet.of("livekit:*", "flows:read"),
          List.of(
              RateLimit.of("minute", 100, Duration.ofMinutes(1)),
              RateLimit.of("hour", 5_000, Duration.ofHours(1))),
          Optional.of(new Credits(1_000, Optional.of(new Credits.Refill(10, Duration.ofHours(1))))),
          AddressList.of("192.0.2.0/24", "2001:db8::/32"));

  /** Settings with everything in them. */
  public static final OrganizationSettings SETTINGS =
      OrganizationSettings.defaults()
          .withPlan("enterprise")
          .withMetadata(Map.of("description", "a sample"))
          .withPool(RateLimit.of("pool", 1_000, Duration.ofMinutes(1)))
          .withKeys(
              KeyPolicy.none()
                  .withLongestLifetime(Duration.ofDays(365))
                  .withRotateAfter(Duration.ofDays(90))
                  .withUnusedAfter(Duration.ofDays(30))
                  .withPrefixName("acme"));

  private final AtomicLong events = new AtomicLong();

  /** An active organization. */
  public Organization organization(OrganizationId id, String name) {
    return new Organization(id, name, Organization.Status.ACTIVE, SETTINGS, NOW, NOW, 1);
  }

  /** An event of an organization. */
  public AuditEvent event(OrganizationId organization, String action) {
    String id = String.format(Locale.ROOT, "evt_%026d", events.incrementAndGet());
    return new AuditEvent(
        id, organization, NOW, Actor.host("contract"), action, "sample", "sample-1", Map.of());
  }

  /** A working key whose hash follows from its organization and id. */
  public StoredApiKey key(OrganizationId organization, String id) {
    return key(organization, id, hash(organization + "/" + id));
  }

  /** A working key with this hash. */
  public StoredApiKey key(OrganizationId organization, String id, KeyHash hash) {
    ApiKeyId keyId = ApiKeyId.of(id);
    ApiKey key =
        new ApiKey(
            keyId,
            organization,
            "key " + id,
            Optional.of("what it is for"),
            "ak_live_Sample01",
            KeyMode.LIVE,
            GRANTS,
            true,
            "contract",
            NOW,
            NOW,
            Optional.empty(),
            Optional.empty(),
            keyId,
            Optional.empty(),
            KeyUse.never(),
            1);
    return new StoredApiKey(key, hash);
  }

  /** The same key with another name, one version on. */
  public StoredApiKey renamed(StoredApiKey before, String name) {
    ApiKey key = before.key();
    return new StoredApiKey(
        new ApiKey(
            key.id(),
            key.organization(),
            name,
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants(),
            key.enabled(),
            key.createdBy(),
            key.createdAt(),
            NOW.plusMillis(1),
            key.expiresAt(),
            key.revocation(),
            key.family(),
            key.successor(),
            key.use(),
            key.version() + 1),
        before.hash());
  }

  /** The same key, revoked and replaced, one version on. */
  public StoredApiKey retired(StoredApiKey before, ApiKeyId successor) {
    ApiKey key = before.key();
    return new StoredApiKey(
        new ApiKey(
            key.id(),
            key.organization(),
            key.name(),
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants(),
            key.enabled(),
            key.createdBy(),
            key.createdAt(),
            NOW.plusMillis(1),
            Optional.of(NOW.plusSeconds(60)),
            Optional.of(new ApiKey.Revocation(NOW.plusMillis(1), "rotated")),
            key.family(),
            Optional.of(successor),
            key.use(),
            key.version() + 1),
        before.hash());
  }

  /** SHA-256 of a text. */
  public static KeyHash hash(String text) {
    try {
      return KeyHash.of(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
