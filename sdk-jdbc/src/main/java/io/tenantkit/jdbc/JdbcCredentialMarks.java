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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Marks of credentials. A row of marks names its holders' rows by foreign key, and of those there
 * is one for each mark: that two organizations cannot have the same is the database's to keep,
 * whatever the transactions see of each other.
 */
final class JdbcCredentialMarks implements CredentialMarkStore {
  private static final String HELD_POSTGRESQL =
      "SELECT tenantkit.credentials_held(?, ?, ?) AS held";
  private static final String OWNERS_POSTGRESQL =
      "SELECT organization_id, environment FROM tenantkit.credential_owners(?, ?, ?, ?, ?)";

  private static final String HELD_H2 =
      """
      SELECT organization_id FROM tenantkit.credential_marks
       WHERE organization_id <> ? AND (pair_mark = ? OR server_secret_mark = ?) AND (until IS NULL OR until > ?)
       LIMIT 1""";
  private static final String OWNERS_H2 =
      """
      SELECT DISTINCT organization_id, environment
        FROM tenantkit.credential_marks
       WHERE key_mark = ? AND (until IS NULL OR until > ?)
         AND (organization_id > ? OR organization_id = ? AND environment > ?)
       ORDER BY organization_id, environment
       LIMIT ?""";

  static final String OF_SECRET = " WHERE organization_id = ? AND secret_id = ?";
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

  /** The column is unique: there is one first key. */
  private static final String ADD_FIRST_KEY =
      """
      INSERT INTO tenantkit.credential_mark_keys (id, master_key_id, wrapped, created_at, is_first)
      VALUES (?, ?, ?, ?, 'first')""";

  private final Transactions transactions;
  private final CredentialReports reports;
  private final JdbcWrappedKeys keys;

  JdbcCredentialMarks(Transactions transactions) {
    this.transactions = transactions;
    this.reports = new CredentialReports(transactions);
    this.keys = new JdbcWrappedKeys(transactions, "tenantkit.credential_mark_keys", "id");
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
              || CredentialClaims.claim(
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

  static Params after(Params p, @Nullable Owner after) throws SQLException {
    return p.text(organization(after)).text(organization(after)).text(environment(after));
  }

  private static String organization(@Nullable Owner owner) {
    return owner == null ? "" : owner.organization().value();
  }

  private static String environment(@Nullable Owner owner) {
    return owner == null ? "" : owner.environment().name();
  }

  static Owner owner(Row row) throws SQLException {
    return new Owner(
        OrganizationId.of(row.text("organization_id")),
        Environment.valueOf(row.text("environment")));
  }

  @Override
  public List<Owner> shortSecrets(
      Operator operator, Instant now, @Nullable Owner after, int limit) {
    return reports.shortSecrets(operator, now, after, limit);
  }

  @Override
  public List<SharedMark> shared(
      Operator operator, Instant now, @Nullable SharedMark after, int limit) {
    return reports.shared(operator, now, after, limit);
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
