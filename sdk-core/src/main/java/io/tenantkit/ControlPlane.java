package io.tenantkit;

import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.audit.AuditLog;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organizations;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that a host opens once: it owns the clock, the randomness and the master keys, and
 * names the core's services. Upper modules attach to it ({@code SecretVault.of(plane)}). Several
 * control planes may live in one process, and several processes on one database. Safe for use by
 * several threads.
 *
 * <p>It owns neither the storage nor the host's pools: the host closes what it opened.
 */
public interface ControlPlane extends AutoCloseable {

  /**
   * A control plane over a storage and master keys, both of which must be those of its earlier
   * starts.
   */
  static Builder builder(Storage storage, MasterKeys masterKeys) {
    return new Builder(storage, masterKeys);
  }

  /** Organizations, which are the tenants. */
  Organizations organizations();

  /** API keys. */
  ApiKeyManager apiKeys();

  /** The audit trail. */
  AuditLog audit();

  /** What about this set-up is not fit for production; empty when nothing is known. */
  List<ReadinessIssue> readiness();

  /** What upper modules need; hosts do not. */
  PlaneRuntime runtime();

  /**
   * Forgets keys and caches; the API keys and the vault then refuse every call with {@link
   * ErrorCode#CLOSED}. Idempotent; the storage stays open.
   */
  @Override
  void close();

  /** Collects what a control plane needs. Not safe for use by several threads. */
  final class Builder {
    /**
     * The longest time that a change may stay unseen on another node, unless the host says
     * otherwise.
     */
    public static final Duration DEFAULT_REVOCATION_BOUND = Duration.ofSeconds(2);

    private static final Duration MAX_REVOCATION_BOUND = Duration.ofMinutes(5);

    private final Storage storage;
    private final MasterKeys masterKeys;
    private Clock clock = Clock.systemUTC();
    private Duration revocationBound = DEFAULT_REVOCATION_BOUND;
    private @Nullable SecureRandom random;

    private Builder(Storage storage, MasterKeys masterKeys) {
      this.storage = Objects.requireNonNull(storage, "storage");
      this.masterKeys = Objects.requireNonNull(masterKeys, "masterKeys");
    }

    /** The clock; the system's unless set. Tests tick one. */
    public Builder clock(Clock wanted) {
      this.clock = Objects.requireNonNull(wanted, "clock");
      return this;
    }

    /** The randomness for keys, nonces and ids; the platform's unless set. */
    public Builder random(SecureRandom wanted) {
      this.random = Objects.requireNonNull(wanted, "random");
      return this;
    }

    /**
     * How long a revocation, suspension or other change may stay unseen on other nodes: zero to
     * five minutes, two seconds unless set. With zero every verification reads the storage.
     */
    public Builder revocationBound(Duration wanted) {
      if (wanted.isNegative() || wanted.compareTo(MAX_REVOCATION_BOUND) > 0) {
        throw new InvalidInputException("revocationBound", "zero to 5 minutes");
      }
      this.revocationBound = wanted;
      return this;
    }

    /**
     * Checks the master keys against those that the storage was written with and opens the control
     * plane.
     *
     * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_MISMATCH} when they differ; then
     *     nothing was written
     */
    public ControlPlane build() {
      SecureRandom chosen = random == null ? new SecureRandom() : random;
      return DefaultControlPlane.open(
          storage, masterKeys, new MonotonicClock(clock), chosen, revocationBound);
    }
  }
}
