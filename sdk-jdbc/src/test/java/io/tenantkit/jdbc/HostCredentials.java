package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.imports.CredentialImport;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.imports.ImportReport;
import io.tenantkit.vault.imports.ImportReport.Problem;
import io.tenantkit.vault.imports.ImportReport.Reason;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The import of credentials from a host's own table, on any database. */
abstract class HostCredentials {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final String CANARY = "sk-canary-0123456789";
  private static final int ROWS = 7;

  private final TenantContext acme = TenantContext.trusted(ACME, "setup");
  private final TenantContext globex = TenantContext.trusted(GLOBEX, "setup");

  private JdbcStorage storage;
  private ControlPlane plane;
  private SecretVault vault;
  private CredentialTarget target;
  private HostCredentialTable source;

  /** A storage whose database has the host's table {@code integrations}, empty. */
  abstract JdbcStorage open() throws SQLException;

  /** Runs SQL beside the library. */
  abstract void sql(String sql) throws SQLException;

  /** Lets the library's application role read and change a table. */
  abstract void grant(String table) throws SQLException;

  /** The first column of a query beside the library. */
  abstract List<@Nullable String> ask(String sql) throws SQLException;

  static void run(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static List<@Nullable String> texts(Connection connection, String sql) throws SQLException {
    List<@Nullable String> texts = new ArrayList<>();
    try (connection;
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  @BeforeEach
  void fill() throws SQLException {
    storage = open();
    byte[] key = new byte[32];
    key[0] = 1;
    plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(key))).manualMaintenance().build();
    vault = SecretVault.of(plane);
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      plane.organizations().create(Operator.trusted("setup", "test"), id, id.value());
      for (int i = 1; i <= ROWS; i++) {
        sql(
            "INSERT INTO integrations VALUES ("
                + "%d, '%s', 'aws', '%s-%d-%s', 'second-%d', FALSE)"
                    .formatted(
                        (id.equals(ACME) ? 0 : 100) + i, id.value(), CANARY, i, id.value(), i));
      }
    }
    target = CredentialTarget.secrets(vault, HostCredentials::place);
    source =
        HostCredentialTable.in(storage, "integrations")
            .id("id")
            .organization("organization_id")
            .kind("provider")
            .field("access_key_id", "key_id")
            .field("secret_access_key", "key_secret")
            .imported("credentials_migrated")
            .build();
  }

  @AfterEach
  void closePlane() {
    plane.close();
    storage.close();
  }

  private static SecretRef place(HostCredential credential) {
    return SecretRef.of("legacy", Environment.PRODUCTION, "row-" + credential.id());
  }

  private static SecretRef place(int row) {
    return SecretRef.of("legacy", Environment.PRODUCTION, "row-" + row);
  }

  private CredentialImport importing(CredentialSource from) {
    return CredentialImport.of(vault, from, target);
  }

  @Test
  void dryRunWritesNothing() throws SQLException {
    ImportReport report = importing(source).dryRun(acme);

    assertThat(report)
        .extracting(ImportReport::dryRun, ImportReport::read, ImportReport::imported)
        .containsExactly(true, (long) ROWS, (long) ROWS);
    assertThat(report.isClean()).isTrue();
    assertThat(vault.list(acme, PageRequest.first(10)).items()).isEmpty();
    assertThat(left("acme")).hasSize(ROWS);
  }

  @Test
  void importsStoresComparesAndEmpties() throws SQLException {
    ImportReport report = importing(source).run(acme);

    assertThat(report.imported()).isEqualTo(ROWS);
    assertThat(report.isClean()).isTrue();
    assertThat(left("acme")).isEmpty();
    assertThat(
            ask(
                "SELECT id FROM integrations WHERE organization_id = 'acme' AND credentials_migrated"
                    + " AND key_id IS NULL AND key_secret IS NULL"))
        .hasSize(ROWS);
    for (int i = 1; i <= ROWS; i++) {
      assertHeld(i);
    }
    assertThat(actions("credential.imported")).hasSize(ROWS);
    // The other tenant's rows were not so much as read.
    assertThat(left("globex")).hasSize(ROWS);
    assertThat(vault.list(globex, PageRequest.first(10)).items()).isEmpty();
    assertThat(importing(source).run(acme).read()).isZero();
  }

  private void assertHeld(int row) {
    try (SecretFields fields = vault.reveal(acme, place(row))) {
      assertThat(fields.secret().type()).isEqualTo("aws");
      assertThat(fields.field("access_key_id").string(SecretAccess.get()))
          .isEqualTo(CANARY + "-" + row + "-acme");
      assertThat(fields.field("secret_access_key").string(SecretAccess.get()))
          .isEqualTo("second-" + row);
    }
    assertThat(vault.versions(acme, place(row))).hasSize(1);
  }

