package io.tenantkit.apikey;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.ChangeFollower;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scope;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
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
          Set.of(Verdict.Reason.NOT_FOUND), List.of(), Optional.empty(), Optional.empty());

  private final ChangeFollower changes;
  private final VerifyCache cache;
  private final KeyReader reader;
  private final UsageRecorder usage;
  private final VerifyMeters meters;
  private final Clock clock;
  private final MessageDigest sha256;
  private volatile boolean closed;

  KeyVerifier(PlaneRuntime runtime) {
    this.clock = runtime.clock();
    this.changes =
        new ChangeFollower(runtime.coreStores().changes(), runtime.clock(), runtime.metrics());
    this.cache = new VerifyCache(runtime.revocationBound(), changes::caughtUpMillis);
    this.reader = new KeyReader(runtime, cache);
    this.usage = new UsageRecorder(runtime);
    this.meters = new VerifyMeters(runtime.metrics());
    changes.listen(cache);
    changes.start(runtime.maintenance(), runtime.revocationBound());
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Verdict verify(@Nullable String presented, ScopeQuery query) {
    requireOpen();
    Verdict verdict = verdict(presented, query, null);
    meters.count(verdict);
    return verdict;
  }

  /**
   * @param source the address that the key came from, if that is known
   */
  private Verdict verdict(
      @Nullable String presented, ScopeQuery query, @Nullable InetAddress source) {
    if (presented == null || presented.isEmpty() || presented.length() > MAX_PRESENTED) {
      return NOT_FOUND;
    }
    byte[] key = presented.getBytes(StandardCharsets.UTF_8);
    if (KeyFormat.ourShape(presented) && !KeyFormat.checksumHolds(key)) {
      return NOT_FOUND;
    }
    KeyHash hash = hash(key);
    // In this order: what is said of the cache must be older than what is got from it, and the time
    // by which it is judged younger, or a process that was stopped in between would answer with it.
    long asOf = cache.asOf();
    VerifyCache.Entry entry = cache.get(hash);
    long now = clock.millis();
    if (entry != null && cache.mayAnswer(entry, asOf, now)) {
      meters.hit();
    } else {
      KeyReader.Answer answer = reader.read(hash, source);
      entry = answer.entry();
      // Reading took its time, in which the key may have expired.
      now = clock.millis();
    }
    if (entry == null) {
      return NOT_FOUND;
    }
    Verdict verdict = judge(entry, query, now);
    if (verdict instanceof Verdict.Valid) {
      usage.record(entry, now);
    }
    return verdict;
  }

  private static Verdict judge(VerifyCache.Entry entry, ScopeQuery query, long now) {
    List<Scope> missing = query.missingFrom(entry.scopes());
    boolean expired = now >= entry.expiresAtMillis();
    if (missing.isEmpty() && !expired && entry.usable()) {
      return entry.valid();
    }
    ApiKey key = entry.key();
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
    return new Verdict.Refused(
        reasons, missing, Optional.of(key.id()), Optional.of(key.organization()));
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

  /** The feed that this verifier follows, for the caches of other rooms. */
  ChangeFollower changes() {
    return changes;
  }

  void close() {
    closed = true;
    usage.close();
    cache.clear();
  }
}
