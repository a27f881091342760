package io.tenantkit.vault.usage;

import io.tenantkit.event.EventType;

/** The rules by which use is unusual. {@link AnomalyRules} says each. */
public enum AnomalyRule {
  /** An actor uses a secret that others have used for long. */
  NEW_ACTOR(EventType.SECRET_NEW_ACTOR),
  /** An actor uses a secret through a tool that it never used for it. */
  NEW_TOOL(EventType.SECRET_NEW_TOOL),
  /** A secret is used much more than at this hour of other days. */
  BURST(EventType.SECRET_BURST),
  /** An actor with habits uses a secret at an hour at which it never did. */
  UNUSUAL_HOUR(EventType.SECRET_UNUSUAL_HOUR),
  /** An actor is refused again and again. */
  DENIED_STREAK(EventType.SECRET_DENIED_STREAK),
  /** A secret is used that was not for long. */
  DORMANT_USED(EventType.SECRET_DORMANT_USED);

  private final EventType event;

  AnomalyRule(EventType event) {
    this.event = event;
  }

  /** The event that tells of it, which says how severe it is. */
  public EventType event() {
    return event;
  }
}
