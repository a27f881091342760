package io.tenantkit.examples.benchmarks;

import io.tenantkit.tenant.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import javax.crypto.SecretKey;
import javax.sql.DataSource;

/**
 * The floor of a put and of a reveal on PostgreSQL: the statements that ours sends, by hand, on the
 * same pool, under row level security, with the audit row, in one transaction each and as few round
 * trips as it can be done in; sealed and opened with {@link HandEnvelope}, and what is read is what
 * is opened. The organization and its secrets are its own, for no vault opens what it puts.
 *
 * <p>Left out: scopes, environments, access levels, checks, ids that ascend, JSON encoding, errors
 * told apart. For one thread.
 */
final class HandVault {
  private static final String SET =
      "SELECT set_config('app.organization_id', ?, true), set_config('statement_timeout', '10000', true);\n";
  private static final String FIND =
      """
      SELECT s.organization_id, s.id, s.project_id, s.environment, s.name, s.type, s.current_version, s.newest_version,
             s.pending_version, s.previous_version, s.description, s.tags, s.metadata, s.max_versions, s.expires_at,
             s.deleted_at, s.owner_kind, s.created_by, s.access_level, s.created_at, s.updated_at, s.revision,
             p.name AS project_name%s
        FROM tenantkit.secrets s
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
        %s
       WHERE s.organization_id = ? AND p.name = ? AND s.environment = ? AND s.environment <> '' AND s.name = ?""";
  private static final String OPEN =
      FIND.formatted(
              ", v.version_number, v.organization_key_id, v.wrapped_data_key, v.destination, v.state,"
                  + " v.expires_at AS version_expires_at, v.created_by AS put_by, v.created_at AS put_at, f.field_name, f.sealed",
              """
              JOIN tenantkit.secret_versions v ON v.organization_id = s.organization_id AND v.secret_id = s.id
              LEFT JOIN tenantkit.secret_fields f ON f.organization_id = v.organization_id AND f.secret_id = v.secret_id
                                                 AND f.version_number = v.version_number
              """)
          + " AND v.version_number = s.current_version";
  private static final String KEY =
      """
      SELECT key_number, key_id, master_key_id, wrapped, created_at
        FROM tenantkit.organization_keys
       WHERE organization_id = ? AND master_key_id IS NOT NULL
       ORDER BY key_number DESC LIMIT 1""";
  private static final String PUT =
      """
      UPDATE tenantkit.secrets
         SET newest_version = ?, current_version = ?, previous_version = ?, updated_at = ?, revision = revision + 1
       WHERE organization_id = ? AND id = ? AND newest_version = ?;
      INSERT INTO tenantkit.secret_versions
        (organization_id, secret_id, version_number, organization_key_id, wrapped_data_key, destination, state, expires_at,
         created_by, created_at)
      VALUES (?, ?, ?, ?, ?, '', 'ACTIVE', NULL, 'hand', ?);
      INSERT INTO tenantkit.secret_fields (organization_id, secret_id, version_number, field_name, sealed)
      VALUES (?, ?, ?, 'value', ?);
      """;

  /** What becomes of versions beyond the ten that are kept. */
  private static final String PRUNE =
      """
      UPDATE tenantkit.secret_versions SET state = 'DESTROYED', wrapped_data_key = ''
       WHERE organization_id = ? AND secret_id = ? AND version_number <= ? AND version_number NOT IN (?, ?)
         AND state <> 'DESTROYED';
      DELETE FROM tenantkit.secret_fields
       WHERE organization_id = ? AND secret_id = ? AND version_number <= ? AND version_number NOT IN (?, ?);
      """;

  private static final String EVENT =
      """
      INSERT INTO tenantkit.audit_events
        (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details)
      VALUES (?, ?, ?, 'HOST', 'benchmark', ?, 'secret', ?,
              CAST('{"environment":"PRODUCTION","name":"hand","project":"load","version":"1"}' AS jsonb))""";
  private static final byte[] VALUE = RevealBenchmark.VALUE.getBytes(StandardCharsets.US_ASCII);
  private static final int KEPT = 10;
  private static final int COMMITMENT = 32;

  /** As long as what our format hands to GCM. */
  private static final byte[] CONTEXT = new byte[200];

  private final DataSource pool;
  private final String organization;
  private final HandEnvelope envelope;
  private final SecretKey key = HandEnvelope.newKey();
  private long number;

