package io.tenantkit.examples.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import javax.sql.DataSource;

/**
 * The floor of creating an API key: draw it, hash it, and the same rows written by the same
 * statements in one transaction, on the same pool and in as few round trips as ours: on PostgreSQL
 * the tenant's setting and both inserts go in one flush with BEGIN, then COMMIT.
 *
 * <p>Left out: scopes, checks, the key's checksum, ids that ascend, JSON encoding, errors told
 * apart. For one thread.
 */
final class HandCreate {
  private static final String SET = "SELECT set_config('app.organization_id', ?, true);\n";
  private static final String KEY =
      """
      INSERT INTO tenantkit.api_keys
        (organization_id, id, name, key_prefix, mode, scopes, enabled, created_by, created_at, updated_at,
         expires_at, revoked_at, revoked_reason, family_id, successor_id, version, key_hash)
      VALUES (?, ?, ?, ?, ?, ?json, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String EVENT =
      """
      INSERT INTO tenantkit.audit_events
        (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?json)""";
  private static final HexFormat HEX = HexFormat.of();

  private final DataSource pool;
  private final boolean postgresql;
  private final String key;
  private final String event;
  private final SecureRandom random = new SecureRandom();
  private final MessageDigest sha256;
  private long number;

  HandCreate(DataSource pool, boolean postgresql) {
    this.pool = pool;
    this.postgresql = postgresql;
    String json = postgresql ? "CAST(? AS jsonb)" : "?";
    this.key = KEY.replace("?json", json);
    this.event = EVENT.replace("?json", json);
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String create() throws SQLException {
    byte[] drawn = new byte[24];
    random.nextBytes(drawn);
    String secret = "ak_live_" + HEX.formatHex(drawn);
    String hash = HEX.formatHex(sha256.digest(secret.getBytes(StandardCharsets.US_ASCII)));
    String id = "hand_" + ++number;
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      if (postgresql) {
        try (PreparedStatement all = connection.prepareStatement(SET + key + ";\n" + event)) {
          all.setString(1, "acme");
          bindEvent(all, bindKey(all, 1, id, secret, hash, now), id, now);
          all.execute();
        }
      } else {
        try (PreparedStatement insert = connection.prepareStatement(key)) {
          bindKey(insert, 0, id, secret, hash, now);
          insert.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement(event)) {
          bindEvent(insert, 0, id, now);
          insert.executeUpdate();
        }
      }
      connection.commit();
      connection.setAutoCommit(true);
    }
    return secret;
  }

  private static int bindKey(
      PreparedStatement to, int at, String id, String secret, String hash, OffsetDateTime now)
      throws SQLException {
    int i = at;
    to.setString(++i, "acme");
    to.setString(++i, id);
    to.setString(++i, "by hand");
    to.setString(++i, secret.substring(0, 16));
    to.setString(++i, "LIVE");
    to.setString(++i, "[\"livekit:*\"]");
    to.setBoolean(++i, true);
    to.setString(++i, "benchmark");
    to.setObject(++i, now);
    to.setObject(++i, now);
    to.setNull(++i, Types.TIMESTAMP_WITH_TIMEZONE);
    to.setNull(++i, Types.TIMESTAMP_WITH_TIMEZONE);
    to.setString(++i, null);
    to.setString(++i, id);
    to.setString(++i, null);
    to.setLong(++i, 1);
    to.setString(++i, hash);
    return i;
  }

  private static void bindEvent(PreparedStatement to, int at, String id, OffsetDateTime now)
      throws SQLException {
    int i = at;
    to.setString(++i, "acme");
    to.setString(++i, id);
    to.setObject(++i, now);
    to.setString(++i, "HOST");
    to.setString(++i, "benchmark");
    to.setString(++i, "api_key.created");
    to.setString(++i, "api_key");
    to.setString(++i, id);
    to.setString(++i, "{\"name\":\"by hand\",\"prefix\":\"ak_live_\"}");
  }
}
