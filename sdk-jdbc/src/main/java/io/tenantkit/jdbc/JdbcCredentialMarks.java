package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.WrappedKeyStore;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Marks of credentials. A row of marks names its holders' rows by foreign key, and of those there
 * is one for each mark: that two organizations cannot have the same is the database's to keep,
 * whatever the transactions see of each other.
 */
final class JdbcCredentialMarks implements CredentialMarkStore {
  private static final String CLAIM_POSTGRESQL =
      "SELECT tenantkit.claim_credentials(?, ?, ?) AS claimed";
  private static final String HELD_POSTGRESQL =
      "SELECT tenantkit.credentials_held(?, ?, ?) AS held";
  private static final String OWNERS_POSTGRESQL =
      "SELECT organization_id, environment FROM tenantkit.credential_owners(?, ?, ?, ?, ?)";

  private static final String ENDED_H2 =
      """
      DELETE FROM tenantkit.credential_marks
       WHERE organization_id <> ? AND until <= ? AND (pair_mark = ? OR server_secret_mark = ?)""";
  private static final String HOLDER_H2 =
      "SELECT organization_id FROM tenantkit.credential_holders WHERE mark = ?";
  private static final String HELD_H2 =
      """
      SELECT organization_id FROM tenantkit.credential_marks
       WHERE organization_id <> ? AND (pair_mark = ? OR server_secret_mark = ?) AND (until IS NULL OR until > ?)
       LIMIT 1""";
  private static final String HOLD_H2 =
      "INSERT INTO tenantkit.credential_holders (mark, organization_id) VALUES (?, ?)";
  private static final String TAKE_OVER_H2 =
      "UPDATE tenantkit.credential_holders SET organization_id = ? WHERE mark = ?";
  private static final String OWNERS_H2 =
      """
      SELECT DISTINCT organization_id, environment
        FROM tenantkit.credential_marks
       WHERE key_mark = ? AND (until IS NULL OR until > ?)
         AND (organization_id > ? OR organization_id = ? AND environment > ?)
       ORDER BY organization_id, environment
       LIMIT ?""";

  private static final String OF_SECRET = " WHERE organization_id = ? AND secret_id = ?";
  private static final String DELETE = "DELETE FROM tenantkit.credential_marks" + OF_SECRET;
  private static final String DELETE_OLD =
      DELETE
          + "\n"
          + """
            AND (version_number = ? OR until <= ?
             OR version_number NOT IN (SELECT m.version_number FROM tenantkit.credential_marks m
                                         WHERE m.organization_id = ? AND m.secret_id = ?
                                           AND (m.until IS NULL OR m.until > ?) AND m.version_number <> ?
                                         ORDER BY m.version_number DESC
                                         LIMIT ?))""";
  private static final String END =
      "UPDATE tenantkit.credential_marks SET until = ?" + OF_SECRET + " AND until IS NULL";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.credential_marks
        (organization_id, secret_id, version_number, environment, key_mark, server_mark, pair_mark, server_secret_mark, short_secret)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String FIND =
      """
      SELECT version_number, key_mark, server_mark, pair_mark, server_secret_mark, short_secret, until,
             checked_at, verdict, message, check_millis
        FROM tenantkit.credential_marks"""
          + OF_SECRET
          + " ORDER BY version_number DESC";
  private static final String CHECKED =
      "UPDATE tenantkit.credential_marks SET checked_at = ?, verdict = ?, message = ?, check_millis = ?"
          + OF_SECRET
          + " AND version_number = ?";
  private static final String SECRET =
      "SELECT current_version FROM tenantkit.secrets WHERE organization_id = ? AND id = ?";

  private static final String COUNTING =
      """
      SELECT DISTINCT CAST('KEY' AS varchar) AS kind, key_mark AS mark, organization_id, environment
        FROM tenantkit.credential_marks WHERE until IS NULL OR until > ?
      UNION ALL
      SELECT DISTINCT CAST('SERVER' AS varchar), server_mark, organization_id, environment
        FROM tenantkit.credential_marks WHERE until IS NULL OR until > ?""";
  private static final String SHARED =
      "WITH counting (kind, mark, organization_id, environment) AS (\n"
          + COUNTING
          + """
          )
          SELECT c.kind, c.mark, c.organization_id, c.environment
            FROM counting c
           WHERE EXISTS (SELECT 1 FROM counting o
                          WHERE o.kind = c.kind AND o.mark = c.mark AND o.organization_id <> c.organization_id)
             AND (c.kind > ? OR c.kind = ? AND (c.mark > ? OR c.mark = ?
                  AND (c.organization_id > ? OR c.organization_id = ? AND c.environment > ?)))
           ORDER BY c.kind, c.mark, c.organization_id, c.environment
           LIMIT ?""";
  private static final String SHORT =
      """
      SELECT DISTINCT organization_id, environment
        FROM tenantkit.credential_marks
       WHERE short_secret AND (until IS NULL OR until > ?)
         AND (organization_id > ? OR organization_id = ? AND environment > ?)
       ORDER BY organization_id, environment
       LIMIT ?""";

