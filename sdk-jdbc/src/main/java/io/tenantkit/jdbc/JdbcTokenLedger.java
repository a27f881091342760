package io.tenantkit.jdbc;

import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tokens that were issued, and who is denied. */
final class JdbcTokenLedger implements TokenLedgerStore {
  private static final String TOKEN_COLUMNS =
      "organization_id, issuer, environment, id, subject, place, kind, grants, issued_at, expires_at, actor_kind, actor_id";
  private static final String INSERT =
      "INSERT INTO tenantkit.issued_tokens ("
          + TOKEN_COLUMNS
          + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /** Nothing of an organization that was erased. */
  private static final String INSERT_UNLESS_ERASED =
      "INSERT INTO tenantkit.issued_tokens ("
          + TOKEN_COLUMNS
          + ") SELECT "
          + "CAST(? AS varchar), ".repeat(8)
          + "CAST(? AS timestamp with time zone), ".repeat(2)
          + "CAST(? AS varchar), CAST(? AS varchar)"
          + JdbcErasures.UNLESS_ERASED;

  private static final String FIND =
      "SELECT "
          + TOKEN_COLUMNS
          + " FROM tenantkit.issued_tokens WHERE organization_id = ? AND issuer = ? AND id = ?";
  static final String REACHED = " AND environment IN (?, ?, ?)";
  private static final String ENDED_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_ended_tokens(?, ?, ?)";
  private static final String ENDED_H2 =
      """
      SELECT o.id AS organization_id
        FROM tenantkit.organizations o
       WHERE (EXISTS (SELECT 1 FROM tenantkit.issued_tokens t WHERE t.organization_id = o.id AND t.expires_at < ?)
              OR EXISTS (SELECT 1 FROM tenantkit.token_denials d WHERE d.organization_id = o.id AND d.ends_at < ?))
         AND o.id > ?
       ORDER BY o.id
       LIMIT ?""";
  private static final String REMOVE_TOKENS =
      """
      DELETE FROM tenantkit.issued_tokens
       WHERE organization_id = ?
         AND (issuer, id) IN (SELECT t.issuer, t.id
                                FROM tenantkit.issued_tokens t
                               WHERE t.organization_id = ? AND t.expires_at < ?
                               LIMIT ?)""";
  private static final String REMOVE_DENIALS =
      """
      DELETE FROM tenantkit.token_denials
       WHERE organization_id = ?
         AND id IN (SELECT d.id
                      FROM tenantkit.token_denials d
                     WHERE d.organization_id = ? AND d.ends_at < ?
                     LIMIT ?)""";

  /** PostgreSQL's protocol counts parameters in 16 bits. */
  private static final int STATEMENTS_AT_ONCE = 200;

  private final Transactions transactions;
  private final JdbcTokenDenials denials;

  JdbcTokenLedger(Transactions transactions) {
    this.transactions = transactions;
    this.denials = new JdbcTokenDenials(transactions);
  }

