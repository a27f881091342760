package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.audit.ChainVerification.Kind;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Somebody with all rights on the database, but without the master key, changes the trail. */
abstract class AuditTampering {
  static final OrganizationId ACME = OrganizationId.of("acme");
  private static final int EVENTS = 9;
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final List<Event> events = new ArrayList<>();
  private final Samples samples = new Samples();
  private Harness harness;
  private CoreStores stores;
  private ControlPlane plane;

  /** An empty storage. */
  abstract Harness open();

  /** Runs SQL with all rights, past triggers, constraints on numbers, and row level security. */
  abstract void tamper(String sql);

  /** Looks with SQL alone. */
  abstract boolean foundBySql();

  @BeforeEach
  final void writeATrail() {
    harness = open();
    stores = harness.storage().stores(CoreStores.class).orElseThrow();
    plane =
        ControlPlane.builder(
                harness.storage(),
                MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .clock(clock)
            .listener(events::add)
            .manualMaintenance()
            .build();
    stores
        .organizations()
        .insert(OPERATOR, samples.organization(ACME, "Name"), samples.event(ACME, "created"));
    append(EVENTS - 1);
    assertThat(verify()).isInstanceOf(Intact.class);
    assertThat(foundBySql()).isFalse();
  }

  @AfterEach
  final void close() {
    plane.close();
    harness.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "id | 'evt_other'",
        "occurred_at | TIMESTAMP WITH TIME ZONE '2026-03-21 12:34:56.123458+00'",
        "actor_kind | 'USER'",
        "actor_kind | 'NONSENSE'",
        "actor_id | 'mallory'",
        "action | 'nothing.happened'",
        "target_type | 'thing'",
        "target_id | 'sample-2'",
        "details | '{\"n\": \"forged\"}'",
        "hash | NULL",
        "hash | (SELECT f.hash FROM tenantkit.audit_events f WHERE f.seq = 4 AND f.organization_id = 'acme')",
      })
  void everyColumnOfEveryRow(String column, String value) {
    for (int seq = 1; seq <= EVENTS; seq++) {
      if (value.contains("f.seq = " + seq + " ")) {
        continue;
      }
      tamper(
          "DROP TABLE IF EXISTS saved; CREATE TABLE saved AS SELECT * FROM tenantkit.audit_events");

      update(seq, column + " = " + value);

      assertBroken(seq, Kind.ALTERED);
      tamper(
          "DELETE FROM tenantkit.audit_events; INSERT INTO tenantkit.audit_events SELECT * FROM saved; DROP TABLE saved");
      assertThat(verify()).isInstanceOf(Intact.class);
    }
  }

  @Test
  void everySingleDelete() {
    for (int seq = 1; seq < EVENTS; seq++) {
      tamper(
          "DROP TABLE IF EXISTS saved; CREATE TABLE saved AS SELECT * FROM tenantkit.audit_events");
      delete("seq = " + seq);

      assertBroken(seq, Kind.MISSING);
      tamper(
          "DELETE FROM tenantkit.audit_events; INSERT INTO tenantkit.audit_events SELECT * FROM saved; DROP TABLE saved");
    }
    delete("seq = " + EVENTS);
    assertBroken(EVENTS, Kind.CUT_TAIL);
  }

  @Test
  void rowsThatChangedPlaces() {
    update(3, "seq = 1003");
    update(6, "seq = 3");
    update(1003, "seq = 6");

    assertBroken(3, Kind.REORDERED);
  }

  @Test
  void contentsThatChangedPlaces() {
    List<StoredAuditEvent> before = rows();
    delete("seq IN (3, 4)");
    put(before.get(3), 3, before.get(2).hash());
    put(before.get(2), 4, before.get(3).hash());

    assertBroken(3, Kind.REORDERED);
  }

  @Test
  void rowForgedIntoTheMiddle() {
    delete("seq = 5");
    insert(5);

    assertBroken(5, Kind.ALTERED);
  }

  @Test
  void rowForgedBehindTheHead() {
    insert(EVENTS + 1);

    assertBroken(EVENTS + 1, Kind.ALTERED);
  }

  @Test
  void wellMadeRowThatTheHeadDoesNotKnow() {
    StoredAuditEvent last = rows().get(EVENTS - 1);
    StoredAuditEvent forged = changed(last).chained(last.hash().orElseThrow(), EVENTS + 1);
    put(forged);

    assertBroken(EVENTS + 1, Kind.FORKED);
  }

  @Test
  void headThatFollowsFromOtherEvents() {
    tamper(
        "UPDATE tenantkit.audit_heads SET hash = (SELECT hash FROM tenantkit.audit_events WHERE seq = 2)");
    assertBroken(EVENTS, Kind.FORKED);
  }

