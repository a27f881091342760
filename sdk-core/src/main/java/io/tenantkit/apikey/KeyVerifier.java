package io.tenantkit.apikey;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.FailureSampler;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.ChangeFollower;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * From a presented text to a verdict: shape and checksum, hash, what memory or the storage knows of
 * it, then {@link KeyJudge}.
 */
final class KeyVerifier {
  /** Longer texts are not hashed; no key of ours or of a known issuer is longer. */
  static final int MAX_PRESENTED = 512;

  private static final Actor SYSTEM = new Actor(Actor.Kind.SYSTEM, "tenantkit.verify");

  /** What is told to the outside in one and the same words. */
  private static final Set<Verdict.Reason> UNUSABLE =
      EnumSet.of(
          Verdict.Reason.NOT_FOUND,
          Verdict.Reason.DISABLED,
          Verdict.Reason.REVOKED,
          Verdict.Reason.EXPIRED);

  /** A call that took less than this since the key was looked at has not waited for anything. */
  private static final long PATIENCE_MILLIS = 20;

  private static final Set<String> UNKNOWN = Set.of(Verdict.Reason.NOT_FOUND.name());

  private final ApiKeyStore store;
  private final ChangeFollower changes;
  private final VerifyCache cache;
  private final KeyReader reader;
  private final KeyJudge judge;
  private final UsageRecorder usage;
  private final FailureSampler failures;
  private final VerifyMeters meters;
  private final GraceReporter grace;
  private final Clock clock;
  private final MessageDigest sha256;
  private volatile boolean closed;

  KeyVerifier(PlaneRuntime runtime, FailureSampler failures, GraceReporter grace) {
    this.grace = grace;
    this.clock = runtime.clock();
    this.store = runtime.coreStores().apiKeys();
    this.changes =
        new ChangeFollower(runtime.coreStores().changes(), runtime.clock(), runtime.metrics());
    this.cache =
        new VerifyCache(
            runtime.revocationBound(), changes::caughtUpMillis, RateLimiter.of(runtime));
    this.reader = new KeyReader(runtime, cache);
    this.judge = new KeyJudge(clock);
    this.usage = new UsageRecorder(runtime);
    this.failures = failures;
    this.meters = new VerifyMeters(runtime.metrics());
    changes.listen(cache);
    changes.start(runtime.maintenance(), runtime.revocationBound());
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Verdict verify(VerifyRequest request) {
    requireOpen();
    long began = meters.begin();
    Verdict verdict = verdict(request);
    if (verdict instanceof Verdict.Refused refused) {
      long now = clock.millis();
      failures.failed(refused.organization(), refused.keyId(), reasons(refused), now);
      verdict = alike(refused, request, now);
    }
    meters.count(verdict);
    meters.end(began);
    return verdict;
  }

  /**
   * From where nothing is looked up for a while, a key that is known and does not work must look
   * like one that is not known.
   */
  private Verdict alike(Verdict.Refused refused, VerifyRequest request, long now) {
    if (Collections.disjoint(refused.reasons(), UNUSABLE)) {
      return refused;
    }
    long wait = reader.heldMillis(request.address(), now);
    return wait == 0 ? refused : KeyJudge.held(wait);
  }

  /** Of junk, which comes in floods, the reasons are at hand. */
  private static Set<String> reasons(Verdict.Refused refused) {
    return refused.keyId().isEmpty() && refused.limits().isEmpty()
        ? UNKNOWN
        : refused.reasons().stream().map(Enum::name).collect(Collectors.toUnmodifiableSet());
  }

  private Verdict verdict(VerifyRequest request) {
    String presented = request.presented();
    if (presented == null || presented.isEmpty() || presented.length() > MAX_PRESENTED) {
      return KeyJudge.NOT_FOUND;
    }
    byte[] key = presented.getBytes(StandardCharsets.UTF_8);
    if (KeyFormat.ourShape(presented) && !KeyFormat.checksumHolds(key)) {
      return KeyJudge.NOT_FOUND;
    }
    KeyHash hash = hash(key);
    // In this order: what is said of the cache must be older than what is got from it, and the time
    // by which it is judged younger, or a process that was stopped in between would answer with it.
    long asOf = cache.asOf();
    CachedKey entry = cache.get(hash);
    long now = clock.millis();
    if (entry != null && cache.mayAnswer(entry, asOf, now)) {
      meters.hit();
    } else {
      KeyReader.Answer answer = reader.read(hash, entry != null, request.address());
      if (answer.held()) {
        return KeyJudge.held(answer.waitMillis());
      }
      entry = answer.entry();
      // Reading took its time, in which the key may have expired.
      now = clock.millis();
    }
    return entry == null ? KeyJudge.NOT_FOUND : judged(hash, entry, asOf, request, now);
  }

  private Verdict judged(
      KeyHash hash, CachedKey entry, long asOf, VerifyRequest request, long now) {
    Verdict refusal = judge.refusal(entry, request, now);
    if (refusal != null) {
      return refusal;
    }
    Verdict verdict = judge.limited(entry, request);
    if (!(verdict instanceof Verdict.Valid valid)) {
      return verdict;
    }
    if (entry.awaitsFirstUse() && !recordFirstUse(hash, entry)) {
      return KeyJudge.NOT_FOUND;
    }
    if (entry.awaitsFirstUse() || entry.limits() != null) {
      // Either may have waited for the storage, while the key was revoked or its time ran out.
      long later = clock.millis();
      boolean stale = later - now >= PATIENCE_MILLIS && !cache.mayAnswer(entry, asOf, later);
      if (stale || later >= entry.expiresAtMillis()) {
        return again(hash, request, valid);
      }
    }
    return used(entry, valid, now);
  }

  /** The key as it is by now; of its limits the call has taken already. */
  private Verdict again(KeyHash hash, VerifyRequest request, Verdict.Valid admitted) {
    CachedKey entry = reader.read(hash, true, request.address()).entry();
    if (entry == null) {
      return KeyJudge.NOT_FOUND;
    }
    long now = clock.millis();
    Verdict refusal = judge.refusal(entry, request, now);
    return refusal == null ? used(entry, KeyJudge.admitted(entry, admitted), now) : refusal;
  }

  private Verdict used(CachedKey entry, Verdict verdict, long now) {
    usage.record(entry, now);
    if (entry.isReplaced()) {
      grace.used(entry.key(), now);
    }
    return verdict;
  }

  /**
   * A key whose creation might be repeated counts only once its use is on record, for from then on
   * no repeat replaces it. When it was replaced meanwhile, it is unknown.
   */
  private boolean recordFirstUse(KeyHash hash, CachedKey entry) {
    ApiKey key = entry.key();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    boolean recorded =
        store.recordFirstUse(
            TenantContext.trusted(key.organization(), SYSTEM), key.id(), hash, now);
    cache.evict(hash);
    return recorded;
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

  /** Refuses calls from now on, then writes what is counted; what it stands on is still open. */
  void close() {
    closed = true;
    usage.close();
    cache.clear();
  }
}