  HandVault(DataSource pool, OrganizationId organization) throws GeneralSecurityException {
    this.pool = pool;
    this.organization = organization.value();
    this.envelope = new HandEnvelope(true);
  }

  byte[] reveal(String name) throws SQLException, GeneralSecurityException {
    byte[] wrapped = {};
    byte[] record = {};
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      String secret = "";
      try (PreparedStatement select = connection.prepareStatement(SET + OPEN)) {
        bindRef(select, name);
        try (ResultSet rows = second(select)) {
          while (rows.next()) {
            read(rows);
            secret = rows.getString("id");
            wrapped = rows.getBytes("wrapped_data_key");
            record = rows.getBytes("sealed");
          }
        }
      }
      try (PreparedStatement insert = connection.prepareStatement(EVENT)) {
        bindEvent(insert, 0, "secret.revealed", secret);
        insert.executeUpdate();
      }
      connection.commit();
      connection.setAutoCommit(true);
    }
    return envelope.open(
        new HandEnvelope.Sealed(
            key,
            CONTEXT,
            CONTEXT,
            Arrays.copyOf(record, COMMITMENT),
            wrapped,
            Arrays.copyOfRange(record, COMMITMENT, record.length)));
  }

  long put(String name) throws SQLException, GeneralSecurityException {
    HandEnvelope.Sealed sealed = envelope.seal(key, CONTEXT, CONTEXT, VALUE);
    byte[] record = Arrays.copyOf(sealed.commitment(), COMMITMENT + sealed.sealed().length);
    System.arraycopy(sealed.sealed(), 0, record, COMMITMENT, sealed.sealed().length);
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      String secret = "";
      long newest = 0;
      String keyId;
      try (PreparedStatement select =
          connection.prepareStatement(SET + FIND.formatted("", "") + ";\n" + KEY)) {
        bindRef(select, name);
        select.setString(6, organization);
        try (ResultSet rows = second(select)) {
          while (rows.next()) {
            read(rows);
            secret = rows.getString("id");
            newest = rows.getLong("newest_version");
          }
        }
        select.getMoreResults();
        try (ResultSet rows = select.getResultSet()) {
          rows.next();
          keyId = rows.getString("key_id");
          rows.getBytes("wrapped");
        }
      }
      long added = newest + 1;
      boolean prunes = added > KEPT;
      try (PreparedStatement write =
          connection.prepareStatement(prunes ? PUT + PRUNE + EVENT : PUT + EVENT)) {
        int i = 0;
        write.setLong(++i, added);
        write.setLong(++i, added);
        write.setLong(++i, newest);
        write.setObject(++i, now);
        write.setString(++i, organization);
        write.setString(++i, secret);
        write.setLong(++i, newest);
        write.setString(++i, organization);
        write.setString(++i, secret);
        write.setLong(++i, added);
        write.setString(++i, keyId);
        write.setBytes(++i, sealed.wrapped());
        write.setObject(++i, now);
        write.setString(++i, organization);
        write.setString(++i, secret);
        write.setLong(++i, added);
        write.setBytes(++i, record);
        for (int statement = 0; prunes && statement < 2; statement++) {
          write.setString(++i, organization);
          write.setString(++i, secret);
          write.setLong(++i, added - KEPT);
          write.setLong(++i, added);
          write.setLong(++i, newest);
        }
        bindEvent(write, i, "secret.version_added", secret);
        write.execute();
      }
      connection.commit();
      connection.setAutoCommit(true);
      return added;
    }
  }

  private void bindRef(PreparedStatement to, String name) throws SQLException {
    to.setString(1, organization);
    to.setString(2, organization);
    to.setString(3, "load");
    to.setString(4, "PRODUCTION");
    to.setString(5, name);
  }

  /** The rows of the statement after the one that sets the tenant. */
  private static ResultSet second(PreparedStatement select) throws SQLException {
    select.execute();
    select.getMoreResults();
    return select.getResultSet();
  }

  private static void read(ResultSet rows) throws SQLException {
    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
      rows.getObject(i);
    }
  }

  private void bindEvent(PreparedStatement to, int at, String action, String secret)
      throws SQLException {
    int i = at;
    to.setString(++i, organization);
    to.setString(++i, "hand_" + ++number);
    to.setObject(++i, OffsetDateTime.now(ZoneOffset.UTC));
    to.setString(++i, action);
    to.setString(++i, secret);
  }
}
