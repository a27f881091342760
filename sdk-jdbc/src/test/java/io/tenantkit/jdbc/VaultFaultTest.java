package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The trail hangs or fails under every way to a secret's value: a locked head of a chain, a locked
 * table, a database that is silent or down, one that refuses the event. No value leaves, the call
 * ends by the bound of the database while the fault still goes on, with a typed error, and the same
 * call works when it is over.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VaultFaultTest {
  private static final Duration STATEMENT = Duration.ofMillis(500);
  private static final Duration POOL = Duration.ofSeconds(1);
  private static final TenantContext CONTEXT = TenantContext.trusted(VaultFaults.ACME, "host");

  private Cluster.Database database;
  private OwnedDatabase owned;
  private FaultRelay relay;
  private HikariDataSource pool;
  private HikariDataSource admin;
  private JdbcStorage storage;
  private VaultFaults faults;

  @BeforeAll
  void open() throws Exception {
    database = Cluster.migrated();
    owned = OwnedDatabase.postgresql(database);
    relay = new FaultRelay(Cluster.port());
    pool = relay.pool(database, POOL);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(pool).admin(admin).statementTimeout(STATEMENT).open();
    faults = new VaultFaults(owned, storage);
    database.asDba(
        """
        CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $full$
        BEGIN
          RAISE EXCEPTION 'no room' USING ERRCODE = '53100';
        END
        $full$;\
        """);
  }

  @AfterAll
  void close() throws Exception {
    faults.close();
    storage.close();
    pool.close();
    admin.close();
    owned.close();
    relay.close();
  }

  @Test
  void aLockedHeadOfTheChain() throws Exception {
    try (HeldRow head = new HeldRow(database, "audit_heads", "organization_id = 'acme'")) {
      faults.fail(Set.of(ErrorCode.STORAGE_BUSY), false);
      head.release();
    }
    faults.recover();
  }

  @Test
  void aLockedTableOfEvents() throws Exception {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      dba.setAutoCommit(false);
      statement.execute("LOCK TABLE tenantkit.audit_events");
      faults.fail(Set.of(ErrorCode.STORAGE_BUSY), false);
      dba.rollback();
    }
    faults.recover();
  }

  @Test
  void eventsThatTheDatabaseRefuses() throws Exception {
    database.asDba(
        "CREATE TRIGGER full_disk BEFORE INSERT ON tenantkit.audit_events FOR EACH ROW EXECUTE FUNCTION full()");
    try {
      faults.fail(Set.of(ErrorCode.STORAGE_READ_ONLY), false);
    } finally {
      database.asDba("DROP TRIGGER full_disk ON tenantkit.audit_events");
    }
    faults.recover();
  }

  /** What becomes of requests, of all or of those with this text. */
  enum Silence {
    ALL(FaultRelay.Fault.BLACK_HOLE, "", ErrorCode.STORAGE_UNAVAILABLE),
    EVENTS(FaultRelay.Fault.BLACK_HOLE, "audit_events", ErrorCode.STORAGE_UNAVAILABLE),
    // Nobody can tell what became of a commit; here it never arrives.
    COMMITS(FaultRelay.Fault.BLACK_HOLE, "COMMIT", ErrorCode.COMMIT_UNKNOWN),
    DOWN(FaultRelay.Fault.DOWN, "", ErrorCode.STORAGE_UNAVAILABLE);

    private final FaultRelay.Fault fault;
    private final String request;
    private final ErrorCode code;

    Silence(FaultRelay.Fault fault, String request, ErrorCode code) {
      this.fault = fault;
      this.request = request;
      this.code = code;
    }
  }

  @ParameterizedTest
  @EnumSource(Silence.class)
  void aDatabaseThatIsSilent(Silence silence) throws Exception {
    relay.fail(silence.fault, silence.request);
    try {
      // What is read before has no commit, or one that changes nothing.
      faults.fail(EnumSet.of(silence.code, ErrorCode.STORAGE_UNAVAILABLE), false);
    } finally {
      relay.heal();
    }
    faults.recover();
  }

  /** The commit arrives and its answer does not: the event is there, and still no value leaves. */
  @Test
  void aCommitWhoseAnswerIsLost() {
    SecretRef ref = SecretRef.of("app", Environment.PRODUCTION, "lost");
    put("one", ref);
    long revealed = count("secret.revealed");
    relay.fail(FaultRelay.Fault.CUT_ANSWER, "COMMIT");
    assertUnknown(catchThrowable(() -> faults.vault().reveal(CONTEXT, ref).close()));
    faults.recover();
    assertThat(count("secret.revealed")).as("that one, and the recovery's").isEqualTo(revealed + 2);

    long added = count("secret.version_added");
    relay.fail(FaultRelay.Fault.CUT_ANSWER, "COMMIT");
    assertUnknown(catchThrowable(() -> put("two", ref)));
    faults.recover();
    assertThat(count("secret.version_added"))
        .as("that one, and the recovery's")
        .isEqualTo(added + 3);
    assertThat(faults.vault().versions(CONTEXT, ref)).hasSize(2);
    try (SecretFields fields = faults.vault().reveal(CONTEXT, ref)) {
      assertThat(fields.value().string(SecretAccess.get())).isEqualTo("two");
    }
  }

  private static void assertUnknown(Throwable thrown) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.COMMIT_UNKNOWN));
  }

  private void put(String text, SecretRef ref) {
    try (SecretValue value = SecretValue.of(text)) {
      faults.vault().put(CONTEXT, ref, value);
    }
  }

  private long count(String action) {
    return faults
        .plane()
        .audit()
        .list(CONTEXT, PageRequest.first(PageRequest.MAX_LIMIT))
        .items()
        .stream()
        .map(AuditEvent::action)
        .filter(action::equals)
        .count();
  }

  /** Another session sees the event while the code still runs. */
  @Test
  void theEventIsCommittedBeforeTheValueIsLent() throws Exception {
    SecretRef ref = SecretRef.of("app", Environment.PRODUCTION, "ordered");
    put("one", ref);
    String used =
        "SELECT count(*) FROM tenantkit.audit_events WHERE action = '%s' AND details ->> 'name' = 'ordered'";
    List<String> seen =
        faults
            .vault()
            .use(CONTEXT, ref, "look", value -> owned.texts(used.formatted("secret.used")));
    assertThat(seen).containsExactly("1");
    SecretFields open = faults.vault().reveal(CONTEXT, ref);
    assertThat(owned.texts(used.formatted("secret.revealed"))).containsExactly("1");
    open.close();
  }

  /** The writers of an H2 file wait ten seconds each, so here all do so at once. */
  @Test
  void aLockedHeadOfTheChainOnH2(@TempDir Path folder) throws Exception {
    OwnedDatabase h2 = OwnedDatabase.h2(folder.resolve("vault"));
    try (JdbcStorage file = h2.open();
        VaultFaults there = new VaultFaults(h2, file)) {
      try (Connection holder = h2.connect();
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute(
            "SELECT * FROM tenantkit.audit_heads WHERE organization_id = 'acme' FOR UPDATE");
        there.fail(Set.of(ErrorCode.STORAGE_BUSY), true);
        holder.rollback();
      }
      there.recover();

      // And while another one has joined and has the file to itself.
      try (Connection holder = file.connection()) {
        file.join(
            TenantContext.trusted(VaultFaults.ACME, "other"), holder, (joined, connection) -> true);
        there.fail(Set.of(ErrorCode.STORAGE_BUSY), true);
        holder.rollback();
      }
      there.recover();
      SecretRef ref = SecretRef.of("app", Environment.PRODUCTION, "old");
      SecretVault vault = there.vault();
      String used = "SELECT count(*) FROM tenantkit.audit_events WHERE action = 'secret.used'";
      String before = h2.texts(used).get(0);
      String during = vault.use(CONTEXT, ref, "look", value -> h2.texts(used).get(0));
      assertThat(Integer.parseInt(during)).isEqualTo(Integer.parseInt(before) + 1);
    }
  }
}
