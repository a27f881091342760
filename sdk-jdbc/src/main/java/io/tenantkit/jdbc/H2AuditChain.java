package io.tenantkit.jdbc;

import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.StoredAuditEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.h2.api.Trigger;

/**
 * Makes each row that is inserted into {@code audit_events} the next link of its organization's
 * chain, as the trigger function does on PostgreSQL. H2 calls it, in the inserting transaction; the
 * head's row lock is held until that commits. Public for H2 only.
 */
public final class H2AuditChain implements Trigger {
  private static final String LOCK =
      "SELECT seq, hash FROM tenantkit.audit_heads WHERE organization_id = ? FOR UPDATE";
  private static final String BEGIN =
      """
      MERGE INTO tenantkit.audit_heads h
      USING (VALUES (CAST(? AS varchar), CAST(? AS varbinary))) n (organization_id, hash)
         ON h.organization_id = n.organization_id
       WHEN NOT MATCHED THEN INSERT (organization_id, seq, hash) VALUES (n.organization_id, 0, n.hash)""";
  private static final String MOVE =
      "UPDATE tenantkit.audit_heads SET seq = ?, hash = ? WHERE organization_id = ?";

  // The columns of audit_events, in the order of its migrations.
  private static final int ORGANIZATION = 0;
  private static final int ID = 1;
  private static final int OCCURRED_AT = 2;
  private static final int ACTOR_KIND = 3;
  private static final int ACTOR_ID = 4;
  private static final int ACTION = 5;
  private static final int TARGET_TYPE = 6;
  private static final int TARGET_ID = 7;
  private static final int DETAILS = 8;
  private static final int SEQ = 9;
  private static final int HASH = 10;

  private record Head(long seq, ChainHash hash) {}

  /** Made by H2. */
  public H2AuditChain() {}

  @Override
  public void fire(Connection connection, Object[] oldRow, Object[] newRow) throws SQLException {
    StoredAuditEvent row =
        new StoredAuditEvent(
            text(newRow, ORGANIZATION),
            text(newRow, ID),
            ((OffsetDateTime) newRow[OCCURRED_AT]).toInstant(),
            text(newRow, ACTOR_KIND),
            text(newRow, ACTOR_ID),
            text(newRow, ACTION),
            text(newRow, TARGET_TYPE),
            text(newRow, TARGET_ID),
            text(newRow, DETAILS),
            0,
            Optional.empty());
    Head last = lock(connection, row.organization());
    byte[] hash = row.hashAfter(last.hash(), last.seq() + 1).bytes();
    try (PreparedStatement move = connection.prepareStatement(MOVE)) {
      Params to = new Params(move);
      to.number(last.seq() + 1).bytes(hash).text(row.organization());
      move.executeUpdate();
    }
    newRow[SEQ] = last.seq() + 1;
    newRow[HASH] = hash;
  }

  private static String text(Object[] row, int column) {
    return String.valueOf(row[column]);
  }

  private static Head lock(Connection connection, String organization) throws SQLException {
    Optional<Head> head = find(connection, organization);
    if (head.isEmpty()) {
      try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
        Params to = new Params(begin);
        to.text(organization).bytes(StoredAuditEvent.genesis(organization).bytes());
        begin.executeUpdate();
      } catch (SQLException e) {
        // Another one's first event was faster, and we have waited for its commit.
        if (Dialect.H2.classify(e) != Dialect.Failure.DUPLICATE) {
          throw e;
        }
      }
      head = find(connection, organization);
    }
    return head.orElseThrow();
  }

  private static Optional<Head> find(Connection connection, String organization)
      throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
      new Params(lock).text(organization);
      try (ResultSet found = lock.executeQuery()) {
        return found.next()
            ? Optional.of(new Head(found.getLong("seq"), ChainHash.of(found.getBytes("hash"))))
            : Optional.empty();
      }
    }
  }
}
