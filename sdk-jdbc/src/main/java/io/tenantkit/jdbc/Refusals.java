package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;

/**
 * Verbs that insert several rows in one flush and whose refusal has several reasons. A database
 * says only that some row was a duplicate or lacked its parent; the reason is looked up afterwards,
 * so that the usual case pays nothing for it.
 */
final class Refusals {
  static final String ORGANIZATION = "SELECT id FROM tenantkit.organizations WHERE id = ?";

  private Refusals() {}

  /** Looks whether what the verb adds is there already. */
  @FunctionalInterface
  interface Taken {
    boolean look(Session session) throws SQLException;
  }

  /** Looks whether each statement changed as many rows as it must. */
  @FunctionalInterface
  interface Counts {
    boolean right(int[] counts);
  }

  /** Runs after the statements, in their transaction; what it throws undoes them. */
  @FunctionalInterface
  interface After {
    void run(Session session) throws SQLException;
  }

  /** How the statements ended. */
  private enum Outcome {
    DONE,
    LOST,
    REFUSED
  }

  /**
   * Runs the statements.
   *
   * @return false, with nothing written, when it is taken
   * @throws NotFoundException when the organization does not exist
   * @throws ConflictException when the event exists already
   */
  static boolean attempt(
      Transactions transactions, TenantContext context, List<Step> steps, Taken taken) {
    return attempt(transactions, context, steps, counts -> true, session -> {}, taken);
  }

  /**
   * As the other, for statements of which some must change a row.
   *
   * @return false, with nothing written, when it is taken or the counts are not right
   */
  static boolean attempt(
      Transactions transactions,
      TenantContext context,
      List<Step> steps,
      Counts counts,
      After after,
      Taken taken) {
    Outcome outcome =
        transactions.write(
            context,
            session -> {
              try {
                if (counts.right(session.execute(steps))) {
                  after.run(session);
                  return Outcome.DONE;
                }
                session.undo();
                return Outcome.LOST;
              } catch (SQLException e) {
                switch (transactions.dialect().classify(e)) {
                  case DUPLICATE, MISSING_PARENT -> session.undo();
                  default -> throw e;
                }
                return Outcome.REFUSED;
              }
            });
    return outcome == Outcome.DONE
        || (outcome == Outcome.REFUSED && reason(transactions, context, taken));
  }

  private static boolean reason(Transactions transactions, TenantContext context, Taken taken) {
    return transactions.read(
        context,
        session -> {
          if (session
              .first(
                  ORGANIZATION, p -> p.text(context.organization().value()), row -> row.text("id"))
              .isEmpty()) {
            throw new NotFoundException("organization");
          }
          if (taken.look(session)) {
            return false;
          }
          throw JdbcAudit.exists();
        });
  }
}