  /** Else the organization could append nothing any more, and no head be signed. */
  @Test
  void headThatIsNoHashIsRefusedByTheDatabase() {
    String sql = "UPDATE tenantkit.audit_heads SET hash = " + literal("00");

    assertThat(catchThrowable(() -> tamper(sql, true))).isInstanceOf(IllegalStateException.class);
    assertThat(verify()).isInstanceOf(Intact.class);
  }

  @Test
  void headThatIsGone() {
    tamper("DELETE FROM tenantkit.audit_heads");
    assertBroken(EVENTS + 1, Kind.CUT_TAIL);
  }

  @Test
  void tailThatWasCutWithItsHeadSetBack() {
    AuditCheckpoint outside = plane.audit().checkpoint(OPERATOR, ACME).orElseThrow();

    cutTo(6);

    assertBroken(7, Kind.CUT_TAIL);
    tamper("DELETE FROM tenantkit.audit_checkpoints");
    assertThat(verify()).as("without the checkpoint nobody could know").isInstanceOf(Intact.class);
    assertThat(plane.audit().verify(CONTEXT, outside))
        .isEqualTo(new Broken(ACME, 7, Kind.CUT_TAIL));
    assertThat(plane.audit().verify(OPERATOR, ACME, outside))
        .isEqualTo(new Broken(ACME, 7, Kind.CUT_TAIL));
    append(5);
    assertThat(plane.audit().verify(CONTEXT, AuditCheckpoint.parse(outside.text())))
        .isEqualTo(new Broken(ACME, EVENTS, Kind.REWRITTEN));
  }

  @Test
  void chainThatWasComputedAnew() {
    AuditCheckpoint outside = plane.audit().checkpoint(OPERATOR, ACME).orElseThrow();

    recomputeFrom(4);

    assertBroken(EVENTS, Kind.REWRITTEN);
    tamper("DELETE FROM tenantkit.audit_checkpoints");
    assertThat(verify()).as("consistent in itself").isInstanceOf(Intact.class);
    assertThat(foundBySql()).isFalse();
    assertThat(plane.audit().verify(CONTEXT, outside))
        .isEqualTo(new Broken(ACME, EVENTS, Kind.REWRITTEN));
  }

  @Test
  void checkpointSignedByNobody() {
    plane.audit().checkpoint(OPERATOR, ACME);
    recomputeFrom(4);
    tamper(
        "UPDATE tenantkit.audit_checkpoints SET hash = (SELECT hash FROM tenantkit.audit_heads WHERE organization_id = 'acme')");

    assertThat(verify()).isEqualTo(new Broken(ACME, EVENTS, Kind.CHECKPOINT_FORGED));
  }

