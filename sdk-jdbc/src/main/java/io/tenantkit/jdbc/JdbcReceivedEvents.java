package io.tenantkit.jdbc;

import io.tenantkit.NotFoundException;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.ReceivedEvent;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Which events from outside were taken. */
final class JdbcReceivedEvents implements ReceivedEventStore {
  static final String ERASE = "DELETE FROM tenantkit.received_events WHERE organization_id = ?";

  private static final String INSERT =
      """
      INSERT INTO tenantkit.received_events (organization_id, source, id, received_at, claim, held_until)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS timestamp with time zone),
             CAST(? AS varchar), CAST(? AS timestamp with time zone)"""
          + JdbcErasures.UNLESS_ERASED;
  private static final String OF_ONE = " WHERE organization_id = ? AND source = ? AND id = ?";
  private static final String FIND_H2 =
      "SELECT id, held_until FROM tenantkit.received_events" + OF_ONE;

  /** With the lock, in one round trip. */
  private static final String FIND_POSTGRESQL =
      """
      SELECT e.id, e.held_until
        FROM %s l
        LEFT JOIN tenantkit.received_events e ON e.organization_id = ? AND e.source = ? AND e.id = ?"""
          .formatted(ErasureLock.SHARED);

  private static final String TAKE_OVER =
      "UPDATE tenantkit.received_events SET received_at = ?, claim = ?, held_until = ?"
          + OF_ONE
          + " AND held_until <= ?";
  private static final String DONE =
      "UPDATE tenantkit.received_events SET claim = NULL, held_until = NULL"
          + OF_ONE
          + " AND claim = ?";
  private static final String GIVE_BACK =
      "DELETE FROM tenantkit.received_events" + OF_ONE + " AND claim = ?";
  private static final String FORGET =
      """
      DELETE FROM tenantkit.received_events
       WHERE organization_id = ? AND (source, id) IN (
         SELECT e.source, e.id FROM tenantkit.received_events e
          WHERE e.organization_id = ? AND e.received_at < ?
          LIMIT ?)""";

  /** How often two that write the same presence for the first time get out of each other's way. */
  private static final int ATTEMPTS = 5;

  private final Transactions transactions;

  JdbcReceivedEvents(Transactions transactions) {
    this.transactions = transactions;
  }

  /** How an attempt ended. */
  private enum Outcome {
    YOURS,
    HELD,
    DONE,
    TAKEN_MEANWHILE,
    NO_ORGANIZATION
  }

  @Override
  public Taken take(TenantContext context, ReceivedEvent event, Optional<PresenceChange> change) {
    for (int attempt = 1; ; attempt++) {
      Outcome outcome =
          transactions.write(context, session -> take(session, context, event, change));
      switch (outcome) {
        case YOURS -> {
          return Taken.YOURS;
        }
        case HELD -> {
          return Taken.HELD;
        }
        case DONE -> {
          return Taken.DONE;
        }
        case NO_ORGANIZATION -> throw new NotFoundException("organization");
        case TAKEN_MEANWHILE -> {
          if (attempt == ATTEMPTS) {
            return Taken.HELD;
          }
        }
      }
    }
  }

  private Outcome take(
      Session session, TenantContext context, ReceivedEvent event, Optional<PresenceChange> change)
      throws SQLException {
    try {
      Optional<Optional<Instant>> before = find(session, context, event);
      if (before.isEmpty()) {
        if (session.execute(new Step(INSERT, p -> inserted(p, context, event)))[0] == 0) {
          throw JdbcErasures.erased();
        }
      } else if (before.get().isEmpty()) {
        session.undo();
        return Outcome.DONE;
      } else if (session.execute(new Step(TAKE_OVER, p -> takenOver(p, context, event)))[0] == 0) {
        session.undo();
        return Outcome.HELD;
      }
      if (change.isPresent()) {
        Instant checkAt = event.receivedAt().plus(PresenceStore.CHECK_AFTER);
        JdbcPresences.write(session, context, change.get(), checkAt);
      }
      return Outcome.YOURS;
    } catch (SQLException e) {
      return switch (transactions.dialect().classify(e)) {
        // Of this event or of the presence: who came first has committed, so look again.
        case DUPLICATE -> undone(session, Outcome.TAKEN_MEANWHILE);
        case MISSING_PARENT -> undone(session, Outcome.NO_ORGANIZATION);
        default -> throw e;
      };
    }
  }

  /** Until when an event is held that is there, under the lock that keeps erasures off. */
  private Optional<Optional<Instant>> find(
      Session session, TenantContext context, ReceivedEvent event) throws SQLException {
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    return session
        .first(
            postgresql ? FIND_POSTGRESQL : FIND_H2,
            p -> {
              if (postgresql) {
                p.text(context.organization().value());
              }
              key(p, context, event.source(), event.id());
            },
            row ->
                row.textOrNull("id") == null
                    ? Optional.<Optional<Instant>>empty()
                    : Optional.of(row.optionalTime("held_until")))
        .flatMap(found -> found);
  }

  private static Outcome undone(Session session, Outcome outcome) {
    session.undo();
    return outcome;
  }

  private static void inserted(Params p, TenantContext context, ReceivedEvent event)
      throws SQLException {
    key(p, context, event.source(), event.id());
    p.time(event.receivedAt())
        .text(event.held().map(ReceivedEvent.Hold::claim).orElse(null))
        .time(event.held().map(ReceivedEvent.Hold::until))
        .text(context.organization().value());
  }

  private static void takenOver(Params p, TenantContext context, ReceivedEvent event)
      throws SQLException {
    p.time(event.receivedAt())
        .text(event.held().map(ReceivedEvent.Hold::claim).orElse(null))
        .time(event.held().map(ReceivedEvent.Hold::until));
    key(p, context, event.source(), event.id());
    p.time(event.receivedAt());
  }

  @Override
  public boolean done(TenantContext context, String source, String id, String claim) {
    return held(context, DONE, source, id, claim);
  }

  @Override
  public boolean giveBack(TenantContext context, String source, String id, String claim) {
    return held(context, GIVE_BACK, source, id, claim);
  }

  private boolean held(TenantContext context, String sql, String source, String id, String claim) {
    Step step =
        new Step(
            sql,
            p -> {
              key(p, context, source, id);
              p.text(claim);
            });
    return transactions.write(context, session -> session.execute(step)[0] == 1 || session.undo());
  }

  @Override
  public int forget(TenantContext context, Instant receivedBefore, int limit) {
    String organization = context.organization().value();
    return transactions.write(
        context,
        session ->
            session
                .execute(
                    new Step(
                        FORGET,
                        p ->
                            p.text(organization)
                                .text(organization)
                                .time(receivedBefore)
                                .integer(limit)))[0]);
  }

  private static void key(Params p, TenantContext context, String source, String id)
      throws SQLException {
    p.text(context.organization().value()).text(source).text(id);
  }
}
