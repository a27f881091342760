package io.tenantkit.spi;

import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Optional;

/**
 * Which events from outside were taken, so that of several nodes one handles each. Every verb is
 * atomic, sees only the caller's organization, and joins the transaction that the context carries.
 */
public interface ReceivedEventStore {

  /** The answer to who asks for an event. */
  enum Taken {
    /** It is the caller's to handle; what it changes is written. */
    YOURS,
    /** Another has it and may still be at it. */
    HELD,
    /** It was handled. */
    DONE
  }

  /**
   * Takes an event, and writes what it says of somebody's presence together with it. An event that
   * was given back, or whose time to be held is over, is taken anew; what it changes is written
   * again, which changes nothing.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.TenantkitException with {@code ORGANIZATION_ERASED} when it was erased
   */
  Taken take(TenantContext context, ReceivedEvent event, Optional<PresenceChange> change);

  /**
   * Marks an event as handled.
   *
   * @return false when the claim does not hold it any more
   */
  boolean done(TenantContext context, String source, String id, String claim);

  /**
   * Gives an event back unhandled, so that whoever it is sent to again gets it.
   *
   * @return false when the claim does not hold it any more
   */
  boolean giveBack(TenantContext context, String source, String id, String claim);

  /**
   * Forgets events that were received before a time.
   *
   * @return how many, at most {@code limit}
   */
  int forget(TenantContext context, Instant receivedBefore, int limit);
}