  @Override
  public boolean append(TenantContext context, List<LedgerEntry> entries, List<AuditEvent> events) {
    entries.forEach(each -> OwnRows.require(context.organization(), each.organization()));
    events.forEach(each -> OwnRows.require(context.organization(), each.organization()));
    LedgerEntry first = entries.get(0);
    List<Step> steps = new ArrayList<>();
    entries.stream().skip(1).forEach(each -> steps.add(new Step(INSERT, p -> columns(p, each))));
    events.forEach(each -> steps.add(JdbcAudit.insert(each)));
    // Last, under the lock of the events: what it sees erased is, and what it does not will not be
    // before this is committed.
    steps.add(
        new Step(
            INSERT_UNLESS_ERASED,
            p -> {
              columns(p, first);
              p.text(context.organization().value());
            }));
    return transactions.write(
        context,
        session -> {
          try {
            int[] counts = {};
            for (int from = 0; from < steps.size(); from += STATEMENTS_AT_ONCE) {
              counts =
                  session.execute(
                      steps.subList(from, Math.min(steps.size(), from + STATEMENTS_AT_ONCE)));
            }
            if (counts[counts.length - 1] == 0) {
              throw JdbcErasures.erased();
            }
            return true;
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case MISSING_PARENT -> throw new NotFoundException("organization");
              // Batches are written whole, so it was given before.
              case DUPLICATE -> {
                return session.undo();
              }
              default -> throw e;
            }
          }
        });
  }

  private static void columns(Params p, LedgerEntry entry) throws SQLException {
    p.text(entry.organization().value())
        .text(entry.issuer())
        .text(entry.environment().name())
        .text(entry.id())
        .text(entry.subject())
        .text(entry.place())
        .text(entry.kind())
        .text(entry.grants())
        .time(entry.issuedAt())
        .time(entry.expiresAt())
        .text(entry.actor().kind().name())
        .text(entry.actor().id());
  }

  private static LedgerEntry entry(Row row) throws SQLException {
    return new LedgerEntry(
        OrganizationId.of(row.text("organization_id")),
        row.text("issuer"),
        Environment.valueOf(row.text("environment")),
        row.text("id"),
        row.text("subject"),
        row.text("place"),
        row.text("kind"),
        row.text("grants"),
        row.time("issued_at"),
        row.time("expires_at"),
        new Actor(Actor.Kind.valueOf(row.text("actor_kind")), row.text("actor_id")));
  }

  @Override
  public Optional<LedgerEntry> find(TenantContext context, String issuer, String id) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND + REACHED,
                p -> {
                  p.text(context.organization().value()).text(issuer).text(id);
                  SecretSearch.environments(p, List.copyOf(context.environments()));
                },
                JdbcTokenLedger::entry));
  }

  /** What a query asks for, with the parameters in the order of {@link #bind}. */
  private static String where(LedgerQuery query) {
    return " FROM tenantkit.issued_tokens WHERE organization_id = ? AND issuer = ?"
        + REACHED
        + (query.subject().isPresent() ? " AND subject = ?" : "")
        + (query.place().isPresent() ? " AND place = ?" : "")
        + (query.liveAt().isPresent() ? " AND expires_at > ?" : "")
        + (query.issuedBy().isPresent() ? " AND issued_at <= ?" : "");
  }

  private static void bind(Params p, TenantContext context, String issuer, LedgerQuery query)
      throws SQLException {
    p.text(context.organization().value()).text(issuer);
    SecretSearch.environments(p, List.copyOf(context.environments()));
    if (query.subject().isPresent()) {
      p.text(query.subject().get());
    }
    if (query.place().isPresent()) {
      p.text(query.place().get());
    }
    if (query.liveAt().isPresent()) {
      p.time(query.liveAt().get());
    }
    if (query.issuedBy().isPresent()) {
      p.time(query.issuedBy().get());
    }
  }

  @Override
  public List<LedgerEntry> list(
      TenantContext context,
      String issuer,
      LedgerQuery query,
      @Nullable String afterId,
      int limit) {
    String sql = "SELECT " + TOKEN_COLUMNS + where(query) + " AND id > ? ORDER BY id LIMIT ?";
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  bind(p, context, issuer, query);
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                JdbcTokenLedger::entry));
  }

  @Override
  public long count(TenantContext context, String issuer, LedgerQuery query) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    "SELECT COUNT(*) AS tokens" + where(query),
                    p -> bind(p, context, issuer, query),
                    row -> row.number("tokens"))
                .orElseThrow());
  }

  @Override
  public Optional<Instant> lastExpiry(TenantContext context, String issuer, LedgerQuery query) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    "SELECT MAX(expires_at) AS last_end" + where(query),
                    p -> bind(p, context, issuer, query),
                    row -> row.optionalTime("last_end"))
                .flatMap(found -> found));
  }

  @Override
  public void deny(TenantContext context, TokenDenial denial, AuditEvent event) {
    denials.deny(context, denial, event);
  }

  @Override
  public boolean lift(TenantContext context, String denialId, AuditEvent event) {
    return denials.lift(context, denialId, event);
  }

  @Override
  public boolean extend(TenantContext context, String denialId, Instant until) {
    return denials.extend(context, denialId, until);
  }

  @Override
  public List<TokenDenial> denials(
      TenantContext context, Instant activeAt, @Nullable String afterId, int limit) {
    return denials.denials(context, activeAt, afterId, limit);
  }

  @Override
  public List<Denied> organizationsWithDenials(Instant now, @Nullable String afterId, int limit) {
    return denials.organizationsWithDenials(now, afterId, limit);
  }

  @Override
  public List<OrganizationId> organizationsWithEnded(
      Instant before, @Nullable String afterId, int limit) {
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    return transactions.read(
        session ->
            session.query(
                postgresql ? ENDED_POSTGRESQL : ENDED_H2,
                p -> {
                  p.time(before);
                  if (!postgresql) {
                    p.time(before);
                  }
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public int removeEnded(TenantContext context, Instant before, int limit) {
    String organization = context.organization().value();
    Step.Binder ended = p -> p.text(organization).text(organization).time(before).integer(limit);
    return transactions.write(
        context,
        session -> {
          int[] counts =
              session.execute(new Step(REMOVE_TOKENS, ended), new Step(REMOVE_DENIALS, ended));
          return counts[0] + counts[1];
        });
  }

  @Override
  public void removeAll(TenantContext context) {
    Step.Binder own = p -> p.text(context.organization().value());
    transactions.<Boolean>write(
        context,
        session -> {
          int[] counts =
              session.execute(
                  new Step("DELETE FROM tenantkit.issued_tokens WHERE organization_id = ?", own),
                  new Step("DELETE FROM tenantkit.token_denials WHERE organization_id = ?", own));
          if (counts[1] > 0) {
            JdbcTokenDenials.mark(session, context, Instant.EPOCH);
          }
          return true;
        });
  }
}
