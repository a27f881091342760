package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of tenants that sign and verify without a look at the storage: bounded in number, and no
 * older than the plane's revocation bound, after which the storage is asked whether organization
 * and credentials are still as they were. Only then, and only when the credentials changed, is
 * anything opened. There is no plaintext here, only Macs that are keyed with it.
 *
 * <p>Safe for use by several threads. {@link #current} blocks on the storage when it has no entry
 * that is young enough. Past half of its time an entry that is in use is looked after on a thread
 * beside, so that nobody waits for that.
 */
final class SigningKeys implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  /** How many organizations' keys are kept unless the builder says otherwise. */
  static final int DEFAULT_ENTRIES = 4_096;

  /** How long Macs that made room may still be in somebody's hands; in milliseconds. */
  private static final long IN_HANDS_MILLIS = 30_000;

  /** How long to wait for another caller that asks the storage for the same keys. */
  private static final long TURN_SECONDS = 5;

  private final PlaneRuntime runtime;
  private final KeyLoader loader;
  private final ActiveOrganizations organizations;
  private final int maxEntries;
  private final long boundMillis;
  private final Executor beside;
  private final Map<Place, Slot> slots = new ConcurrentHashMap<>();
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();
  private volatile boolean closed;

  /** Told of the public id of each key that is opened. */
  private volatile Consumer<String> opened = apiKey -> {};

  SigningKeys(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      OwnAccounts accounts,
      int maxEntries,
      Executor beside) {
    this.runtime = runtime;
    this.loader = new KeyLoader(runtime, credentials, accounts);
    this.organizations = organizations;
    this.maxEntries = maxEntries;
    this.beside = beside;
    this.boundMillis = runtime.revocationBound().toMillis();
    runtime.onClose().accept(this::close);
  }

  /** Where entries are looked after before they are too old. */
  static ExecutorService newThread() {
    // One is enough: it keeps the entries that it comes to, and callers look for the others.
    return DaemonThreads.queued("tenantkit-livekit-keys", 1);
  }

  /** Tells this, from now on, of the public id of each key that is opened to sign. */
  void tell(Consumer<String> listener) {
    opened = listener;
  }

  private record Place(OrganizationId organization, Environment environment) {}

  private record Retired(TenantKeys entry, long atMillis) {}

  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean awaitsLook = new AtomicBoolean();
    private volatile @Nullable TenantKeys entry;

    /** No longer in the map; whoever holds it looks there again. Guarded by the lock. */
    private boolean gone;
  }

  /**
   * The keys of the context's organization and environment, to sign with. The caller's scopes were
   * asked for by whoever calls this.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist or has no LiveKit
   *     credentials in this environment
   * @throws io.tenantkit.AccessDeniedException when it is suspended
   * @throws io.tenantkit.TenantkitException with {@code CREDENTIALS_TAKEN} when the credentials are
   *     the host's own or another organization's, {@code JOINED_TRANSACTION_REFUSED} inside a
   *     joined transaction
   */
  TenantKeys current(TenantContext context) {
    TenantKeys entry = known(context);
    ActiveOrganizations.requireActive(entry.organization());
    return entry;
  }

  /** As {@link #current}, of an organization that may be suspended: to verify. */
  TenantKeys known(TenantContext context) {
    context.requireOwnTransaction("use of LiveKit credentials");
    context.require(context.environment());
    Slot slot = slots.get(new Place(context.organization(), context.environment()));
    TenantKeys entry = slot == null ? null : slot.entry;
    if (slot != null && entry != null) {
      long now = runtime.clock().millis();
      long age = now - entry.seenMillis;
      if (age < boundMillis && !entry.isExpired(now)) {
        if (entry.usedMillis != now) {
          entry.usedMillis = now; // Written once in a millisecond: threads share the line.
        }
        return age > boundMillis / 2 ? early(context, slot, entry) : entry;
      }
    }
    return load(context);
  }

  /** Has the storage asked beside; the entry is good still, unless the answer is here already. */
  private TenantKeys early(TenantContext context, Slot slot, TenantKeys entry) {
    if (!slot.awaitsLook.compareAndSet(false, true)) {
      return entry;
    }
    try {
      beside.execute(() -> look(context, slot));
    } catch (RejectedExecutionException e) {
      slot.awaitsLook.set(false); // Closing.
    }
    TenantKeys now = slot.entry;
    return now == null ? load(context) : now;
  }

  /** What goes wrong here the next caller meets that finds the entry gone or too old. */
  private void look(TenantContext context, Slot slot) {
    slot.awaitsLook.set(false);
    if (!slot.lock.tryLock()) {
      return; // Somebody asks already.
    }
    try {
      if (!slot.gone) {
        renewed(context, slot);
      }
    } catch (RuntimeException e) {
      LOG.debug("LiveKit credentials in use could not be looked after", e);
    } finally {
      leave(context, slot);
    }
  }

  /** Gives the lock back; a slot that nothing was found for goes. */
  private void leave(TenantContext context, Slot slot) {
    if (slot.entry == null && !slot.gone) {
      slot.gone = true;
      slots.remove(new Place(context.organization(), context.environment()), slot);
    }
    slot.lock.unlock();
  }

  private TenantKeys load(TenantContext context) {
    Place place = new Place(context.organization(), context.environment());
    while (true) {
      Slot slot = slots.computeIfAbsent(place, first -> new Slot());
      takeTurn(slot);
      try {
        if (!slot.gone) {
          TenantKeys entry = renewed(context, slot);
          makeRoom();
          return entry;
        }
      } finally {
        leave(context, slot);
      }
    }
  }

  /** Waits for who asks the storage already, but not for a row of them that all wait in vain. */
  private static void takeTurn(Slot slot) {
    try {
      if (!slot.lock.tryLock(TURN_SECONDS, TimeUnit.SECONDS)) {
        throw new StorageException(
            ErrorCode.STORAGE_UNAVAILABLE, "the storage does not answer for LiveKit credentials");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "interrupted", e);
    }
  }

  /** Under the slot's lock. What is refused leaves no entry. */
  private TenantKeys renewed(TenantContext context, Slot slot) {
    // Before the storage is asked: what it answers is at least that new.
    long asked = runtime.clock().millis();
    TenantKeys before = slot.entry;
    if (before != null && asked - before.seenMillis < boundMillis / 2 && !before.isExpired(asked)) {
      return before; // Somebody was faster.
    }
    TenantKeys entry;
    try {
      Organization organization = organizations.find(context);
      Secret stored = loader.find(context);
      entry =
          before != null && before.isOf(stored) && !before.isExpired(asked)
              ? before.of(organization)
              : loader.load(context, organization);
    } catch (TenantkitException e) {
      // What the storage could not answer it may answer next time; until then nothing is used that
      // is too old.
      if (before != null && !e.code().retryable()) {
        slot.entry = null;
        before.wipe();
      }
      throw e;
    }
    slot.entry = entry;
    opened.accept(entry.apiKey());
    if (before != null && !entry.currentKey().equals(before.currentKey())) {
      before.wipe();
    }
    entry.usedMillis = asked;
    entry.seenMillis = asked;
    if (closed) {
      slot.entry = null;
      entry.wipe();
    }
    return entry;
  }

  /** Forgets what was loaded; the next use asks the storage. */
  void evict(OrganizationId organization, Environment environment) {
    Place place = new Place(organization, environment);
    Slot slot = slots.get(place);
    if (slot == null) {
      return;
    }
    // Waits for who is loading, so that what was read before this call does not stay.
    slot.lock.lock();
    try {
      slot.gone = true;
      slots.remove(place, slot);
      TenantKeys entry = slot.entry;
      slot.entry = null;
      if (entry != null) {
        entry.wipe();
      }
    } finally {
      slot.lock.unlock();
    }
  }

  /** How many organizations' keys are here. */
  int size() {
    return slots.size();
  }

  /**
   * What was used longest ago goes. Its credentials are good, and somebody may be about to sign
   * with them: it is wiped a little later.
   */
  private void makeRoom() {
    long now = runtime.clock().millis();
    while (slots.size() > maxEntries) {
      Optional<Map.Entry<Place, Slot>> oldest =
          slots.entrySet().stream()
              .filter(each -> !each.getValue().lock.isLocked())
              .min(Comparator.comparingLong(each -> lastUsed(each.getValue())));
      if (oldest.isEmpty() || !remove(oldest.get().getKey(), oldest.get().getValue(), now)) {
        break;
      }
    }
    wipeRetired(now - IN_HANDS_MILLIS);
  }

  private static long lastUsed(Slot slot) {
    TenantKeys entry = slot.entry;
    return entry == null ? Long.MAX_VALUE : entry.usedMillis;
  }

  private boolean remove(Place place, Slot slot, long now) {
    if (!slot.lock.tryLock()) {
      return false;
    }
    try {
      slot.gone = true;
      slots.remove(place, slot);
      TenantKeys entry = slot.entry;
      slot.entry = null;
      if (entry != null) {
        synchronized (retired) {
          retired.add(new Retired(entry, now));
        }
      }
      return true;
    } finally {
      slot.lock.unlock();
    }
  }

  private void wipeRetired(long until) {
    synchronized (retired) {
      while (!retired.isEmpty()
          && (retired.peek().atMillis() <= until || retired.size() > maxEntries)) {
        retired.remove().entry().wipe();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    if (beside instanceof ExecutorService service) {
      // Not interrupted: that would close the file of an H2 database. What waits finds its slot
      // gone.
      service.shutdown();
    }
    slots.keySet().forEach(place -> evict(place.organization(), place.environment()));
    wipeRetired(Long.MAX_VALUE);
  }
}
