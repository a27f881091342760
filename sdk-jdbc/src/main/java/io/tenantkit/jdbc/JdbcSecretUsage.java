package io.tenantkit.jdbc;

import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.usage.ActorAccess;
import io.tenantkit.vault.usage.AnomalyRule;
import io.tenantkit.vault.usage.CostLine;
import io.tenantkit.vault.usage.Finding;
import io.tenantkit.vault.usage.UsageGrain;
import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import io.tenantkit.vault.usage.UsageLine;
import io.tenantkit.vault.usage.UsageQuery;
import io.tenantkit.vault.usage.UseSubject;
import io.tenantkit.vault.usage.UseTimes;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sums of the uses of secrets, their cost, and what was unusual. */
final class JdbcSecretUsage implements SecretUsageStore {
  private static final String REACHED = " AND environment IN (?, ?, ?)";
  private static final String SUMS =
      """
      SUM(CASE WHEN outcome = 'OK' THEN uses ELSE 0 END) AS ok,
      SUM(CASE WHEN outcome IN ('DENIED', 'NOT_FOUND') THEN uses ELSE 0 END) AS refused,
      SUM(CASE WHEN outcome IN ('REJECTED', 'FAILED') THEN uses ELSE 0 END) AS failed,
      MIN(first_at) AS first_at, MAX(last_at) AS last_at
        FROM tenantkit.secret_usage
      """;
  private static final String SPAN =
      " WHERE organization_id = ? AND grain = ? AND starts_at >= ? AND starts_at < ?" + REACHED;
  private static final String TIMES =
      """
      SELECT SUM(uses) AS uses, MIN(first_at) AS first_at, MAX(last_at) AS last_at
        FROM tenantkit.secret_usage
       WHERE organization_id = ? AND grain = 'EVER' AND starts_at = ? AND secret_id = ? AND outcome = 'OK'"""
          + REACHED;
  private static final String ACCESS_KEY = "secret_id, actor_kind, actor_id, environment";
  private static final String COST_KEY = "secret_id, starts_at, unit, currency, environment";
  private static final String SEEN =
      """
      SELECT MIN(first_at) AS by_anybody,
             MIN(CASE WHEN actor_kind = ? AND actor_id = ? THEN first_at END) AS by_actor,
             MIN(CASE WHEN actor_kind = ? AND actor_id = ? AND tool = ? THEN first_at END) AS by_tool,
             COUNT(DISTINCT actor_kind || ':' || actor_id) AS actors
        FROM tenantkit.secret_usage
       WHERE organization_id = ? AND grain = 'EVER' AND starts_at = ? AND secret_id = ? AND outcome = 'OK'""";
  private static final String HOURS =
      """
      SELECT starts_at, SUM(uses) AS uses
        FROM tenantkit.secret_usage
       WHERE organization_id = ? AND grain = 'HOUR' AND secret_id = ? AND starts_at >= ? AND starts_at < ?""";
  private static final String LAST_DAY =
      """
      SELECT MAX(starts_at) AS last_day
        FROM tenantkit.secret_usage
       WHERE organization_id = ? AND grain = 'DAY' AND secret_id = ? AND outcome = 'OK' AND starts_at < ?""";
  private static final String MARK =
      "SELECT written, analysed FROM tenantkit.secret_usage_marks WHERE organization_id = ?";
  private static final String CHANGED =
      """
      SELECT secret_id, environment, actor_kind, actor_id, tool, outcome, starts_at, uses, written
        FROM tenantkit.secret_usage
       WHERE organization_id = ? AND grain = 'HOUR' AND starts_at >= ? AND written > ?
       ORDER BY written
       LIMIT ?""";
  private static final String ANALYSED =
      "UPDATE tenantkit.secret_usage_marks SET analysed = ? WHERE organization_id = ? AND analysed < ?";
  private static final String RECORD =
      """
      INSERT INTO tenantkit.security_findings
        (organization_id, id, rule, severity, secret_id, environment, actor_kind, actor_id, tool, happened_at, baseline,
         observed, threshold)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String FOUND =
      "SELECT id FROM tenantkit.security_findings WHERE organization_id = ? AND id = ?";
  private static final String FINDINGS =
      """
      SELECT organization_id, id, rule, secret_id, environment, actor_kind, actor_id, tool, happened_at, baseline, observed,
             threshold
        FROM tenantkit.security_findings
       WHERE organization_id = ? AND id > ? AND id < ?"""
          + REACHED
          + "\n ORDER BY id\n LIMIT ?";
  private static final String DUE_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_usage(?, ?, ?)";
  private static final String DUE_H2 =
      """
      SELECT organization_id
        FROM tenantkit.secret_usage_marks
       WHERE (analysed < written OR cleaned_at < ?) AND organization_id > ?
       ORDER BY organization_id
       LIMIT ?""";
  private static final String CLEANED =
      "UPDATE tenantkit.secret_usage_marks SET cleaned_at = ? WHERE organization_id = ?";
  private static final String FORGET_NODES =
      "DELETE FROM tenantkit.secret_usage_batches WHERE organization_id = ? AND written_at < ?";

  /** A node gives a batch again within minutes; after so long it lives no more. */
  private static final int NODE_DAYS = 30;

  private final Transactions transactions;

  JdbcSecretUsage(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public boolean add(TenantContext context, SecretUsageBatch batch) {
    return transactions.write(
        context,
        session -> {
          try {
            return SecretUsageWrites.add(session, transactions.dialect(), context, batch);
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              throw new NotFoundException("organization");
            }
            throw e;
          }
        });
  }

  @Override
  public List<UsageLine> usage(
      TenantContext context, UsageQuery query, @Nullable String afterKey, int limit) {
    // The column is no part of a key, so its order is the database's.
    String address =
        transactions.dialect() == Dialect.POSTGRESQL
            ? "COALESCE(last_address, '') COLLATE \"C\""
            : "COALESCE(last_address, '')";
    boolean byTime = query.by() == UsageQuery.By.DAY || query.by() == UsageQuery.By.HOUR;
    String key =
        switch (query.by()) {
          case SECRET -> "secret_id";
          case ACTOR -> "actor_kind || ':' || actor_id";
          case TOOL -> "tool";
          case ADDRESS -> address;
          case DAY, HOUR -> "starts_at";
        };
    String sql =
        "SELECT "
            + key
            + " AS line_key, "
            + SUMS
            + SPAN
            + (query.secret().isPresent() ? " AND secret_id = ?" : "")
            + (query.actor().isPresent() ? " AND actor_kind = ? AND actor_id = ?" : "")
            + (query.address().isPresent() ? " AND COALESCE(last_address, '') = ?" : "")
            + (afterKey == null ? "" : " AND " + key + " > ?")
            + "\n GROUP BY "
            + key
            + " ORDER BY "
            + key
            + "\n LIMIT ?";
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  span(p, context, query.by().grain(), query.firstSpan(), query.until());
                  if (query.secret().isPresent()) {
                    p.text(query.secret().get().value());
                  }
                  if (query.actor().isPresent()) {
                    actor(p, query.actor().get());
                  }
                  if (query.address().isPresent()) {
                    p.text(query.address().get());
                  }
                  if (afterKey != null && byTime) {
                    p.time(Instant.parse(afterKey));
                  } else if (afterKey != null) {
                    p.text(afterKey);
                  }
                  p.integer(limit);
                },
                row ->
                    new UsageLine(
                        byTime ? row.time("line_key").toString() : row.text("line_key"),
                        row.number("ok"),
                        row.number("refused"),
                        row.number("failed"),
                        row.time("first_at"),
                        row.time("last_at"))));
  }

  private static void span(
      Params p, TenantContext context, UsageGrain grain, Instant from, Instant until)
      throws SQLException {
    p.text(context.organization().value()).text(grain.name()).time(from).time(until);
    reached(p, context);
  }

  private static void reached(Params p, TenantContext context) throws SQLException {
    List<Environment> reach = List.copyOf(context.environments());
    for (int i = 0; i < Environment.values().length; i++) {
      p.text(reach.get(Math.min(i, reach.size() - 1)).name());
    }
  }

  private static void actor(Params p, Actor actor) throws SQLException {
    p.text(actor.kind().name()).text(actor.id());
  }

  @Override
  public Optional<UseTimes> times(TenantContext context, String secret) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    TIMES,
                    p -> {
                      p.text(context.organization().value()).time(Instant.EPOCH).text(secret);
                      reached(p, context);
                    },
                    JdbcSecretUsage::times)
                .flatMap(found -> found));
  }

  /** A sum of nothing is a row too. */
  private static Optional<UseTimes> times(Row row) throws SQLException {
    Optional<Instant> first = row.optionalTime("first_at");
    return first.isEmpty()
        ? Optional.empty()
        : Optional.of(new UseTimes(row.number("uses"), first.get(), row.time("last_at")));
  }

  @Override
  public List<ActorAccess> access(
      TenantContext context, Instant from, Instant until, @Nullable UseSubject after, int limit) {
    String sql =
        "SELECT "
            + ACCESS_KEY
            + ", "
            + SUMS
            + SPAN
            + (after == null ? "" : " AND (" + ACCESS_KEY + ") > (?, ?, ?, ?)")
            + "\n GROUP BY "
            + ACCESS_KEY
            + " ORDER BY "
            + ACCESS_KEY
            + "\n LIMIT ?";
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  span(p, context, UsageGrain.DAY, UsageGrain.DAY.start(from), until);
                  if (after != null) {
                    p.text(after.secret());
                    actor(p, after.actor());
                    p.text(after.environment().name());
                  }
                  p.integer(limit);
                },
                row ->
                    new ActorAccess(
                        subject(row, ""),
                        row.number("ok"),
                        row.number("refused"),
                        row.number("failed"),
                        row.time("first_at"),
                        row.time("last_at"))));
  }

  private static UseSubject subject(Row row, String tool) throws SQLException {
    return new UseSubject(
        row.text("secret_id"),
        Environment.valueOf(row.text("environment")),
        new Actor(Actor.Kind.valueOf(row.text("actor_kind")), row.text("actor_id")),
        tool);
  }

  @Override
  public List<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      Optional<String> secret,
      @Nullable CostLine after,
      int limit) {
    String sql =
        "SELECT "
            + COST_KEY
            + ", amount, cost_micros, reports FROM tenantkit.secret_costs"
            + " WHERE organization_id = ? AND starts_at >= ? AND starts_at < ?"
            + REACHED
            + (secret.isPresent() ? " AND secret_id = ?" : "")
            + (after == null ? "" : " AND (" + COST_KEY + ") > (?, ?, ?, ?, ?)")
            + "\n ORDER BY "
            + COST_KEY
            + "\n LIMIT ?";
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  p.text(context.organization().value());
                  p.time(UsageGrain.DAY.start(from)).time(until);
                  reached(p, context);
                  if (secret.isPresent()) {
                    p.text(secret.get());
                  }
                  if (after != null) {
                    p.text(after.secret())
                        .time(after.day())
                        .text(after.unit())
                        .text(after.currency())
                        .text(after.environment().name());
                  }
                  p.integer(limit);
                },
                row ->
                    new CostLine(
                        row.text("secret_id"),
                        Environment.valueOf(row.text("environment")),
                        row.time("starts_at"),
                        row.text("unit"),
                        row.text("currency"),
                        row.number("amount"),
                        row.number("cost_micros"),
                        row.number("reports"))));
  }

  @Override
  public Seen seen(TenantContext context, String secret, Actor actor, String tool) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    SEEN,
                    p -> {
                      actor(p, actor);
                      actor(p, actor);
                      p.text(tool)
                          .text(context.organization().value())
                          .time(Instant.EPOCH)
                          .text(secret);
                    },
                    row ->
                        new Seen(
                            row.optionalTime("by_anybody"),
                            row.optionalTime("by_actor"),
                            row.optionalTime("by_tool"),
                            row.number("actors")))
                .orElseThrow());
  }

  @Override
  public List<HourCount> hours(
      TenantContext context,
      String secret,
      Optional<Actor> actor,
      boolean refused,
      Instant from,
      Instant until) {
    String sql =
        HOURS
            + (refused ? " AND outcome IN ('DENIED', 'NOT_FOUND')" : " AND outcome = 'OK'")
            + (actor.isPresent() ? " AND actor_kind = ? AND actor_id = ?" : "")
            + "\n GROUP BY starts_at ORDER BY starts_at";
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  p.text(context.organization().value()).text(secret).time(from).time(until);
                  if (actor.isPresent()) {
                    actor(p, actor.get());
                  }
                },
                row -> new HourCount(row.time("starts_at"), row.number("uses"))));
  }

  @Override
  public Optional<Instant> lastDayBefore(TenantContext context, String secret, Instant day) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    LAST_DAY,
                    p -> p.text(context.organization().value()).text(secret).time(day),
                    row -> row.optionalTime("last_day"))
                .flatMap(found -> found));
  }

  @Override
  public Mark mark(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session
                .first(
                    MARK,
                    p -> p.text(context.organization().value()),
                    row -> new Mark(row.number("written"), row.number("analysed")))
                .orElse(new Mark(0, 0)));
  }

  @Override
  public List<Changed> changed(TenantContext context, long afterNumber, Instant since, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                CHANGED,
                p ->
                    p.text(context.organization().value())
                        .time(since)
                        .number(afterNumber)
                        .integer(limit),
                JdbcSecretUsage::changed));
  }

  private static Changed changed(Row row) throws SQLException {
    String outcome = row.text("outcome");
    return new Changed(
        subject(row, row.text("tool")),
        outcome.equals("OK"),
        outcome.equals("DENIED") || outcome.equals("NOT_FOUND"),
        row.time("starts_at"),
        row.number("uses"),
        row.number("written"));
  }

  @Override
  public void analysed(TenantContext context, long number) {
    transactions.<int[]>write(
        context,
        session ->
            session.execute(
                new Step(
                    ANALYSED,
                    p -> p.number(number).text(context.organization().value()).number(number))));
  }

  @Override
  public boolean record(TenantContext context, Finding finding, AuditEvent event) {
    OwnRows.require(context.organization(), finding.organization(), event.organization());
    String organization = context.organization().value();
    UseSubject subject = finding.subject();
    Step insert =
        new Step(
            RECORD,
            p -> {
              p.text(organization)
                  .text(finding.id())
                  .text(finding.rule().name())
                  .text(finding.severity().name())
                  .text(subject.secret())
                  .text(subject.environment().name());
              actor(p, subject.actor());
              p.text(subject.tool())
                  .time(finding.at())
                  .number(finding.baseline())
                  .number(finding.observed())
                  .number(finding.threshold());
            });
    Refusals.Taken taken =
        session ->
            session
                .first(FOUND, p -> p.text(organization).text(finding.id()), row -> row.text("id"))
                .isPresent();
    // Most of what is found was found before, and a refused insert costs more than a look.
    boolean known = transactions.<Boolean>read(context, taken::look);
    return !known
        && Refusals.attempt(transactions, context, List.of(insert, JdbcAudit.insert(event)), taken);
  }

  @Override
  public List<Finding> findings(TenantContext context, String afterId, String untilId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                FINDINGS,
                p -> {
                  p.text(context.organization().value()).text(afterId).text(untilId);
                  reached(p, context);
                  p.integer(limit);
                },
                JdbcSecretUsage::finding));
  }

  private static Finding finding(Row row) throws SQLException {
    return new Finding(
        row.text("id"),
        OrganizationId.of(row.text("organization_id")),
        subject(row, row.text("tool")),
        AnomalyRule.valueOf(row.text("rule")),
        row.time("happened_at"),
        row.number("baseline"),
        row.number("observed"),
        row.number("threshold"));
  }

  @Override
  public List<OrganizationId> due(Instant cleanedBefore, @Nullable String afterId, int limit) {
    String sql = transactions.dialect() == Dialect.POSTGRESQL ? DUE_POSTGRESQL : DUE_H2;
    return transactions.read(
        session ->
            session.query(
                sql,
                p -> p.time(cleanedBefore).text(afterId == null ? "" : afterId).integer(limit),
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public int clean(
      TenantContext context, Instant hours, Instant days, Instant ever, Instant now, int limit) {
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          int removed =
              remove(
                  session,
                  "secret_usage",
                  "grain = 'HOUR' AND starts_at < ?",
                  organization,
                  hours,
                  limit);
          removed +=
              remove(
                  session,
                  "secret_usage",
                  "grain = 'DAY' AND starts_at < ?",
                  organization,
                  days,
                  limit);
          removed +=
              remove(
                  session,
                  "secret_usage",
                  "grain = 'EVER' AND last_at < ?",
                  organization,
                  ever,
                  limit);
          removed += remove(session, "secret_costs", "starts_at < ?", organization, days, limit);
          removed +=
              remove(session, "security_findings", "happened_at < ?", organization, days, limit);
          if (removed == 0) {
            session.execute(
                new Step(
                    FORGET_NODES,
                    p ->
                        p.text(organization).time(now.minus(java.time.Duration.ofDays(NODE_DAYS)))),
                new Step(CLEANED, p -> p.time(now).text(organization)));
          }
          return removed;
        });
  }

  private int remove(
      Session session, String table, String old, String organization, Instant before, int limit)
      throws SQLException {
    String rows = " FROM tenantkit." + table + " WHERE organization_id = ? AND " + old;
    String sql =
        transactions.dialect() == Dialect.POSTGRESQL
            ? "DELETE FROM tenantkit."
                + table
                + " WHERE organization_id = ? AND ctid = ANY (ARRAY(SELECT ctid"
                + rows
                + " LIMIT ?))"
            : "DELETE" + rows + " FETCH FIRST ? ROWS ONLY";
    return session
        .execute(
            new Step(
                sql,
                p -> {
                  if (transactions.dialect() == Dialect.POSTGRESQL) {
                    p.text(organization);
                  }
                  p.text(organization).time(before).integer(limit);
                }))[0];
  }
}
