package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.audit.ChainVerification.Kind;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SQL that somebody runs as the application role does to the trail: it may add, it can neither
 * change nor hide, and what it forges of the checkpoints is found.
 */
final class HostileAuditTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final int EVENTS = 5;
  private static final String EVENT =
      "INSERT INTO tenantkit.audit_events (organization_id, id, occurred_at, actor_kind, actor_id, action,"
          + " target_type, target_id, details) VALUES ";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final List<Event> events = new ArrayList<>();
  private Harness harness;
  private ControlPlane plane;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(2);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @BeforeEach
  void writeATrail() {
    harness = Harness.postgresql(database, app, admin);
    CoreStores stores = harness.storage().stores(CoreStores.class).orElseThrow();
    plane =
        ControlPlane.builder(harness.storage(), VerifyingNode.masterKeys())
            .clock(clock)
            .listener(events::add)
            .manualMaintenance()
            .build();
    Samples samples = new Samples();
    stores
        .organizations()
        .insert(OPERATOR, samples.organization(ACME, "Acme"), samples.event(ACME, "created"));
    for (int i = 1; i < EVENTS; i++) {
      stores.audit().append(CONTEXT, samples.event(ACME, "appended"));
    }
  }

  @AfterEach
  void close() {
    plane.close();
    harness.close();
  }

  private static void run(String sql) throws SQLException {
    try (Connection connection = database.connect(database.roles().application());
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT set_config('app.organization_id', 'acme', false);" + sql);
    }
  }

  private ChainVerification verify() {
    return plane.audit().verify(CONTEXT);
  }

  private AuditCheckpoint checkpoint() {
    return plane.audit().checkpoint(OPERATOR, ACME).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "42501 | UPDATE tenantkit.audit_checkpoints SET signature = hash",
        "42501 | DELETE FROM tenantkit.audit_checkpoints",
        "42501 | TRUNCATE tenantkit.audit_checkpoints",
        "42501 | SELECT FROM tenantkit.audit_checkpoints FOR UPDATE",
        "42501 | INSERT INTO tenantkit.audit_checkpoints SELECT * FROM tenantkit.audit_checkpoints"
            + " ON CONFLICT (organization_id, kind, seq) DO UPDATE SET signature = EXCLUDED.hash",
        "23505 | INSERT INTO tenantkit.audit_checkpoints SELECT * FROM tenantkit.audit_checkpoints",
        "42501 | UPDATE tenantkit.audit_events SET action = 'x'",
        "42501 | DELETE FROM tenantkit.audit_events",
        "42501 | TRUNCATE tenantkit.audit_events",
        "42501 | ALTER TABLE tenantkit.audit_events DISABLE TRIGGER audit_chain",
        "42501 | SET session_replication_role = replica",
        "42501 | UPDATE tenantkit.audit_heads SET seq = 1",
        "42501 | INSERT INTO tenantkit.audit_heads SELECT 'globex', seq, hash FROM tenantkit.audit_heads",
        "42501 | DELETE FROM tenantkit.audit_heads",
        "42501 | SELECT FROM tenantkit.audit_heads FOR UPDATE",
        "42501 | SELECT tenantkit.audit_prune('acme', 1)",
        "42501 | SELECT tenantkit.audit_chain()",
        // A row that the head counts and that is not there.
        "23505 | INSERT INTO tenantkit.audit_events SELECT * FROM tenantkit.audit_events ON CONFLICT DO NOTHING",
        "23505 | INSERT INTO tenantkit.audit_events SELECT organization_id, 'twice', occurred_at, actor_kind, actor_id, action,"
            + " target_type, target_id, details FROM tenantkit.audit_events ON CONFLICT DO NOTHING",
        // Of a time that Java does not know.
        "0A000 | INSERT INTO tenantkit.audit_events SELECT organization_id, 'when', 'infinity', actor_kind, actor_id, action,"
            + " target_type, target_id, details FROM tenantkit.audit_events LIMIT 1",
        "22003 | INSERT INTO tenantkit.audit_events SELECT organization_id, 'when', '294276-12-31', actor_kind, actor_id, action,"
            + " target_type, target_id, details FROM tenantkit.audit_events LIMIT 1",
      })
  void trailIsOnlyAddedTo(String state, String sql) {
    checkpoint();
    assertThatThrownBy(() -> run(sql))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.getMessage()).isIn(state, "0A000"));
    assertThat(verify()).isInstanceOf(Intact.class);
  }

  /** By no number, link or content of theirs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "('acme', 'x', now(), 'HOST', 'mallory', 'a', 't', 'i', '{}')",
        "('acme', 'x', '4713-01-01 BC', 'HOST', 'a', 'a', 't', 'i', '{}')",
        "('acme', 'x', '1883-11-18 12:03:57.999999', 'HOST', 'a', 'a', 't', 'i', '{}')",
        "('acme', 'x', '294000-01-01', 'HOST', 'a', 'a', 't', 'i', '{}')",
        "('acme', 'x', now(), 'NONSENSE', 'a', 'a', 't', 'i', '{}')",
        "('acme', '', now(), '', '', '', '', '', '{}')",
        "('acme', 'x', now(), 'HOST', E'\\u0001\\u2028:\\u200b', E'a\\n', E'1:2\\t', '💥', '{}')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '7')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', 'null')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '\"text\"')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '[{\"a\": 1e400}]')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '{\"a\": {\"b\": null}, \"c\": 1e400}')",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', jsonb_build_object('long', repeat('x', 5000)))",
        "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i',"
            + " (SELECT jsonb_object_agg('k' || k, k) FROM generate_series(1, 100) k))",
      })
  void whatIsAddedIsALinkAndHidesNoOther(String row) throws Exception {
    run(EVENT + row);
    run(EVENT + "('acme', 'y', now(), 'HOST', 'b', 'b', 't', 'i', '{}')");

    assertThat(verify())
        .isInstanceOfSatisfying(
            Intact.class, intact -> assertThat(intact.seq()).isEqualTo(EVENTS + 2));
    assertThat(plane.audit().records(CONTEXT, PageRequest.first(100)).items())
        .extracting(AuditRecord::seq)
        .hasSize(EVENTS + 2);
    assertThat(checkpoint().seq()).isEqualTo(EVENTS + 2);
    assertThat(export()).isEqualTo(EVENTS + 2);
  }

  private long export() throws IOException {
    return plane.audit().export(CONTEXT, 0, Long.MAX_VALUE, new StringBuilder());
  }

  @Test
  void actorThatNobodyKnowsIsShownAsTheHostsOwnSql() throws Exception {
    run(
        EVENT
            + "('acme', 'x', now(), 'NONSENSE', E'mal\\nlory', 'a', 't', 'i', '{\"a\": 1, \"b\": [2]}')");
    AuditEvent shown =
        plane.audit().list(CONTEXT, PageRequest.first(100)).items().stream()
            .filter(event -> event.id().equals("x"))
            .findFirst()
            .orElseThrow();
    assertThat(shown.actor()).isEqualTo(new Actor(Actor.Kind.HOST, "NONSENSE mal lory"));
    assertThat(shown.details()).containsEntry("a", "1").containsEntry("b", "[2]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "ANCHOR"})
  void forgedCheckpointIsFoundAndNothingIsSignedOverIt(String kind) throws Exception {
    AuditCheckpoint outside = checkpoint();
    run(EVENT + "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '{}')");
    run(
        "INSERT INTO tenantkit.audit_checkpoints SELECT organization_id, '"
            + kind
            + "', seq, hash, now(), 1, sha256(hash) FROM tenantkit.audit_heads");

    Broken forged = new Broken(ACME, EVENTS + 1, Kind.CHECKPOINT_FORGED);
    assertThat(verify()).isEqualTo(forged);
    assertThat(plane.audit().verify(OPERATOR, ACME, outside)).isEqualTo(forged);
    assertThat(plane.audit().checkpoint(OPERATOR, ACME)).isEmpty();
    clock.tick(Duration.ofMinutes(10));
    plane.runDue(clock.instant());
    assertThat(events).extracting(Event::type).contains(EventType.AUDIT_CHAIN_BROKEN);
  }

  /** A signature that is genuine, at another place. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT organization_id, 'ANCHOR', seq, hash, signed_at, key_number, signature FROM tenantkit.audit_checkpoints",
        "SELECT organization_id, kind, seq + 1, hash, signed_at, key_number, signature FROM tenantkit.audit_checkpoints",
        "SELECT c.organization_id, c.kind, h.seq, h.hash, c.signed_at, c.key_number, c.signature"
            + " FROM tenantkit.audit_checkpoints c, tenantkit.audit_heads h",
      })
  void signatureThatIsMovedIsFound(String forged) throws Exception {
    checkpoint();
    run(EVENT + "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '{}')");
    run("INSERT INTO tenantkit.audit_checkpoints " + forged);

    assertThat(verify())
        .isInstanceOfSatisfying(
            Broken.class, broken -> assertThat(broken.kind()).isEqualTo(Kind.CHECKPOINT_FORGED));
  }

  /** Its key is not the one that opens under our master key, whatever its number. */
  @Test
  void keyOfTheirOwnSignsNothing() throws Exception {
    checkpoint();
    run(
        "INSERT INTO tenantkit.audit_keys SELECT 2, 1, master_key_id, wrapped, now() FROM tenantkit.audit_keys;"
            + " INSERT INTO tenantkit.audit_keys SELECT 1, 2, master_key_id, sha256(wrapped), now() FROM tenantkit.audit_keys"
            + " WHERE key_number = 1");
    run(EVENT + "('acme', 'x', now(), 'HOST', 'a', 'a', 't', 'i', '{}')");

    assertThat(checkpoint().keyNumber()).isOne();
    assertThat(verify()).isInstanceOf(Intact.class);
  }
}
