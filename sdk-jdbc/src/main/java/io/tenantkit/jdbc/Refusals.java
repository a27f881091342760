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

  /**
   * Runs the statements.
   *
   * @return false, with nothing written, when it is taken
   * @throws NotFoundException when the organization does not exist
   * @throws ConflictException when the event exists already
   */
  static boolean attempt(
      Transactions transactions, TenantContext context, List<Step> steps, Taken taken) {
    boolean done =
        transactions.write(
            context,
            session -> {
              try {
                session.execute(steps);
                return true;
              } catch (SQLException e) {
                return switch (transactions.dialect().classify(e)) {
                  case DUPLICATE, MISSING_PARENT -> session.undo();
                  default -> throw e;
                };
              }
            });
    return done || reason(transactions, context, taken);
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
