package io.tenantkit.tenant;

import io.tenantkit.spi.Texts;
import java.util.Objects;
import java.util.Optional;

/**
 * Authority to act for the host across tenants: create and suspend organizations, list them. Made
 * by hand only through {@link #trusted}, so that a search for that word finds every use. Immutable.
 */
public final class Operator {
  private static final int MAX_REASON = 1_000;

  private final Actor actor;
  private final String reason;
  private final Optional<HostTransaction> transaction;

  private Operator(Actor actor, String reason, Optional<HostTransaction> transaction) {
    this.actor = actor;
    this.reason = reason;
    this.transaction = transaction;
  }

  /**
   * The host's operator.
   *
   * @param id who, 1 to 255 characters
   * @param reason why, 1 to 1,000 characters, kept in the audit trail
   */
  public static Operator trusted(String id, String reason) {
    Texts.require("reason", reason, MAX_REASON);
    return new Operator(new Actor(Actor.Kind.OPERATOR, id), reason, Optional.empty());
  }

  /** Who acts. */
  public Actor actor() {
    return actor;
  }

  /** Why. */
  public String reason() {
    return reason;
  }

  /** The host's transaction that this operator's calls take part in, if it joined one. */
  public Optional<HostTransaction> transaction() {
    return transaction;
  }

  /** The same operator inside the host's transaction. Called by storages when they join. */
  public Operator joining(HostTransaction joined) {
    return new Operator(actor, reason, Optional.of(Objects.requireNonNull(joined)));
  }

  /** Who and why, for people. */
  @Override
  public String toString() {
    return "Operator[" + actor.id() + ": " + reason + "]";
  }
}
