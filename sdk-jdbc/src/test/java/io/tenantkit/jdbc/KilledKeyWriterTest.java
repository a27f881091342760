package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while its threads create, rotate and revoke keys through the manager.
 * What it was told is done is there, and every row agrees with its events: none without the other.
 * How often is the system property {@code tenantkit.kill.rounds}; the Maven profile {@code long}
 * makes it more.
 */
final class KilledKeyWriterTest {
  private static final int ROUNDS = Integer.getInteger("tenantkit.kill.rounds", 2);

  private static final int THREADS = 4;

  private static final String REASON = "over";

  /** One statement, so one snapshot: a killed process's last backend may still be at work. */
  private static final String ROWS =
      """
      SELECT k.id, k.successor_id, k.revoked_reason, k.family_id,
             (SELECT count(*) FROM tenantkit.audit_events e
               WHERE e.organization_id = k.organization_id AND e.target_id = k.id AND e.action = 'api_key.created') AS created,
             (SELECT count(*) FROM tenantkit.audit_events e
               WHERE e.organization_id = k.organization_id AND e.target_id = k.id AND e.action = 'api_key.rotated') AS rotated,
             (SELECT count(*) FROM tenantkit.audit_events e
               WHERE e.organization_id = k.organization_id AND e.target_id = k.id AND e.action = 'api_key.revoked') AS revoked,
             (SELECT count(*) FROM tenantkit.api_keys p
               WHERE p.organization_id = k.organization_id AND p.successor_id = k.id) AS predecessors,
             (SELECT count(*) FROM tenantkit.audit_events e WHERE e.action LIKE 'api_key.%') AS events
        FROM tenantkit.api_keys k\
      """;

  private record KeyRow(@Nullable String successor, @Nullable String reason) {}

  @TempDir private Path folder;

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    for (int round = 0; round < ROUNDS; round++) {
      Process child =
          WriterProcess.start(
              PostgresqlWriter.class,
              Cluster.url(database.name()),
              database.roles().application(),
              database.roles().admin(),
              "round-" + round);
      List<String> acknowledged = WriterProcess.killedAfter(60 + 17 * (round % 10), child);
      try (Connection dba = database.dba()) {
        assertWhole(dba, acknowledged, "postgresql");
      }
    }
  }

  @Test
  void onH2() throws Exception {
    Path file = folder.resolve("keys");
    for (int round = 0; round < ROUNDS; round++) {
      Process child = WriterProcess.start(H2Writer.class, file.toString(), "round-" + round);
      List<String> acknowledged = WriterProcess.killedAfter(60 + 17 * (round % 10), child);
      try (JdbcStorage storage = JdbcStorage.h2(file).open();
          Connection connection = storage.connection()) {
        assertWhole(connection, acknowledged, "h2");
      }
    }
  }

  private static void assertWhole(Connection connection, List<String> acknowledged, String dialect)
      throws SQLException {
    Map<String, KeyRow> rows = new HashMap<>();
    long told = 0;
    long events = 0;
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(ROWS)) {
      while (found.next()) {
        String id = found.getString("id");
        KeyRow row = new KeyRow(found.getString("successor_id"), found.getString("revoked_reason"));
        boolean first = found.getString("family_id").equals(id);
        assertThat(found.getInt("created")).as("created " + id).isEqualTo(first ? 1 : 0);
        assertThat(found.getInt("predecessors")).as("made " + id).isEqualTo(first ? 0 : 1);
        assertThat(found.getInt("rotated"))
            .as("rotated " + id)
            .isEqualTo(row.successor() == null ? 0 : 1);
        assertThat(found.getInt("revoked"))
            .as("revoked " + id)
            .isEqualTo(REASON.equals(row.reason()) ? 1 : 0);
        rows.put(id, row);
        told += found.getInt("created") + found.getInt("rotated") + found.getInt("revoked");
        events = found.getLong("events");
      }
    }
    assertThat(rows.values().stream().map(KeyRow::successor).filter(Objects::nonNull))
        .as("successors that are not there")
        .allSatisfy(successor -> assertThat(rows).containsKey(successor));
    assertThat(events).as("events without a row").isEqualTo(told);
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(60);
    for (String line : acknowledged) {
      String[] parts = line.split(" ", -1);
      assertThat(rows).as(line).containsKey(parts[1]);
      switch (parts[0]) {
        case "rotated" -> assertThat(rows.get(parts[1]).successor()).as(line).isEqualTo(parts[2]);
        case "revoked" -> assertThat(rows.get(parts[1]).reason()).as(line).isEqualTo(REASON);
        default -> assertThat(parts[0]).isEqualTo("created");
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet broken = statement.executeQuery(AuditTampering.verifyAudit(dialect))) {
      assertThat(broken.next()).as("a chain is broken").isFalse();
    }
  }

  /** The process that is killed, on PostgreSQL. */
  static final class PostgresqlWriter {
    private PostgresqlWriter() {}

    public static void main(String[] arguments) {
      write(
          WriterProcess.postgresql(arguments[0], arguments[1], arguments[2], THREADS),
          arguments[3],
          THREADS);
    }
  }

  /** The process that is killed, on H2. */
  static final class H2Writer {
    private H2Writer() {}

    public static void main(String[] arguments) {
      write(JdbcStorage.h2(Path.of(arguments[0])).open(), arguments[1], THREADS);
    }
  }

  private static void write(JdbcStorage storage, String organization, int threads) {
    ControlPlane plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).build();
    OrganizationId id = OrganizationId.of(organization);
    plane.organizations().create(Operator.trusted("ops", "write"), id, organization);
    IntStream.range(0, threads)
        .forEach(i -> new Thread(() -> write(plane.apiKeys(), id), "writer " + i).start());
  }

  private static void write(ApiKeyManager keys, OrganizationId organization) {
    TenantContext tenant = TenantContext.trusted(organization, "write");
    for (int i = 0; i < 100_000; i++) {
      Rotation how = i % 2 == 0 ? Rotation.immediate() : Rotation.withGrace(Duration.ofHours(1));
      try (IssuedApiKey key = keys.create(tenant, NewApiKey.live("k"))) {
        ApiKeyId old = key.key().id();
        say("created " + old);
        try (IssuedApiKey next = keys.rotate(tenant, old, how)) {
          say("rotated " + old + " " + next.key().id());
          keys.revoke(tenant, next.key().id(), REASON);
          say("revoked " + next.key().id());
        }
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