  /** The column is unique: there is one first key. */
  private static final String ADD_FIRST_KEY =
      """
      INSERT INTO tenantkit.credential_mark_keys (id, master_key_id, wrapped, created_at, is_first)
      VALUES (?, ?, ?, ?, 'first')""";

  private final Transactions transactions;
  private final JdbcWrappedKeys keys;

  JdbcCredentialMarks(Transactions transactions) {
    this.transactions = transactions;
    this.keys = new JdbcWrappedKeys(transactions, "tenantkit.credential_mark_keys", "id");
  }

  /**
   * Within a transaction that has written the secret.
   *
   * @return false when another organization has them; the transaction is then to be undone
   */
  static boolean claim(
      Session session,
      Dialect dialect,
      Secret secret,
      long version,
      CredentialClaim claim,
      Instant now)
      throws SQLException {
    if (!hold(session, dialect, secret.organization(), claim.marks(), now)) {
      return false;
    }
    String organization = secret.organization().value();
    String id = secret.id().value();
    List<Step> steps = new ArrayList<>();
    if (claim.overlapUntil().isPresent()) {
      steps.add(new Step(END, p -> p.time(claim.overlapUntil().get()).text(organization).text(id)));
      steps.add(
          new Step(
              DELETE_OLD,
              p ->
                  p.text(organization)
                      .text(id)
                      .number(version)
                      .time(now)
                      .text(organization)
                      .text(id)
                      .time(now)
                      .number(version)
                      .integer(MOST_OVERLAPPING)));
    } else {
      steps.add(new Step(DELETE, p -> p.text(organization).text(id)));
    }
    CredentialMarks marks = claim.marks();
    steps.add(
        new Step(
            INSERT,
            p ->
                p.text(organization)
                    .text(id)
                    .number(version)
                    .text(secret.ref().environment().name())
                    .text(marks.key())
                    .text(marks.server())
                    .text(marks.pair())
                    .text(marks.serverSecret())
                    .flag(marks.shortSecret())));
    session.execute(steps);
    return true;
  }

  private static boolean hold(
      Session session,
      Dialect dialect,
      OrganizationId organization,
      CredentialMarks marks,
      Instant now)
      throws SQLException {
    if (dialect == Dialect.POSTGRESQL) {
      return session
          .first(
              CLAIM_POSTGRESQL,
              p -> p.text(marks.pair()).text(marks.serverSecret()).time(now),
              row -> row.flag("claimed"))
          .orElse(false);
    }
    String own = organization.value();
    session.execute(
        new Step(
            ENDED_H2, p -> p.text(own).time(now).text(marks.pair()).text(marks.serverSecret())));
    for (String mark : Stream.of(marks.pair(), marks.serverSecret()).sorted().toList()) {
      Optional<String> holder =
          session.first(HOLDER_H2, p -> p.text(mark), row -> row.text("organization_id"));
      try {
        if (holder.isEmpty()) {
          session.execute(new Step(HOLD_H2, p -> p.text(mark).text(own)));
        } else if (!holder.get().equals(own)) {
          session.execute(new Step(TAKE_OVER_H2, p -> p.text(own).text(mark)));
        }
      } catch (SQLException e) {
        return switch (dialect.classify(e)) {
          // Somebody was faster, or a row of marks names the holder still.
          case DUPLICATE, MISSING_PARENT -> false;
          default -> throw e;
        };
      }
    }
    return true;
  }

