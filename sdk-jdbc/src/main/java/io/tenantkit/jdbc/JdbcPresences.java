package io.tenantkit.jdbc;

import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.spi.PresenceDay;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who was where and how long. */
final class JdbcPresences implements PresenceStore {
  static final String ERASE = "DELETE FROM tenantkit.presences WHERE organization_id = ?";

  private static final String COLUMNS =
      """
      environment, place_id, id, place_name, subject, kind, joined_at, left_at, closing, seen_at, check_at, summed_from,
             summed_until, summed_corrected, settled, version""";
  private static final String SELECT =
      "SELECT " + COLUMNS + " FROM tenantkit.presences WHERE organization_id = ?";
  private static final String ONE = " AND environment = ? AND place_id = ? AND id = ?";
  private static final String FIND = SELECT + ONE + " FOR UPDATE";
  private static final String IN_PLACE =
      " AND environment = ? AND place_id = ? AND left_at IS NULL";
  private static final String LASTING = SELECT + IN_PLACE + " AND id > ? ORDER BY id LIMIT ?";
  private static final String UNSETTLED_PAGE =
      SELECT
          + " AND NOT settled%s AND (environment, place_id, id) > (?, ?, ?)"
          + " ORDER BY environment, place_id, id LIMIT ?";
  private static final String UNSETTLED = UNSETTLED_PAGE.formatted("");
  private static final String OVER = UNSETTLED_PAGE.formatted(" AND left_at IS NOT NULL");
  private static final String INSERT =
      "INSERT INTO tenantkit.presences (organization_id, "
          + COLUMNS
          + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      """
      UPDATE tenantkit.presences
         SET joined_at = ?, left_at = ?, closing = ?, seen_at = ?, check_at = ?, summed_from = ?, summed_until = ?,
             summed_corrected = ?, settled = ?, version = ?
       WHERE organization_id = ? AND environment = ? AND place_id = ? AND id = ? AND version = ?""";
  private static final String END =
      """
      UPDATE tenantkit.presences
         SET left_at = CASE WHEN joined_at > CAST(? AS timestamp(6) with time zone) THEN joined_at
                            ELSE CAST(? AS timestamp(6) with time zone) END,
             closing = 'ENDED', settled = FALSE, version = version + 1
       WHERE organization_id = ?"""
          + IN_PLACE;
  private static final String DUE_PLACES =
      """
      SELECT environment, place_id, MIN(place_name) AS place_name
        FROM tenantkit.presences
       WHERE organization_id = ? AND left_at IS NULL AND check_at <= ?
       GROUP BY environment, place_id
       ORDER BY environment, place_id
       LIMIT ?""";
  private static final String CLAIM_PLACE =
      "UPDATE tenantkit.presences SET check_at = ?, version = version + 1 WHERE organization_id = ?"
          + IN_PLACE
          + " AND check_at <= ?";
  private static final String DAYS =
      """
      SELECT environment, epoch_day, kind, presences, millis, minutes, corrected
        FROM tenantkit.presence_days
       WHERE organization_id = ? AND environment = ? AND epoch_day BETWEEN ? AND ?
       ORDER BY epoch_day, kind""";
  private static final String ADD =
      """
      UPDATE tenantkit.presence_days
         SET presences = presences + ?, millis = millis + ?, minutes = minutes + ?, corrected = corrected + ?
       WHERE organization_id = ? AND environment = ? AND epoch_day = ? AND kind = ?""";
  private static final String INSERT_DAY =
      """
      INSERT INTO tenantkit.presence_days
        (presences, millis, minutes, corrected, organization_id, environment, epoch_day, kind)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String FORGET =
      """
      DELETE FROM tenantkit.presences
       WHERE organization_id = ? AND (environment, place_id, id) IN (
         SELECT p.environment, p.place_id, p.id FROM tenantkit.presences p
          WHERE p.organization_id = ? AND p.settled AND p.left_at < ?
          LIMIT ?)""";
  private static final String FORGET_DAYS =
      """
      DELETE FROM tenantkit.presence_days
       WHERE organization_id = ? AND (environment, epoch_day, kind) IN (
         SELECT d.environment, d.epoch_day, d.kind FROM tenantkit.presence_days d
          WHERE d.organization_id = ? AND d.epoch_day < ?
          LIMIT ?)""";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_presences(?, ?, ?, ?, ?)";
  private static final String ORGANIZATIONS_H2 =
      """
      SELECT o.id AS organization_id
        FROM tenantkit.organizations o
       WHERE (EXISTS (SELECT 1 FROM tenantkit.presences p
                       WHERE p.organization_id = o.id AND NOT p.settled AND (p.left_at IS NOT NULL OR p.check_at <= ?))
              OR EXISTS (SELECT 1 FROM tenantkit.presences p
                          WHERE p.organization_id = o.id AND p.settled AND p.left_at < ?)
              OR EXISTS (SELECT 1 FROM tenantkit.received_events e
                          WHERE e.organization_id = o.id AND e.received_at < ?))
         AND o.id > ?
       ORDER BY o.id
       LIMIT ?""";

  private final Transactions transactions;

  JdbcPresences(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Writes a change within the verb that takes its event. */
  static void write(Session session, TenantContext context, PresenceChange change, Instant checkAt)
      throws SQLException {
    Presence.Place place = change.place();
    if (change instanceof PresenceChange.Ended ended) {
      session.execute(
          new Step(
              END,
              p -> {
                p.time(ended.at()).time(ended.at());
                place(p, context, place);
              }));
      return;
    }
    String id = id(change);
    @Nullable Presence before =
        session
            .first(
                FIND,
                p -> {
                  place(p, context, place);
                  p.text(id);
                },
                JdbcPresences::presence)
            .orElse(null);
    @Nullable Presence after = Presence.after(before, change, checkAt);
    if (after == null || (before != null && after.version() == before.version())) {
      return;
    }
    session.execute(
        before == null
            ? new Step(INSERT, p -> inserted(p, context, after))
            : update(context, after, before.version()));
  }

  private static String id(PresenceChange change) {
    if (change instanceof PresenceChange.Joined joined) {
      return joined.who().id();
    }
    return change instanceof PresenceChange.Left left
        ? left.who().id()
        : ((PresenceChange.Seen) change).id();
  }

  private static Step update(TenantContext context, Presence row, long expectedVersion) {
    return new Step(
        UPDATE,
        p -> {
          state(p, row);
          place(p, context, row.who().place());
          p.text(row.who().id()).number(expectedVersion);
        });
  }

  private static void inserted(Params p, TenantContext context, Presence row) throws SQLException {
    place(p, context, row.who().place());
    p.text(row.who().id())
        .text(row.who().place().name())
        .text(row.who().subject())
        .text(row.who().kind());
    state(p, row);
  }

  private static void state(Params p, Presence row) throws SQLException {
    p.time(row.joinedAt())
        .time(row.leftAt())
        .text(row.closing().map(Enum::name).orElse(null))
        .time(row.seenAt())
        .time(row.checkAt())
        .time(row.summed().map(Presence.Summed::from))
        .time(row.summed().map(Presence.Summed::until))
        .flag(row.summed().isPresent() && row.summed().get().corrected())
        .flag(row.settled())
        .number(row.version());
  }

  @Override
  public List<OrganizationId> organizationsWithDue(
      Due due, @Nullable OrganizationId after, int limit) {
    String sql =
        transactions.dialect() == Dialect.POSTGRESQL ? ORGANIZATIONS_POSTGRESQL : ORGANIZATIONS_H2;
    return transactions.read(
        session ->
            session.query(
                sql,
                p ->
                    p.time(due.checkBy())
                        .time(due.forgetBefore())
                        .time(due.receivedBefore())
                        .text(after == null ? "" : after.value())
                        .integer(limit),
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public List<Presence> unsettled(
      TenantContext context, boolean over, @Nullable Presence after, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                over ? OVER : UNSETTLED,
                p -> {
                  p.text(context.organization().value());
                  if (after == null) {
                    p.text("").text("").text("");
                  } else {
                    p.text(after.who().place().environment().name())
                        .text(after.who().place().id())
                        .text(after.who().id());
                  }
                  p.integer(limit);
                },
                JdbcPresences::presence));
  }

  @Override
  public int settle(TenantContext context, List<Presence> over) {
    return transactions.write(
        context,
        session -> {
          try {
            List<Step> steps = new ArrayList<>();
            over.forEach(row -> steps.add(update(context, row.sum(), row.version())));
            int[] counts = session.execute(steps);
            TreeMap<PresenceDay.Key, PresenceDay> sums = new TreeMap<>();
            int settled = 0;
            for (int i = 0; i < counts.length; i++) {
              if (counts[i] == 1) {
                settled++;
                Presence row = over.get(i);
                PresenceDay.missing(row, row.joinedAt())
                    .forEach(day -> sums.merge(day.key(), day, PresenceDay::plus));
              }
            }
            for (PresenceDay sum : sums.values()) {
              if (session.execute(new Step(ADD, p -> added(p, context, sum)))[0] == 0) {
                session.execute(new Step(INSERT_DAY, p -> added(p, context, sum)));
              }
            }
            return settled;
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
              session.undo();
              return 0;
            }
            throw e;
          }
        });
  }

  private static void added(Params p, TenantContext context, PresenceDay sum) throws SQLException {
    p.number(sum.presences())
        .number(sum.millis())
        .number(sum.minutes())
        .number(sum.corrected())
        .text(context.organization().value())
        .text(sum.key().environment().name())
        .integer((int) sum.key().day().toEpochDay())
        .text(sum.key().kind());
  }

  @Override
  public List<Presence.Place> claimPlaces(
      TenantContext context, Instant now, Instant next, int limit) {
    return transactions.write(
        context,
        session -> {
          List<Presence.Place> due =
              session.query(
                  DUE_PLACES,
                  p -> p.text(context.organization().value()).time(now).integer(limit),
                  JdbcPresences::place);
          List<Presence.Place> claimed = new ArrayList<>();
          for (Presence.Place place : due) {
            Step claim =
                new Step(
                    CLAIM_PLACE,
                    p -> {
                      p.time(next);
                      place(p, context, place);
                      p.time(now);
                    });
            if (session.execute(claim)[0] > 0) {
              claimed.add(place);
            }
          }
          return claimed;
        });
  }

  @Override
  public List<Presence> lasting(
      TenantContext context, Presence.Place place, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LASTING,
                p -> {
                  place(p, context, place);
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                JdbcPresences::presence));
  }

  @Override
  public void found(TenantContext context, List<Presence> found) {
    List<Step> steps = found.stream().map(row -> update(context, row, row.version() - 1)).toList();
    transactions.write(context, session -> session.execute(steps));
  }

  @Override
  public List<PresenceDay> days(
      TenantContext context, Environment environment, LocalDate from, LocalDate to) {
    return transactions.read(
        context,
        session ->
            session.query(
                DAYS,
                p ->
                    p.text(context.organization().value())
                        .text(environment.name())
                        .integer((int) from.toEpochDay())
                        .integer((int) to.toEpochDay()),
                row ->
                    new PresenceDay(
                        new PresenceDay.Key(
                            Environment.valueOf(row.text("environment")),
                            LocalDate.ofEpochDay(row.integer("epoch_day")),
                            row.text("kind")),
                        row.number("presences"),
                        row.number("millis"),
                        row.number("minutes"),
                        row.number("corrected"))));
  }

  @Override
  public int forget(TenantContext context, Instant leftBefore, int limit) {
    return removed(context, FORGET, p -> p.time(leftBefore).integer(limit));
  }

  @Override
  public int forgetDays(TenantContext context, LocalDate before, int limit) {
    return removed(context, FORGET_DAYS, p -> p.integer((int) before.toEpochDay()).integer(limit));
  }

  private int removed(TenantContext context, String sql, Step.Binder rest) {
    String organization = context.organization().value();
    Step step =
        new Step(
            sql,
            p -> {
              p.text(organization).text(organization);
              rest.bind(p);
            });
    return transactions.write(context, session -> session.execute(step)[0]);
  }

  private static void place(Params p, TenantContext context, Presence.Place place)
      throws SQLException {
    p.text(context.organization().value()).text(place.environment().name()).text(place.id());
  }

  private static Presence.Place place(Row row) throws SQLException {
    return new Presence.Place(
        Environment.valueOf(row.text("environment")), row.text("place_id"), row.text("place_name"));
  }

  private static Presence presence(Row row) throws SQLException {
    Optional<Instant> from = row.optionalTime("summed_from");
    Optional<Instant> until = row.optionalTime("summed_until");
    boolean corrected = row.flag("summed_corrected");
    return new Presence(
        new Presence.Who(place(row), row.text("id"), row.text("subject"), row.text("kind")),
        row.time("joined_at"),
        row.optionalTime("left_at"),
        Optional.ofNullable(row.textOrNull("closing")).map(Presence.Closing::valueOf),
        row.time("seen_at"),
        row.time("check_at"),
        from.flatMap(begin -> until.map(end -> new Presence.Summed(begin, end, corrected))),
        row.flag("settled"),
        row.number("version"));
  }
}
