package io.tenantkit;

import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.LeakedKeys;
import io.tenantkit.audit.AuditLog;
import io.tenantkit.audit.AuditSettings;
import io.tenantkit.event.EventListener;
import io.tenantkit.metric.Metrics;
import io.tenantkit.oidc.ExternalOrganizations;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organizations;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.Teams;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

  /** Teams of organizations, and who is in them. */
  Teams teams();

  /** API keys. */
  ApiKeyManager apiKeys();

  /** Which organization of which token issuer is which tenant. */
  ExternalOrganizations externalOrganizations();

  /** Takes scanners' reports of leaked keys. */
  LeakedKeys leakedKeys();

  /** The audit trail. */
  AuditLog audit();

  /** What about this set-up is not fit for production; empty when nothing is known. */
  List<ReadinessIssue> readiness();

  /** What upper modules need; hosts do not. */
  PlaneRuntime runtime();

  /**
   * Does the periodic work that is due at this time: following changes made by other nodes and
   * keeping leases first, then writing usage, delivering events, cleaning up. A control plane does
   * so by itself, the former on daemon threads of their own and the rest on another, unless it was
   * built with {@link Builder#manualMaintenance()}. A piece of work that fails is reported as an
   * event and tried again when it is due again; nothing is thrown.
   */
  void runDue(Instant now);

  /**
   * Writes what is still to be written, forgets keys and caches; the API keys and the vault then
   * refuse every call with {@link ErrorCode#CLOSED}. Idempotent; the storage stays open.
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
    private static final Duration MAX_EXPIRY_NOTICE = Duration.ofDays(365);

    final Storage storage;
    final MasterKeys masterKeys;
    final List<EventListener> listeners = new ArrayList<>();
    Clock clock = Clock.systemUTC();
    Duration revocationBound = DEFAULT_REVOCATION_BOUND;
    @Nullable SecureRandom random;
    Metrics metrics = Metrics.none();
    Duration expiryNotice = Duration.ofDays(7);
    boolean manualMaintenance;
    Plans plans = Plans.unlimited();

    /** How long closing waits for work and for listeners that are at it. */
    Duration closingPatience = Duration.ofSeconds(10);

    AuditSettings auditSettings = AuditSettings.DEFAULT;

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
     * How long before its end a key is reported: more than zero, to 365 days; 7 days unless set.
     */
    public Builder expiryNotice(Duration wanted) {
      if (wanted.isNegative() || wanted.isZero() || wanted.compareTo(MAX_EXPIRY_NOTICE) > 0) {
        throw new InvalidInputException("expiryNotice", "more than zero, to 365 days");
      }
      this.expiryNotice = wanted;
      return this;
    }

    /** Takes events, besides the log; may be called several times. */
    public Builder listener(EventListener added) {
      listeners.add(Objects.requireNonNull(added, "listener"));
      return this;
    }

    /** Where measurements go; nowhere unless set. */
    public Builder metrics(Metrics wanted) {
      this.metrics = Objects.requireNonNull(wanted, "metrics");
      return this;
    }

    /**
     * How often heads of the audit trail are signed, five minutes unless set, and how long events
     * are kept, for ever unless set. Removing them needs a storage that serves operators.
     */
    public Builder audit(AuditSettings wanted) {
      this.auditSettings = Objects.requireNonNull(wanted, "audit");
      return this;
    }

    /**
     * What the plans of organizations allow; everything, whatever a plan is called, unless set.
     * Once set, {@link Organizations#create} and {@link Organizations#configure} refuse a plan that
     * is not among them, and an organization that has such a plan all the same, from before or from
     * a row written by hand, gets the least that any plan allows.
     */
    public Builder plans(Plans wanted) {
      this.plans = Objects.requireNonNull(wanted, "plans");
      return this;
    }

    /**
     * Starts no thread: the host calls {@link ControlPlane#runDue} itself, at least twice within
     * the revocation bound. Past it, verification reads the storage each time.
     */
    public Builder manualMaintenance() {
      this.manualMaintenance = true;
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
      return DefaultControlPlane.open(this);
    }
  }
}
