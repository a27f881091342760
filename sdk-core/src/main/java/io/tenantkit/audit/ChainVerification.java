package io.tenantkit.audit;

import io.tenantkit.tenant.OrganizationId;

/** What verifying an organization's audit chain found. Immutable. */
public sealed interface ChainVerification {

  /** Whose chain. */
  OrganizationId organization();

  /**
   * Every event is there as it was written, in its place, up to the head.
   *
   * @param organization whose chain
   * @param events how many were verified
   * @param seq the last event's number; of a chain without events 0, or what was pruned
   * @param hash the last event's link
   */
  record Intact(OrganizationId organization, long events, long seq, ChainHash hash)
      implements ChainVerification {}

  /**
   * The chain does not hold.
   *
   * @param organization whose chain
   * @param seq the first number at which it does not
   * @param kind how
   */
  record Broken(OrganizationId organization, long seq, Kind kind) implements ChainVerification {}

  /** How a chain is broken. */
  enum Kind {
    /** The event is not the one that was written. */
    ALTERED,
    /** There is no event with this number, but later ones. */
    MISSING,
    /** Another event of the trail belongs here. */
    REORDERED,
    /** There is an event too many, or the head does not follow from the events. */
    FORKED,
    /** The head, or a checkpoint, tells of events at the end that are not there. */
    CUT_TAIL,
    /** Consistent in itself, but not what was signed: the chain was computed anew. */
    REWRITTEN,
    /** A checkpoint was not signed by this installation. */
    CHECKPOINT_FORGED
  }
}
