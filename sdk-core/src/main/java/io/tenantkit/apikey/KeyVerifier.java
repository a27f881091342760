package io.tenantkit.apikey;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.address.AddressList;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.TenantContext;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From a presented text to a verdict: shape and checksum, hash, cache, then the facts of the row.
 */
final class KeyVerifier {
  /** Longer texts are not hashed; no key of ours or of a known issuer is longer. */
  private static final int MAX_PRESENTED = 512;

  private static final Verdict.Refused NOT_FOUND =
      new Verdict.Refused(
          Set.of(Verdict.Reason.NOT_FOUND),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  private static final Actor SYSTEM = new Actor(Actor.Kind.SYSTEM, "verification");

  private final ApiKeyStore store;
  private final VerifyCache cache;
  private final GraceReporter grace;
  private final Clock clock;
  private final MessageDigest sha256;
  private volatile boolean closed;

  KeyVerifier(PlaneRuntime runtime, GraceReporter grace) {
    this.grace = grace;
    this.store = runtime.coreStores().apiKeys();
    this.clock = runtime.clock();
    this.cache = new VerifyCache(runtime.revocationBound());
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Verdict verify(VerifyRequest request) {
    requireOpen();
    String presented = request.presented();
    if (presented == null || presented.isEmpty() || presented.length() > MAX_PRESENTED) {
      return NOT_FOUND;
    }
    byte[] key = presented.getBytes(StandardCharsets.UTF_8);
    if (KeyFormat.ourShape(presented) && !KeyFormat.checksumHolds(key)) {
      return NOT_FOUND;
    }
    KeyHash hash = hash(key);
    VerifyCache.Entry entry = cache.get(hash);
    long now = clock.millis();
    if (entry == null || !cache.mayAnswer(entry, now)) {
      entry = read(hash, now);
      // Reading took its time, in which the key may have expired.
      now = clock.millis();
    }
    if (entry == null) {
      return NOT_FOUND;
    }
    Verdict verdict = judge(entry, request, now);
    if (entry.key().successor().isPresent() && verdict instanceof Verdict.Valid) {
      grace.used(entry.key(), now);
    }
    return entry.awaitsFirstUse() && verdict instanceof Verdict.Valid
        ? firstUse(hash, entry, request)
        : verdict;
  }

  private VerifyCache.@Nullable Entry read(KeyHash hash, long now) {
    long before = cache.epoch();
    return cache.fill(hash, store.lookup(hash), before, now);
  }

  /**
   * A key whose creation might be repeated counts only once its use is on record, for from then on
   * no repeat replaces it. When it was replaced meanwhile, it is unknown.
   */
  private Verdict firstUse(KeyHash hash, VerifyCache.Entry entry, VerifyRequest request) {
    ApiKey key = entry.key();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    boolean recorded =
        store.recordFirstUse(
            TenantContext.trusted(key.organization(), SYSTEM), key.id(), hash, now);
    cache.evict(hash);
    VerifyCache.Entry after = recorded ? read(hash, clock.millis()) : null;
    return after == null ? NOT_FOUND : judge(after, request, clock.millis());
  }

  private static Verdict judge(VerifyCache.Entry entry, VerifyRequest request, long now) {
    List<Scope> missing = request.scopes().missingFrom(entry.scopes());
    boolean expired = now >= entry.expiresAtMillis();
    ApiKey key = entry.key();
    boolean reachable =
        request.environment().isEmpty()
            || key.mode().environments().contains(request.environment().get());
    boolean allowed = mayComeFrom(key.grants().addresses(), request.address());
    if (missing.isEmpty() && !expired && entry.usable() && reachable && allowed) {
      return entry.valid();
    }
    boolean active = entry.status() == Organization.Status.ACTIVE;
    EnumSet<Verdict.Reason> reasons = EnumSet.noneOf(Verdict.Reason.class);
    if (!key.enabled()) {
      reasons.add(Verdict.Reason.DISABLED);
    }
    if (key.revocation().isPresent()) {
      reasons.add(Verdict.Reason.REVOKED);
    }
    if (expired) {
      reasons.add(Verdict.Reason.EXPIRED);
    }
    if (!missing.isEmpty()) {
      reasons.add(Verdict.Reason.INSUFFICIENT_SCOPE);
    }
    if (!active) {
      reasons.add(Verdict.Reason.ORGANIZATION_SUSPENDED);
    }
    if (!reachable) {
      reasons.add(Verdict.Reason.WRONG_ENVIRONMENT);
    }
    if (!allowed) {
      reasons.add(Verdict.Reason.ADDRESS_FORBIDDEN);
    }
    return new Verdict.Refused(
        reasons, missing, List.of(), Optional.of(key.id()), Optional.of(key.organization()));
  }

  private static boolean mayComeFrom(AddressList allowed, @Nullable InetAddress from) {
    return allowed.isAnywhere() || (from != null && allowed.contains(from));
  }

  KeyHash hash(byte[] key) {
    return KeyHash.of(newDigest().digest(key));
  }

  /** A clone of a fresh digest costs a fraction of a provider look-up. */
  private MessageDigest newDigest() {
    try {
      return (MessageDigest) sha256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
    }
  }

  void evict(KeyHash hash) {
    cache.evict(hash);
  }

  void evict(OrganizationId organization) {
    cache.evict(organization);
  }

  /** Demands that the control plane is open, before anything is read or written. */
  void requireOpen() {
    if (closed) {
      throw new TenantkitException(ErrorCode.CLOSED, "the control plane is closed");
    }
  }

  void close() {
    closed = true;
    cache.clear();
  }
}
