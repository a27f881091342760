package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.TokenLedgerStore.Denied;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenDenial;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is denied, and how often that changed. */
final class JdbcTokenDenials {
  private static final String DENIAL_COLUMNS =
      "id, issuer, environment, target, token_id, subject, place, denied_at, ends_at, first_ends_at, actor_kind, actor_id,"
          + " reason";
  private static final String DENY =
      "INSERT INTO tenantkit.token_denials (organization_id, "
          + DENIAL_COLUMNS
          + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String MARK =
      """
      UPDATE tenantkit.token_denial_marks
         SET revision = revision + 1, ends_at = GREATEST(ends_at, ?)
       WHERE organization_id = ?""";
  private static final String FIRST_MARK =
      "INSERT INTO tenantkit.token_denial_marks (organization_id, revision, ends_at) VALUES (?, 1, ?)";
  private static final String LIFT =
      "DELETE FROM tenantkit.token_denials WHERE organization_id = ? AND id = ?"
          + JdbcTokenLedger.REACHED;
  private static final String EXTEND =
      "UPDATE tenantkit.token_denials SET ends_at = ? WHERE organization_id = ? AND id = ? AND ends_at < ?"
          + JdbcTokenLedger.REACHED;
  private static final String DENIALS =
      "SELECT "
          + DENIAL_COLUMNS
          + " FROM tenantkit.token_denials WHERE organization_id = ? AND ends_at > ? AND id > ?"
          + JdbcTokenLedger.REACHED
          + " ORDER BY id LIMIT ?";
  private static final String DENIED_POSTGRESQL =
      "SELECT organization_id, revision FROM tenantkit.organizations_with_token_denials(?, ?, ?)";
  private static final String DENIED_H2 =
      """
      SELECT organization_id, revision
        FROM tenantkit.token_denial_marks
       WHERE ends_at > ? AND organization_id > ?
       ORDER BY organization_id
       LIMIT ?""";

  private final Transactions transactions;

  JdbcTokenDenials(Transactions transactions) {
    this.transactions = transactions;
  }

  void deny(TenantContext context, TokenDenial denial, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    transactions.<Boolean>write(
        context,
        session -> {
          try {
            // The event first: its lock has the changes of one organization come one by one.
            session.execute(JdbcAudit.insert(event));
            if (JdbcErasures.isErased(session, context)) {
              throw JdbcErasures.erased();
            }
            session.execute(new Step(DENY, p -> columns(p, context, denial)));
            mark(session, context, denial.until());
            return true;
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case MISSING_PARENT -> throw new NotFoundException("organization");
              case DUPLICATE -> throw new ConflictException("token denial exists already");
              default -> throw e;
            }
          }
        });
  }

  private static void columns(Params p, TenantContext context, TokenDenial denial)
      throws SQLException {
    p.text(context.organization().value())
        .text(denial.id())
        .text(denial.issuer())
        .text(denial.environment().name())
        .text(denial.target().name())
        .text(denial.tokenId())
        .text(denial.subject())
        .text(denial.place())
        .time(denial.deniedAt())
        .time(denial.until())
        .time(denial.firstUntil())
        .text(denial.actor().kind().name())
        .text(denial.actor().id())
        .text(denial.reason());
  }

  static void mark(Session session, TenantContext context, Instant until) throws SQLException {
    String organization = context.organization().value();
    if (session.execute(new Step(MARK, p -> p.time(until).text(organization)))[0] == 0) {
      session.execute(new Step(FIRST_MARK, p -> p.text(organization).time(until)));
    }
  }

  boolean lift(TenantContext context, String denialId, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    return transactions.write(
        context,
        session -> {
          session.execute(JdbcAudit.insert(event));
          Step removal =
              new Step(
                  LIFT,
                  p -> {
                    p.text(context.organization().value()).text(denialId);
                    SecretSearch.environments(p, List.copyOf(context.environments()));
                  });
          if (session.execute(removal)[0] == 0) {
            return session.undo();
          }
          mark(session, context, Instant.EPOCH);
          return true;
        });
  }

  boolean extend(TenantContext context, String denialId, Instant until) {
    return transactions.write(
        context,
        session -> {
          Step later =
              new Step(
                  EXTEND,
                  p -> {
                    p.time(until).text(context.organization().value()).text(denialId).time(until);
                    SecretSearch.environments(p, List.copyOf(context.environments()));
                  });
          if (session.execute(later)[0] == 0) {
            return session.undo();
          }
          mark(session, context, until);
          return true;
        });
  }

  List<TokenDenial> denials(
      TenantContext context, Instant activeAt, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                DENIALS,
                p -> {
                  p.text(context.organization().value())
                      .time(activeAt)
                      .text(afterId == null ? "" : afterId);
                  SecretSearch.environments(p, List.copyOf(context.environments()));
                  p.integer(limit);
                },
                JdbcTokenDenials::denial));
  }

  private static TokenDenial denial(Row row) throws SQLException {
    return new TokenDenial(
        row.text("id"),
        row.text("issuer"),
        Environment.valueOf(row.text("environment")),
        TokenDenial.Target.valueOf(row.text("target")),
        row.text("token_id"),
        row.text("subject"),
        row.text("place"),
        row.time("denied_at"),
        row.time("ends_at"),
        row.time("first_ends_at"),
        new Actor(Actor.Kind.valueOf(row.text("actor_kind")), row.text("actor_id")),
        row.text("reason"));
  }

  List<Denied> organizationsWithDenials(Instant now, @Nullable String afterId, int limit) {
    String sql = transactions.dialect() == Dialect.POSTGRESQL ? DENIED_POSTGRESQL : DENIED_H2;
    return transactions.read(
        session ->
            session.query(
                sql,
                p -> p.time(now).text(afterId == null ? "" : afterId).integer(limit),
                row ->
                    new Denied(
                        OrganizationId.of(row.text("organization_id")), row.number("revision"))));
  }
}
