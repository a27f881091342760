package io.tenantkit.apikey;

import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.spi.CompactId;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Ceiling;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key as verify needs it. What each call reads lies here; what a caller reads of a valid key,
 * which is more than all the rest, is packed and made anew for those who ask. Immutable but for the
 * count of its uses.
 */
final class CachedKey extends UsageRecorder.Counted {
  private static final long NEVER = Long.MAX_VALUE;

  // What is said of the key in the bits of one byte, which lies where each call reads.
  private static final int USABLE = 1;
  private static final int AWAITS_FIRST_USE = 2;
  private static final int LIVE = 4;
  private static final int COMPACT_ID = 8;
  private static final int WHOLE = 16;
  private static final int REPLACED = 32;
  private static final int SUSPENDED = 64;

  private final long readAtMillis;
  private final long expiresAtMicros;
  private final long idHigh;
  private final long idLow;
  private final OrganizationId organization;
  private final KeyGrants grants;
  private final @Nullable PreparedLimits limits;

  /** What the key was packed into, as bytes, or a key that packing would change. */
  private final Object rest;

  private final byte facts;

  CachedKey(
      KeyHash hash,
      ApiKey key,
      KeyLookup found,
      @Nullable PreparedLimits limits,
      long readAtMillis) {
    super(hash);
    String id = key.id().value();
    boolean compact = CompactId.fits(PackedKey.ID, id);
    boolean usable =
        key.enabled() && key.revocation().isEmpty() && found.status() == Organization.Status.ACTIVE;
    this.readAtMillis = readAtMillis;
    this.expiresAtMicros = key.expiresAt().map(CachedKey::micros).orElse(NEVER);
    this.idHigh = compact ? CompactId.high(id) : 0;
    this.idLow = compact ? CompactId.low(id) : 0;
    this.organization = key.organization();
    this.grants = key.grants();
    this.limits = limits;
    byte[] packed = PackedKey.pack(key);
    boolean whole =
        packed == null
            || !PackedKey.unpack(packed, key.id(), organization, key.mode(), grants, expiresAt())
                .equals(key);
    this.rest = packed == null || whole ? key : packed;
    this.facts =
        (byte)
            ((usable ? USABLE : 0)
                | (found.awaitsFirstUse() ? AWAITS_FIRST_USE : 0)
                | (key.mode() == KeyMode.LIVE ? LIVE : 0)
                | (compact ? COMPACT_ID : 0)
                | (whole ? WHOLE : 0)
                | (key.successor().isPresent() ? REPLACED : 0)
                | suspended(found.status()));
  }

  private static int suspended(Organization.Status status) {
    return switch (status) {
      case ACTIVE -> 0;
      case SUSPENDED -> SUSPENDED;
    };
  }

  /** Of a time that no clock shows, the end of time that is nearest. */
  private static long micros(Instant time) {
    try {
      return PackedKey.micros(time);
    } catch (ArithmeticException e) {
      return time.isAfter(Instant.EPOCH) ? NEVER : Long.MIN_VALUE;
    }
  }

  private Optional<Instant> expiresAt() {
    return expiresAtMicros == NEVER
        ? Optional.empty()
        : Optional.of(PackedKey.time(expiresAtMicros));
  }

  private boolean is(int fact) {
    return (facts & fact) != 0;
  }

  /** All that is known of the key; made for this call. */
  ApiKey key() {
    return rest instanceof ApiKey whole
        ? whole
        : PackedKey.unpack((byte[]) rest, id(), organization, mode(), grants, expiresAt());
  }

  /** The context that its calls go on with; made for this call, and of what lies here alone. */
  TenantContext tenant() {
    Actor actor = new Actor(Actor.Kind.API_KEY, id().value());
    TenantContext tenant =
        TenantContext.trusted(organization, actor, principal(actor))
            .limitedTo(grants.scopes())
            .within(mode().environments());
    Optional<Instant> end = is(WHOLE) ? key().expiresAt() : expiresAt();
    Ceiling ceiling = new Ceiling(end, grants.limits(), grants.credits(), grants.addresses());
    return ceiling.isOpen() ? tenant : tenant.under(ceiling);
  }

  private Actor principal(Actor actor) {
    String family =
        rest instanceof ApiKey whole ? whole.family().value() : PackedKey.family((byte[]) rest);
    return family.isEmpty() || family.equals(actor.id())
        ? actor
        : new Actor(Actor.Kind.API_KEY, family);
  }

  @Override
  OrganizationId organization() {
    return organization;
  }

  @Override
  ApiKeyId id() {
    if (is(COMPACT_ID)) {
      return ApiKeyId.of(CompactId.text(PackedKey.ID, idHigh, idLow));
    }
    return rest instanceof ApiKey whole ? whole.id() : PackedKey.id((byte[]) rest);
  }

  ScopeSet scopes() {
    return grants.scopes();
  }

  KeyGrants grants() {
    return grants;
  }

  KeyMode mode() {
    return is(LIVE) ? KeyMode.LIVE : KeyMode.TEST;
  }

  Organization.Status status() {
    return is(SUSPENDED) ? Organization.Status.SUSPENDED : Organization.Status.ACTIVE;
  }

  /** Neither switched off nor revoked, and of an organization that works. */
  boolean usable() {
    return is(USABLE);
  }

  /** Whether its first use must be recorded before it counts. */
  boolean awaitsFirstUse() {
    return is(AWAITS_FIRST_USE);
  }

  /** Whether it has a successor. */
  boolean isReplaced() {
    return is(REPLACED);
  }

  /** What each call takes from; null when nothing is limited. */
  @Nullable PreparedLimits limits() {
    return limits;
  }

  long readAtMillis() {
    return readAtMillis;
  }

  /** Cut to milliseconds, so a key is refused at most one millisecond early and never late. */
  long expiresAtMillis() {
    return Math.floorDiv(expiresAtMicros, 1_000L);
  }

  /** About how many bytes its texts take. */
  int packedLength() {
    return rest instanceof byte[] packed ? packed.length : 500;
  }
}
