package io.tenantkit.jdbc;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarks;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How an organization comes to hold what its marks exclude. Stateless. */
final class CredentialClaims {
  private static final String CLAIM_POSTGRESQL =
      "SELECT tenantkit.claim_credentials(?, ?, ?) AS claimed";
  private static final String ENDED_H2 =
      """
      DELETE FROM tenantkit.credential_marks
       WHERE organization_id <> ? AND until <= ? AND (pair_mark = ? OR server_secret_mark = ?)""";
  private static final String HOLDER_H2 =
      "SELECT organization_id FROM tenantkit.credential_holders WHERE mark = ?";
  private static final String HOLD_H2 =
      "INSERT INTO tenantkit.credential_holders (mark, organization_id) VALUES (?, ?)";
  private static final String TAKE_OVER_H2 =
      "UPDATE tenantkit.credential_holders SET organization_id = ? WHERE mark = ?";
  private static final String DELETE =
      "DELETE FROM tenantkit.credential_marks" + JdbcCredentialMarks.OF_SECRET;
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
      "UPDATE tenantkit.credential_marks SET until = ?"
          + JdbcCredentialMarks.OF_SECRET
          + " AND until IS NULL";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.credential_marks
        (organization_id, secret_id, version_number, environment, key_mark, server_mark, pair_mark, server_secret_mark, short_secret)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  private CredentialClaims() {}

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
                      .integer(CredentialMarkStore.MOST_OVERLAPPING)));
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
}
