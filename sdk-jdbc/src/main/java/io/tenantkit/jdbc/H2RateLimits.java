package io.tenantkit.jdbc;

import io.tenantkit.NotFoundException;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.LimitRows;
import io.tenantkit.spi.LimitRows.CreditRow;
import io.tenantkit.spi.LimitRows.LeaseRow;
import io.tenantkit.spi.LimitRows.LimitRow;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tenant.OrganizationId;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rate limits and credits in an H2 file, which one process has open: so one call at a time reads,
 * works out and writes, as the file's one writer.
 */
final class H2RateLimits implements RateLimitStore {
  private static final String FIND =
      """
      SELECT requests, window_nanos, burst, tat FROM tenantkit.rate_limits
       WHERE organization_id = ? AND subject = ? AND name = ?""";
  private static final String FIND_LEASES =
      """
      SELECT node, lease_number, requests, expires FROM tenantkit.rate_limit_leases
       WHERE organization_id = ? AND subject = ? AND name = ?""";
  private static final String SAVE =
      """
      MERGE INTO tenantkit.rate_limits
        (organization_id, subject, name, requests, window_nanos, burst, tat, outstanding)
      VALUES (?, ?, ?, ?, ?, ?, CAST(? AS numeric(40)), ?)""";
  private static final String DELETE_LEASES =
      """
      DELETE FROM tenantkit.rate_limit_leases WHERE organization_id = ? AND subject = ? AND name = ?""";
  private static final String SAVE_LEASE =
      """
      INSERT INTO tenantkit.rate_limit_leases
        (organization_id, subject, name, node, lease_number, requests, expires)
      VALUES (?, ?, ?, ?, ?, ?, ?)""";
  private static final String FIND_CREDITS =
      """
      SELECT budget, remaining, refilled FROM tenantkit.credits
       WHERE organization_id = ? AND subject = ?""";
  private static final String SAVE_CREDITS =
      """
      MERGE INTO tenantkit.credits (organization_id, subject, budget, remaining, refilled)
      VALUES (?, ?, ?, ?, ?)""";
  private static final String REMOVE_IDLE =
      """
      DELETE FROM tenantkit.rate_limits l
       WHERE l.tat <= CAST(? AS numeric(40)) * l.requests
         AND NOT EXISTS (SELECT 1 FROM tenantkit.rate_limit_leases e
                          WHERE e.organization_id = l.organization_id AND e.subject = l.subject AND e.name = l.name
                            AND (e.expires - CAST(? AS numeric(40))) * l.requests + CAST(l.burst AS numeric(40)) * l.window_nanos > 0)
       FETCH FIRST ? ROWS ONLY""";

  private final Transactions transactions;

  H2RateLimits(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Answer take(
      OrganizationId organization,
      List<Take> takes,
      Optional<Spend> spend,
      Lease lease,
      Instant now) {
    return oneAtATime(
        session ->
            LimitRows.take(
                new SessionRows(session, organization),
                takes,
                spend,
                lease,
                RateLimiter.nanos(now)));
  }

  @Override
  public void end(String node, List<Ended> ended, Instant now) {
    this.<Boolean>oneAtATime(
        session -> {
          for (Ended each : ended) {
            LimitRows.end(
                new SessionRows(session, each.organization()), node, each, RateLimiter.nanos(now));
          }
          return true;
        });
  }

  @Override
  public int removeIdle(int most, Instant now) {
    long nanos = RateLimiter.nanos(now);
    return oneAtATime(
        session ->
            session
                .execute(new Step(REMOVE_IDLE, p -> p.number(nanos).number(nanos).integer(most)))[
                0]);
  }

  private <T> T oneAtATime(Transactions.Verb<T> verb) {
    return transactions.writeSoon(
        session -> {
          try {
            return verb.run(session);
          } catch (RowFailure e) {
            throw e.cause;
          }
        });
  }

  /** A driver's exception on its way through code that knows no driver. */
  private static final class RowFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final SQLException cause;

    RowFailure(SQLException cause) {
      super(null, null, false, false);
      this.cause = cause;
    }
  }

  /** The rows of one organization, within a transaction. */
  private final class SessionRows implements LimitRows.Rows {
    private final Session session;
    private final OrganizationId organization;

    SessionRows(Session session, OrganizationId organization) {
      this.session = session;
      this.organization = organization;
    }

    @Override
    public @Nullable LimitRow limit(String subject, RateLimit limit) {
      try {
        Step.Binder key = p -> p.text(organization.value()).text(subject).text(limit.name());
        List<LeaseRow> leases =
            session.query(
                FIND_LEASES,
                key,
                row ->
                    new LeaseRow(
                        row.text("node"),
                        row.number("lease_number"),
                        row.number("requests"),
                        row.number("expires")));
        return session
            .first(
                FIND,
                key,
                row ->
                    new LimitRow(
                        new RateLimit(
                            limit.name(),
                            row.number("requests"),
                            Duration.ofNanos(row.number("window_nanos")),
                            row.number("burst"),
                            limit.mode(),
                            limit.onFailure()),
                        new BigDecimal(row.text("tat")).toBigIntegerExact(),
                        leases))
            .orElse(null);
      } catch (SQLException e) {
        throw new RowFailure(e);
      }
    }

    @Override
    public void save(String subject, LimitRow row) {
      RateLimit limit = row.limit();
      long outstanding = row.leases().stream().mapToLong(LeaseRow::requests).sum();
      execute(
          new Step(
              SAVE,
              p ->
                  p.text(organization.value())
                      .text(subject)
                      .text(limit.name())
                      .number(limit.limit())
                      .number(limit.window().toNanos())
                      .number(limit.burst())
                      .text(row.ticks().toString())
                      .number(outstanding)));
      execute(
          new Step(
              DELETE_LEASES, p -> p.text(organization.value()).text(subject).text(limit.name())));
      for (LeaseRow lease : row.leases()) {
        execute(
            new Step(
                SAVE_LEASE,
                p ->
                    p.text(organization.value())
                        .text(subject)
                        .text(limit.name())
                        .text(lease.node())
                        .number(lease.number())
                        .number(lease.requests())
                        .number(lease.expires())));
      }
    }

    @Override
    public @Nullable CreditRow credits(String subject) {
      try {
        return session
            .first(
                FIND_CREDITS,
                p -> p.text(organization.value()).text(subject),
                row ->
                    new CreditRow(
                        row.number("budget"), row.number("remaining"), row.number("refilled")))
            .orElse(null);
      } catch (SQLException e) {
        throw new RowFailure(e);
      }
    }

    @Override
    public void save(String subject, CreditRow row) {
      execute(
          new Step(
              SAVE_CREDITS,
              p ->
                  p.text(organization.value())
                      .text(subject)
                      .number(row.budget())
                      .number(row.remaining())
                      .number(row.refilled())));
    }

    private void execute(Step step) {
      try {
        session.execute(step);
      } catch (SQLException e) {
        if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
          throw new NotFoundException("organization");
        }
        throw new RowFailure(e);
      }
    }
  }
}