  @Override
  public boolean claim(TenantContext context, Secret secret, CredentialMarks marks, Instant now) {
    OwnRows.require(context.organization(), secret.organization());
    long version = secret.currentVersion();
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          // Locks the row: two that claim at once for one secret are one after the other.
          long current =
              session
                  .first(
                      SECRET + (transactions.dialect() == Dialect.POSTGRESQL ? " FOR UPDATE" : ""),
                      p -> p.text(organization).text(secret.id().value()),
                      row -> row.number("current_version"))
                  .orElseThrow(() -> new NotFoundException("secret"));
          if (current != version) {
            // Put meanwhile with a claim of its own, which a late one must not take away.
            throw ConflictException.stale("credentials");
          }
          boolean known =
              find(session, context, secret.id()).stream()
                  .anyMatch(
                      each ->
                          each.version() == version
                              && each.until().isEmpty()
                              && each.marks().equals(marks));
          return known
              || claim(
                  session, transactions.dialect(), secret, version, CredentialClaim.of(marks), now)
              || session.undo();
        });
  }

  @Override
  public List<MarkedVersion> find(TenantContext context, SecretId secret) {
    return transactions.read(context, session -> find(session, context, secret));
  }

  private static List<MarkedVersion> find(Session session, TenantContext context, SecretId secret)
      throws SQLException {
    return session.query(
        FIND,
        p -> p.text(context.organization().value()).text(secret.value()),
        JdbcCredentialMarks::version);
  }

  private static MarkedVersion version(Row row) throws SQLException {
    Optional<Instant> checkedAt = row.optionalTime("checked_at");
    return new MarkedVersion(
        row.number("version_number"),
        new CredentialMarks(
            row.text("key_mark"),
            row.text("server_mark"),
            row.text("pair_mark"),
            row.text("server_secret_mark"),
            row.flag("short_secret")),
        row.optionalTime("until"),
        checkedAt.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new CredentialCheck(
                    checkedAt.get(),
                    row.text("verdict"),
                    row.text("message"),
                    row.number("check_millis"))));
  }

  @Override
  public boolean checked(
      TenantContext context, SecretId secret, long version, CredentialCheck check) {
    return transactions.write(
        context,
        session ->
            session
                    .execute(
                        new Step(
                            CHECKED,
                            p ->
                                p.time(check.at())
                                    .text(check.verdict())
                                    .text(check.message())
                                    .number(check.millis())
                                    .text(context.organization().value())
                                    .text(secret.value())
                                    .number(version)))[0]
                == 1);
  }

  @Override
  public boolean isHeld(TenantContext context, CredentialMarks marks, Instant now) {
    return transactions.read(
        context,
        session ->
            transactions.dialect() == Dialect.POSTGRESQL
                ? session
                    .first(
                        HELD_POSTGRESQL,
                        p -> p.text(marks.pair()).text(marks.serverSecret()).time(now),
                        row -> row.flag("held"))
                    .orElse(true)
                : session
                    .first(
                        HELD_H2,
                        p ->
                            p.text(context.organization().value())
                                .text(marks.pair())
                                .text(marks.serverSecret())
                                .time(now),
                        row -> row.text("organization_id"))
                    .isPresent());
  }

  @Override
  public List<Owner> owners(String keyMark, Instant now, @Nullable Owner after, int limit) {
    return transactions.read(
        session ->
            transactions.dialect() == Dialect.POSTGRESQL
                ? session.query(
                    OWNERS_POSTGRESQL,
                    p ->
                        p.text(keyMark)
                            .time(now)
                            .text(organization(after))
                            .text(environment(after))
                            .integer(limit),
                    JdbcCredentialMarks::owner)
                : session.query(
                    OWNERS_H2,
                    p -> after(p.text(keyMark).time(now), after).integer(limit),
                    JdbcCredentialMarks::owner));
  }

  @Override
  public List<Owner> shortSecrets(
      Operator operator, Instant now, @Nullable Owner after, int limit) {
    return transactions.read(
        operator,
        session ->
            session.query(
                SHORT, p -> after(p.time(now), after).integer(limit), JdbcCredentialMarks::owner));
  }

  private static Params after(Params p, @Nullable Owner after) throws SQLException {
    return p.text(organization(after)).text(organization(after)).text(environment(after));
  }

  private static String organization(@Nullable Owner owner) {
    return owner == null ? "" : owner.organization().value();
  }

  private static String environment(@Nullable Owner owner) {
    return owner == null ? "" : owner.environment().name();
  }

  private static Owner owner(Row row) throws SQLException {
    return new Owner(
        OrganizationId.of(row.text("organization_id")),
        Environment.valueOf(row.text("environment")));
  }

  @Override
  public List<SharedMark> shared(
      Operator operator, Instant now, @Nullable SharedMark after, int limit) {
    String kind = after == null ? "" : after.kind().name();
    String mark = after == null ? "" : after.mark();
    @Nullable Owner owner = after == null ? null : after.owner();
    return transactions.read(
        operator,
        session ->
            session.query(
                SHARED,
                p ->
                    after(p.time(now).time(now).text(kind).text(kind).text(mark).text(mark), owner)
                        .integer(limit),
                row ->
                    new SharedMark(Kind.valueOf(row.text("kind")), row.text("mark"), owner(row))));
  }

  @Override
  public WrappedKeyStore keys() {
    return keys;
  }

  @Override
  public void addFirstKey(WrappedKey key) {
    keys.addFirst(key, ADD_FIRST_KEY);
  }
}
