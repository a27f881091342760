package io.tenantkit.apikey;

import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Ceiling;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key as verify needs it. What each call reads lies here; what a caller reads of a valid key,
 * which is more than all the rest, is packed and made anew for those who ask. Immutable but for the
 * count of its uses.
 */
final class CachedKey extends UsageRecorder.Counted {
  private final long readAtMillis;
  private final long expiresAtMillis;
  private final ApiKeyId id;
  private final OrganizationId organization;
  private final KeyGrants grants;
  private final KeyMode mode;
  private final Organization.Status status;
  private final @Nullable PreparedLimits limits;

  /** A key that packing would change, or what it was packed into. */
  private final @Nullable ApiKey whole;

  private final byte @Nullable [] packed;
  private final boolean usable;
  private final boolean awaitsFirstUse;

  CachedKey(
      KeyHash hash,
      ApiKey key,
      KeyLookup found,
      @Nullable PreparedLimits limits,
      long readAtMillis) {
    super(hash);
    this.readAtMillis = readAtMillis;
    // Cut to milliseconds, so a key is refused at most one millisecond early and never late.
    this.expiresAtMillis = key.expiresAt().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
    this.id = key.id();
    this.organization = key.organization();
    this.grants = key.grants();
    this.mode = key.mode();
    this.status = found.status();
    this.limits = limits;
    this.awaitsFirstUse = found.awaitsFirstUse();
    this.usable =
        key.enabled() && key.revocation().isEmpty() && status == Organization.Status.ACTIVE;
    byte[] bytes = PackedKey.pack(key);
    boolean exact = bytes != null && unpacked(bytes).equals(key);
    this.packed = exact ? bytes : null;
    this.whole = exact ? null : key;
  }

  private ApiKey unpacked(byte[] bytes) {
    return PackedKey.unpack(bytes, id, organization, mode, grants);
  }

  /** All that is known of the key; made for this call. */
  ApiKey key() {
    return packed != null ? unpacked(packed) : Objects.requireNonNull(whole);
  }

  /** The context that its calls go on with; made for this call. */
  TenantContext tenant() {
    TenantContext tenant =
        TenantContext.trusted(organization, new Actor(Actor.Kind.API_KEY, id.value()))
            .limitedTo(grants.scopes())
            .within(mode.environments());
    Ceiling ceiling =
        new Ceiling(key().expiresAt(), grants.limits(), grants.credits(), grants.addresses());
    return ceiling.isOpen() ? tenant : tenant.under(ceiling);
  }

  @Override
  OrganizationId organization() {
    return organization;
  }

  @Override
  ApiKeyId id() {
    return id;
  }

  ScopeSet scopes() {
    return grants.scopes();
  }

  KeyGrants grants() {
    return grants;
  }

  KeyMode mode() {
    return mode;
  }

  Organization.Status status() {
    return status;
  }

  /** Neither switched off nor revoked, and of an organization that works. */
  boolean usable() {
    return usable;
  }

  /** Whether its first use must be recorded before it counts. */
  boolean awaitsFirstUse() {
    return awaitsFirstUse;
  }

  /** Whether it has a successor. */
  boolean isReplaced() {
    return whole != null && whole.successor().isPresent();
  }

  /** What each call takes from; null when nothing is limited. */
  @Nullable PreparedLimits limits() {
    return limits;
  }

  long readAtMillis() {
    return readAtMillis;
  }

  long expiresAtMillis() {
    return expiresAtMillis;
  }

  /** About how many bytes its texts take. */
  int packedLength() {
    return packed != null ? packed.length : 500;
  }
}