  @Test
  void headOfABrokenChainIsReportedAndNotSigned() {
    AuditCheckpoint before = plane.audit().checkpoint(OPERATOR, ACME).orElseThrow();
    append(3);
    update(EVENTS + 2, "action = 'x'");

    clock.tick(Duration.ofMinutes(5));
    plane.runDue(clock.instant());

    assertThat(events)
        .filteredOn(event -> event.type() == EventType.AUDIT_CHAIN_BROKEN)
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.details())
                    .containsEntry("seq", "11")
                    .containsEntry("kind", "ALTERED"));
    assertThat(stores.auditCheckpoints().newest(CONTEXT, AuditCheckpoint.Kind.HEAD))
        .contains(before);
  }

  @Test
  void signedHistoryThatWasComputedAnewIsNotSignedAgain() {
    plane.audit().checkpoint(OPERATOR, ACME);
    recomputeFrom(2);
    append(1);

    assertThat(plane.audit().checkpoint(OPERATOR, ACME)).isEmpty();
  }

  @Test
  void brokenChainIsNotPruned() {
    plane.audit().checkpoint(OPERATOR, ACME);
    update(3, "action = 'x'");

    assertThat(
            catchThrowable(() -> plane.audit().prune(OPERATOR, ACME, Samples.NOW.plusSeconds(1))))
        .isInstanceOf(ConflictException.class);
    assertThat(rows()).hasSize(EVENTS);
  }

  @Test
  void anchorMadeOfASignedHead() {
    plane.audit().checkpoint(OPERATOR, ACME);
    delete("seq <= 5");
    tamper("UPDATE tenantkit.audit_checkpoints SET kind = 'ANCHOR'");

    assertThat(verify()).isEqualTo(new Broken(ACME, EVENTS, Kind.CHECKPOINT_FORGED));
  }

  @Test
  void prunedRowThatIsBack() {
    List<StoredAuditEvent> before = rows();
    plane.audit().prune(OPERATOR, ACME, Samples.NOW.plusSeconds(1));
    assertThat(verify()).isInstanceOf(Intact.class);
    assertThat(foundBySql()).as("pruned and whole").isFalse();
    append(2);
    assertThat(foundBySql()).as("and going on").isFalse();
    put(before.get(2));

    assertBroken(3, Kind.FORKED);
  }

  @Test
  void rowsWrittenByHandAreLinks() {
    tamper(
        "INSERT INTO tenantkit.audit_events (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id)"
            + " VALUES ('acme', 'evt_hand', CURRENT_TIMESTAMP, 'HOST', 'dba', 'by.hand', 't', 'i')",
        true);

    assertThat(verify())
        .isInstanceOfSatisfying(
            Intact.class, found -> assertThat(found.seq()).isEqualTo(EVENTS + 1));
    assertThat(foundBySql()).isFalse();
  }

  /** Runs SQL with the trigger in force. */
  abstract void tamper(String sql, boolean withTrigger);

  private void assertBroken(long seq, Kind kind) {
    assertThat(verify()).isEqualTo(new Broken(ACME, seq, kind));
    assertThat(foundBySql()).isTrue();
  }

  private ChainVerification verify() {
    return plane.audit().verify(CONTEXT);
  }

  private List<StoredAuditEvent> rows() {
    return stores.audit().rows(CONTEXT, 0, 100);
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      stores.audit().append(CONTEXT, samples.event(ACME, "appended").with("n", "\u00e9" + i));
    }
  }

  private void update(long seq, String assignment) {
    tamper("UPDATE tenantkit.audit_events SET " + assignment + " WHERE seq = " + seq);
  }

  private void delete(String where) {
    tamper("DELETE FROM tenantkit.audit_events WHERE " + where);
  }

  private void insert(long seq) {
    StoredAuditEvent any = rows().get(0);
    put(changed(any), seq, any.hash());
  }

  private void put(StoredAuditEvent row, long seq, Optional<ChainHash> hash) {
    put(
        new StoredAuditEvent(
            row.organization(),
            row.id(),
            row.at(),
            row.actorKind(),
            row.actorId(),
            row.action(),
            row.targetType(),
            row.targetId(),
            row.details(),
            seq,
            hash));
  }

  private void put(StoredAuditEvent row) {
    tamper(
        String.format(
            Locale.ROOT,
            "INSERT INTO tenantkit.audit_events (organization_id, id, occurred_at, actor_kind, actor_id, action,"
                + " target_type, target_id, details, seq, hash) VALUES ('%s', '%s', TIMESTAMP WITH TIME ZONE '%s', '%s', '%s',"
                + " '%s', '%s', '%s', '%s', %d, %s)",
            row.organization(),
            row.id(),
            row.at().toString().replace("Z", "+00"),
            row.actorKind(),
            row.actorId(),
            row.action(),
            row.targetType(),
            row.targetId(),
            row.details(),
            row.seq(),
            bytes(row.hash().orElseThrow().bytes())));
  }

  private static StoredAuditEvent changed(StoredAuditEvent row) {
    return new StoredAuditEvent(
        row.organization(),
        row.id() + "x",
        row.at(),
        row.actorKind(),
        row.actorId(),
        "forged",
        row.targetType(),
        row.targetId(),
        row.details(),
        row.seq(),
        row.hash());
  }

  /** As somebody would who knows how links are made: everything after is computed anew too. */
  private void recomputeFrom(int seq) {
    List<StoredAuditEvent> all = new ArrayList<>(rows());
    for (int i = seq - 1; i < all.size(); i++) {
      StoredAuditEvent row = i == seq - 1 ? changed(all.get(i)) : all.get(i);
      all.set(i, row.chained(all.get(i - 1).hash().orElseThrow(), i + 1L));
    }
    delete("seq >= " + seq);
    all.subList(seq - 1, all.size()).forEach(this::put);
    setHead(all.get(all.size() - 1));
  }

  private void cutTo(int seq) {
    delete("seq > " + seq);
    setHead(rows().get(seq - 1));
  }

  private void setHead(StoredAuditEvent last) {
    tamper(
        "UPDATE tenantkit.audit_heads SET seq = "
            + last.seq()
            + ", hash = "
            + bytes(last.hash().orElseThrow().bytes()));
  }

  /** A literal of bytes. */
  abstract String literal(String hex);

  private String bytes(byte[] value) {
    return literal(HexFormat.of().formatHex(value));
  }

  /** The query that hosts get for this database. */
  static String verifyAudit(String folder) {
    String file = "/io/tenantkit/jdbc/" + folder + "/verify_audit.sql";
    try (InputStream in = Objects.requireNonNull(JdbcStorage.class.getResourceAsStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