  /** Stops at each call of source and target in turn, before it does its work and after it. */
  @Test
  void goesOnWhereverItWasStopped() throws SQLException {
    int[] counted = {0};
    Runnable counting = () -> counted[0]++;
    CredentialImport.of(vault, stopping(counting), stoppingTarget(counting)).run(acme);
    assertThat(counted[0]).isGreaterThan(7 * ROWS);
    for (int stop = 1; stop <= counted[0]; stop++) {
      again();
      int[] calls = {stop};
      Runnable step =
          () -> {
            if (--calls[0] == 0) {
              throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "stopped here");
            }
          };
      CredentialImport stopped = CredentialImport.of(vault, stopping(step), stoppingTarget(step));
      assertThatThrownBy(() -> stopped.run(acme))
          .as("at call " + stop)
          .isInstanceOf(StorageException.class)
          .hasMessage("stopped here");
      // What is empty where it was is whole in the vault, at every moment.
      for (String done : ask(DONE)) {
        assertHeld(Integer.parseInt(String.valueOf(done)));
      }
      assertThat(importing(source).run(acme).isClean()).isTrue();
      assertThat(left("acme")).isEmpty();
      for (int i = 1; i <= ROWS; i++) {
        assertHeld(i);
      }
    }
  }

  /** The host's rows as they were, and nothing of them in the vault. */
  private void again() throws SQLException {
    for (int i = 1; i <= ROWS; i++) {
      sql(
          "UPDATE integrations SET key_id = '%s-%d-acme', key_secret = 'second-%d',"
                  .formatted(CANARY, i, i)
              + " credentials_migrated = FALSE WHERE id = "
              + i);
      vault.destroy(acme, place(i));
    }
  }

  @Test
  void moreRowsThanAPageHolds() throws SQLException {
    int more = 230;
    for (int i = 1; i <= more; i++) {
      sql(
          "INSERT INTO integrations VALUES (%d, 'acme', 'aws', 'key-%d', 'second-%d', FALSE)"
              .formatted(1_000 + i, i, i));
    }
    assertThat(importing(source).dryRun(acme).imported()).isEqualTo(ROWS + more);

    ImportReport report = importing(source).run(acme);

    assertThat(report.read()).isEqualTo(ROWS + more);
    assertThat(report.imported()).isEqualTo(ROWS + more);
    assertThat(left("acme")).isEmpty();
    assertThat(actions("credential.imported")).hasSize(ROWS + more);
  }

  /** A page that holds nothing but bad rows does not end it either. */
  @Test
  void aRowThatCanBeNoCredentialIsReportedAndKeepsNoOther() throws SQLException {
    sql(
        "CREATE TABLE odd_credentials (id varchar(400), organization_id varchar(255), provider"
            + " varchar(400), key_id varchar(4096), migrated boolean)");
    grant("odd_credentials");
    try {
      String longId = "i".repeat(300);
      odd("'a'", "NULL");
      odd("'b'", "''");
      odd("'c'", "'" + "k".repeat(129) + "'");
      odd("'" + longId + "'", "'aws'");
      odd("NULL", "'aws'");
      odd("''", "'aws'");
      for (int i = 0; i < 120; i++) {
        odd("'d-" + numbered(i) + "'", "' '");
      }
      odd("'z-1'", "'aws'");
      odd("'z-2'", "'aws'");
      sql("UPDATE odd_credentials SET migrated = FALSE WHERE id = 'z-2'");
      HostCredentialTable odd =
          HostCredentialTable.in(storage, "odd_credentials")
              .id("id")
              .organization("organization_id")
              .kind("provider")
              .field("access_key_id", "key_id")
              .imported("migrated")
              .build();

      ImportReport report = importing(odd).run(acme);

      assertThat(report.imported()).as("of which one says NULL of whether it was").isEqualTo(2);
      assertThat(report.failed()).isEqualTo(126);
      assertThat(report.problems())
          .extracting(Problem::id)
          .contains("a", "b", "c", "", "i".repeat(255), "d-000", "d-119")
          .doesNotContain("z-1", "z-2");
      assertThat(report.problems())
          .allMatch(problem -> problem.reason() == Reason.REFUSED)
          .allMatch(problem -> !problem.message().isEmpty());
      assertThat(report.toString()).doesNotContain(CANARY);
      assertThat(ask("SELECT id FROM odd_credentials WHERE migrated ORDER BY id"))
          .containsExactly("z-1", "z-2");
      assertThat(ask("SELECT key_id FROM odd_credentials WHERE key_id IS NOT NULL")).hasSize(126);
      assertThat(importing(odd).run(acme).imported()).isZero();
    } finally {
      sql("DROP TABLE odd_credentials");
    }
  }

  private void odd(String id, String kind) throws SQLException {
    sql(
        "INSERT INTO odd_credentials (id, organization_id, provider, key_id) VALUES (%s, 'acme', %s,"
                .formatted(id, kind)
            + " '"
            + CANARY
            + "')");
  }

  private static String numbered(int i) {
    return Integer.toString(1_000 + i).substring(1);
  }

  /** Each becomes what the host says, of its provider's shape, or stays where it was. */
  @Test
  void makesIntegrationsOfTheProvidersThatTheHostNames() throws SQLException {
    Egress egress = Egress.create();
    plane.runtime().onClose().accept(egress::close);
    Integrations integrations = Integrations.builder(vault).egress(egress).build();
    for (int i = 1; i <= ROWS; i++) {
      sql(
          "UPDATE integrations SET provider = 'open_ai', key_id = '%s', key_secret = NULL WHERE id = %d"
              .formatted(i == 3 ? "not a key" : openAiKey(i), i));
    }
    sql("UPDATE integrations SET provider = 'unheard-of' WHERE id = 5");
    Function<HostCredential, NewIntegration> mapping =
        row -> {
          if (!row.kind().equals("open_ai")) {
            throw new InvalidInputException("kind", "one that we know");
          }
          return new NewIntegration(
              "openai",
              Environment.PRODUCTION,
              "Row " + row.id(),
              Map.of("api_key", row.fields().get("access_key_id")),
              Map.of("row", row.id()));
        };
    CredentialImport importing =
        CredentialImport.of(vault, source, integrations.importing(mapping));
    assertThat(importing.dryRun(acme).imported()).isEqualTo(ROWS - 2);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).isEmpty();

    ImportReport report = importing.run(acme);

    assertThat(report.imported()).isEqualTo(ROWS - 2);
    assertThat(report.problems())
        .extracting(Problem::id, Problem::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("3", Reason.REFUSED),
            org.assertj.core.groups.Tuple.tuple("5", Reason.REFUSED));
    assertThat(report.problems().get(0).message())
        .contains("credential.api_key")
        .doesNotContain("not a key");
    assertThat(left("acme")).containsExactly("not a key", openAiKey(5));
    List<Integration> made = integrations.list(acme, PageRequest.first(10)).items();
    assertThat(made)
        .extracting(Integration::name)
        .containsExactlyInAnyOrder("Row 1", "Row 2", "Row 4", "Row 6", "Row 7");
    for (Integration each : made) {
      assertThat(each.provider()).isEqualTo("openai");
      assertThat(each.status()).isEqualTo(IntegrationStatus.VERIFYING);
      int row = Integer.parseInt(each.config().get("row"));
      assertThat(
              integrations.<String>use(
                  acme,
                  each.id(),
                  "test",
                  fields -> fields.field("api_key").string(SecretAccess.get())))
          .isEqualTo(openAiKey(row));
    }

    // Another credential under the same name is never replaced.
    sql(
        "UPDATE integrations SET key_id = '%s', credentials_migrated = FALSE WHERE id = 1"
            .formatted(openAiKey(9)));
    assertThat(importing.run(acme).problems())
        .contains(new Problem("1", Reason.TARGET_DIFFERS, ""));
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).hasSize(ROWS - 2);
    assertThat(
            importing.run(acme.limitedTo(ScopeSet.of("secrets:write", "secrets:use"))).problems())
        .allMatch(problem -> problem.reason() == Reason.REFUSED)
        .hasSize(3);
  }

  private static String openAiKey(int row) {
    return "sk-proj-0123456789abcdefghij" + row;
  }

  private static final String DONE =
      "SELECT id FROM integrations WHERE organization_id = 'acme' AND credentials_migrated";

  private CredentialSource stopping(Runnable step) {
    return new CredentialSource() {
      @Override
      public List<HostCredential> pending(TenantContext context, @Nullable String after, int most) {
        step.run();
        return source.pending(context, after, most);
      }

      @Override
      public boolean scrub(
          TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
        step.run();
        boolean done =
            source.scrub(
                context,
                read,
                joined -> {
                  evidence.accept(joined);
                  step.run();
                });
        step.run();
        return done;
      }
    };
  }

  private CredentialTarget stoppingTarget(Runnable step) {
    return new CredentialTarget() {
      @Override
      public void check(TenantContext context, HostCredential credential) {
        target.check(context, credential);
      }

      @Override
      public Held held(TenantContext context, HostCredential credential) {
        step.run();
        return target.held(context, credential);
      }

      @Override
      public void store(TenantContext context, HostCredential credential) {
        step.run();
        target.store(context, credential);
        step.run();
      }
    };
  }

  @Test
  void whatIsThereAndDiffersIsNeverReplaced() throws SQLException {
    try (SecretValue other = SecretValue.of("other")) {
      vault.put(acme, place(3), NewSecret.of("aws", Map.of("access_key_id", other)));
    }

    ImportReport dry = importing(source).dryRun(acme);
    ImportReport report = importing(source).run(acme);

    assertThat(report.problems())
        .containsExactly(new Problem("3", Reason.TARGET_DIFFERS, ""))
        .isEqualTo(dry.problems());
    assertThat(report.imported()).isEqualTo(ROWS - 1);
    assertThat(left("acme")).containsExactly(CANARY + "-3-acme");
    assertThat(vault.versions(acme, place(3))).hasSize(1);
  }

  @Test
  void aRowThatChangesMeanwhileIsLeft() throws SQLException {
    CredentialSource changing =
        new CredentialSource() {
          @Override
          public List<HostCredential> pending(TenantContext c, @Nullable String after, int most) {
            return source.pending(c, after, most);
          }

          @Override
          public boolean scrub(
              TenantContext c, HostCredential read, Consumer<TenantContext> evidence) {
            if (read.id().equals("2")) {
              unchecked("UPDATE integrations SET key_id = 'newer' WHERE id = 2");
            }
            return source.scrub(c, read, evidence);
          }
        };

    ImportReport report = importing(changing).run(acme);

    assertThat(report.problems()).containsExactly(new Problem("2", Reason.CHANGED_MEANWHILE, ""));
    assertThat(left("acme")).containsExactly("newer");
    assertThat(actions("credential.imported")).hasSize(ROWS - 1);
  }

  private void unchecked(String sql) {
    try {
      sql(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatTheVaultRefusesIsReportedWithoutItsValue() throws SQLException {
    sql("UPDATE integrations SET provider = 'not a type' WHERE id = 4");

    ImportReport report = importing(source).run(acme);

    assertThat(report.problems())
        .singleElement()
        .extracting(Problem::id, Problem::reason)
        .containsExactly("4", Reason.REFUSED);
    assertThat(report.problems().get(0).message()).contains("type");
    assertThat(report.toString()).doesNotContain(CANARY);
    assertThat(left("acme")).containsExactly(CANARY + "-4-acme");
  }

  @Test
  void severalAtOnceImportEachOnce() throws Exception {
    int nodes = 4;
    CyclicBarrier start = new CyclicBarrier(nodes);
    ExecutorService threads = Executors.newFixedThreadPool(nodes);
    try {
      List<Future<ImportReport>> runs = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        runs.add(
            threads.submit(
                () -> {
                  start.await();
                  return importing(source).run(acme);
                }));
      }
      long imported = 0;
      for (Future<ImportReport> run : runs) {
        ImportReport report = run.get();
        imported += report.imported();
        assertThat(report.problems())
            .allMatch(problem -> problem.reason() == Reason.CHANGED_MEANWHILE);
      }
      assertThat(imported).isEqualTo(ROWS);
    } finally {
      threads.shutdown();
    }
    assertThat(left("acme")).isEmpty();
    assertThat(actions("credential.imported")).hasSize(ROWS);
    for (int i = 1; i <= ROWS; i++) {
      assertHeld(i);
    }
  }

  @Test
  void rowsWithoutACredentialAreLeftAlone() throws SQLException {
    sql("UPDATE integrations SET key_id = NULL, key_secret = '' WHERE id = 1");

    assertThat(importing(source).run(acme).read()).isEqualTo(ROWS - 1);
    assertThat(ask(DONE)).hasSize(ROWS - 1);
  }

  @Test
  void callerNeedsTheScopes() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("secrets:read"));

    assertThat(importing(source).run(reader).problems())
        .hasSize(ROWS)
        .allMatch(problem -> problem.reason() == Reason.REFUSED);
    assertThatThrownBy(() -> target.check(reader, new HostCredential("1", "aws", values())))
        .isInstanceOf(AccessDeniedException.class);
  }

  private static Map<String, SecretValue> values() {
    return Map.of("access_key_id", SecretValue.of("x"));
  }

  @Test
  void namesThatAreNoIdentifiersAreRefused() {
    for (String bad : List.of("", "a b", "a;b", "\"a\"", "a.b.c", "1a", "a--")) {
      assertThatThrownBy(() -> HostCredentialTable.in(storage, bad))
          .as(bad)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("table");
    }
    assertThatThrownBy(() -> HostCredentialTable.in(storage, "t").id("id; DROP TABLE t"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("id");
    assertThatThrownBy(() -> HostCredentialTable.in(storage, "t").build())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("id");
  }

  private List<@Nullable String> left(String organization) throws SQLException {
    return ask(
        "SELECT key_id FROM integrations WHERE organization_id = '"
            + organization
            + "' AND NOT credentials_migrated ORDER BY id");
  }

  private List<AuditRecord> actions(String action) {
    return plane.audit().records(acme, PageRequest.first(1_000)).items().stream()
        .filter(record -> record.event().action().equals(action))
        .toList();
  }
}
