package io.tenantkit.audit;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.Verdict.Reason;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes refused verifications and keeps a sample: the first {@value #PER_MINUTE} of each minute for
 * each organization, and as many for what belongs to none; the rest is counted. A sampled failure
 * becomes an event at once and, for an organization, a row of its audit trail when due work runs,
 * which is never on the way of a verification. A flood therefore costs neither memory nor storage.
 *
 * <p>What only limits or credits refused has a sample of its own, of the same size, and becomes an
 * event but no row: a tenant that is always at its limit is no news for its trail, and must not
 * hide the use of a revoked key.
 *
 * <p>Bounds: at most {@value #MAX_ORGANIZATIONS} organizations are counted apart in one minute, the
 * others together as if they were one; at most {@value #MAX_WAITING} rows wait, the newest is left
 * out. What waits when the process is killed is lost: ten seconds of samples. Safe for use by
 * several threads; never blocks on the storage except in {@link #write}.
 */
public final class FailureSampler {
  /** The sample of one minute. */
  public static final int PER_MINUTE = 10;

  /** How many organizations have a count of their own. */
  public static final int MAX_ORGANIZATIONS = 10_000;

  /** How many rows may wait for due work. */
  public static final int MAX_WAITING = 4_096;

  private static final long MINUTE_MILLIS = 60_000;

  /** The reasons that say nothing of the key itself. */
  private static final Set<String> LIMITS =
      Set.of(Reason.RATE_LIMITED.name(), Reason.QUOTA_EXCEEDED.name());

  private static final String UNKNOWN = "unknown";
  private static final String ACTION = "api_key.verification_failed";
  private static final String TARGET = "api_key";
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.verify");

  private record Sampled(OrganizationId organization, AuditEvent event) {}

  private final PlaneRuntime runtime;
  private final FailureBudgets refused = new FailureBudgets();
  private final FailureBudgets limited = new FailureBudgets();
  private final Queue<Sampled> waiting = new ArrayDeque<>();
  private final ReentrantLock queue = new ReentrantLock();

  FailureSampler(PlaneRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Takes a refused verification. Past the minute's budget this is one look-up and one count.
   *
   * @param organization the key's, if it is known
   * @param key the key's id, if it is known
   * @param reasons why, as the host's logs should show them
   * @param now when, in milliseconds
   */
  public void failed(
      Optional<OrganizationId> organization,
      Optional<ApiKeyId> key,
      Set<String> reasons,
      long now) {
    long minute = Math.floorDiv(now, MINUTE_MILLIS);
    boolean onlyLimits = LIMITS.containsAll(reasons);
    long suppressed = (onlyLimits ? limited : refused).take(organization, minute);
    if (suppressed == FailureBudget.LEFT_OUT) {
      return;
    }
    Instant at = runtime.now();
    String subject = key.map(ApiKeyId::value).orElse(UNKNOWN);
    Map<String, String> details =
        Map.of(
            "reasons", String.join(" ", new TreeSet<>(reasons)),
            "suppressed", Long.toString(suppressed));
    runtime
        .events()
        .publish(new Event(EventType.VERIFICATION_FAILED, at, organization, subject, details));
    if (!onlyLimits) {
      organization.ifPresent(known -> keep(known, at, subject, details));
    }
  }

  private void keep(
      OrganizationId organization, Instant at, String subject, Map<String, String> details) {
    TenantContext context = TenantContext.trusted(organization, ACTOR);
    AuditEvent event = runtime.event(context, at, ACTION, TARGET, subject).with(details);
    enqueue(new Sampled(organization, event));
  }

  /**
   * Appends what was sampled to the trails. What the storage does not take now waits on, behind the
   * rest; an organization that fails is asked once only, for its trail may be locked.
   */
  void write() {
    long minute = Math.floorDiv(runtime.now().getEpochSecond(), 60);
    refused.forgetIdle(minute);
    limited.forgetIdle(minute);
    EachOrganization each = new EachOrganization();
    Set<OrganizationId> failed = new HashSet<>();
    int due = waiting();
    for (Sampled next = next(due); next != null; next = next(--due)) {
      Sampled row = next;
      boolean done = false;
      try {
        done = !failed.contains(row.organization()) && each.attempt(() -> append(row));
      } finally {
        if (!done) {
          failed.add(row.organization());
          enqueue(row);
        }
      }
    }
    each.end();
  }

  /** How many organizations have a count now. */
  int counted() {
    return Math.max(refused.size(), limited.size());
  }

  private void append(Sampled sampled) {
    try {
      runtime
          .coreStores()
          .audit()
          .append(TenantContext.trusted(sampled.organization(), ACTOR), sampled.event());
    } catch (NotFoundException e) {
      // The organization is gone, and its trail with it.
      return;
    } catch (TenantkitException e) {
      // A commit of unknown outcome was tried again: the row is there already.
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
    }
  }

  private void enqueue(Sampled row) {
    queue.lock();
    try {
      if (waiting.size() < MAX_WAITING) {
        waiting.add(row);
      }
    } finally {
      queue.unlock();
    }
  }

  private int waiting() {
    queue.lock();
    try {
      return waiting.size();
    } finally {
      queue.unlock();
    }
  }

  private @Nullable Sampled next(int due) {
    queue.lock();
    try {
      return due > 0 ? waiting.poll() : null;
    } finally {
      queue.unlock();
    }
  }
}
