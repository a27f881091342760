package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.imports.CredentialImport;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.imports.ImportReport;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it imports a host's credentials, of which every second one becomes
 * a secret and the others integrations. After each kill every credential is whole, in the host's
 * table or in the vault; in the end all are imported, each once. At how many points is the system
 * property {@code tenantkit.kill.points}.
 */
final class KilledImportTest {
  private static final int POINTS = Integer.getInteger("tenantkit.kill.points", 20);
  private static final int ROWS = 220;
  private static final String SECRET = "password";
  private static final TenantContext TENANT =
      TenantContext.trusted(OrganizationId.of("org"), "host");

  @TempDir private Path folder;

  private interface Sql {
    Connection connection() throws SQLException;
  }

  private interface Worker {
    Process start() throws IOException;
  }

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    database.asDba(
        """
        CREATE TABLE host_credentials (
          id varchar(32) PRIMARY KEY, organization_id varchar(255), kind varchar(64), secret text, migrated boolean);
        GRANT SELECT, UPDATE ON host_credentials TO "%s";
        """
            .formatted(database.roles().application()));
    try (HikariDataSource app = database.app(4);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      String url = Cluster.url(database.name());
      killed(
          () -> {
            database.awaitChildrenGone();
            return storage;
          },
          () -> DriverManager.getConnection(url, "postgres", "postgres"),
          () ->
              WriterProcess.start(
                  PostgresqlWorker.class,
                  database.childUrl(),
                  database.roles().application(),
                  database.roles().admin()),
          false);
    }
  }

  @Test
  void onH2() throws Exception {
    Path file = folder.resolve("vault");
    JdbcStorage[] open = {JdbcStorage.h2(file).open()};
    try (Connection connection = open[0].connection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE host_credentials (id varchar(32) PRIMARY KEY, organization_id varchar(255),"
              + " kind varchar(64), secret varchar(4096), migrated boolean)");
    }
    open[0].close();
    killed(
        () -> open[0] = JdbcStorage.h2(file).open(),
        () -> open[0].connection(),
        () -> WriterProcess.start(H2Worker.class, file.toString()),
        true);
  }

  private interface Open {
    JdbcStorage open();
  }

  /**
   * @param alone whether one process at a time has the database
   */
  private static void killed(Open open, Sql sql, Worker worker, boolean alone) throws Exception {
    JdbcStorage storage = open.open();
    ControlPlane plane = plane(storage);
    plane.organizations().create(Operator.trusted("ops", "import"), TENANT.organization(), "Name");
    fill(sql);
    close(plane, storage, alone);

    Random points = new Random(20261122);
    int unfinished = 0;
    Set<Integer> seen = new HashSet<>();
    for (int round = 1; round <= POINTS; round++) {
      int lines = 1 + points.nextInt(Math.max(4, 2 * ROWS * 5 / POINTS / 2));
      List<String> told = WriterProcess.killedAfter(lines, worker.start());
      storage = open.open();
      plane = plane(storage);
      Map<String, @Nullable String> left = left(sql);
      unfinished += left.isEmpty() ? 0 : 1;
      if (!left.isEmpty()) {
        assertThat(told).as("the process got to work").hasSizeGreaterThanOrEqualTo(lines);
      }
      assertWhole(plane, left, seen, "round " + round);
      close(plane, storage, alone);
    }
    assertThat(unfinished).as("kills that fell into the work").isGreaterThan(POINTS / 2);

    storage = open.open();
    plane = plane(storage);
    ImportReport report = importing(plane, storage, line -> {}).run(TENANT);
    assertThat(report.isClean()).as(report.toString()).isTrue();
    assertThat(left(sql)).isEmpty();
    assertWhole(plane, Map.of(), new HashSet<>(), "at the end");
    SecretVault vault = SecretVault.of(plane);
    for (int i = 0; i < ROWS; i += 2) {
      assertThat(vault.versions(TENANT, secret(i))).as("stored once").hasSize(1);
    }
    assertThat(plane.audit().verify(TENANT)).isInstanceOf(ChainVerification.Intact.class);
    close(plane, storage, true);
  }

  private static void close(ControlPlane plane, JdbcStorage storage, boolean all) {
    plane.close();
    if (all) {
      storage.close();
    }
  }

  private static ControlPlane plane(JdbcStorage storage) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  private static String id(int row) {
    return "row-" + (1_000 + row);
  }

  private static String value(int row) {
    return "sk-proj-0123456789abcdefghij-" + row;
  }

  private static SecretRef secret(int row) {
    return SecretRef.of("legacy", Environment.PRODUCTION, id(row));
  }

  private static void fill(Sql sql) throws SQLException {
    try (Connection connection = sql.connection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < ROWS; i++) {
        statement.addBatch(
            "INSERT INTO host_credentials (id, organization_id, kind, secret) VALUES ('%s', 'org',"
                    .formatted(id(i))
                + " '%s', '%s')".formatted(i % 2 == 0 ? SECRET : "openai", value(i)));
      }
      statement.executeBatch();
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }

  /** What the host's table still has, by id. */
  private static Map<String, @Nullable String> left(Sql sql) throws SQLException {
    Map<String, @Nullable String> left = new HashMap<>();
    try (Connection connection = sql.connection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT id, secret FROM host_credentials WHERE migrated IS NOT TRUE")) {
      while (rows.next()) {
        left.put(rows.getString(1), rows.getString(2));
      }
    }
    return left;
  }

  /**
   * What is not in the host's table any more is in the vault, and the rest is as it was.
   *
   * @param seen rows that were looked for in the vault before; those of this time are added
   */
  private static void assertWhole(
      ControlPlane plane, Map<String, @Nullable String> left, Set<Integer> seen, String when) {
    SecretVault vault = SecretVault.of(plane);
    Integrations integrations = integrations(plane, vault);
    Map<String, Integration> made = made(integrations);
    for (int i = 0; i < ROWS; i++) {
      if (left.containsKey(id(i))) {
        assertThat(left.get(id(i))).as(when).isEqualTo(value(i));
      } else if (!seen.add(i)) {
        assertThat(i % 2 == 0 || made.containsKey(id(i))).as(when + ", " + id(i)).isTrue();
      } else if (i % 2 == 0) {
        try (SecretFields fields = vault.reveal(TENANT, secret(i))) {
          assertThat(fields.field("api_key").string(SecretAccess.get())).isEqualTo(value(i));
        }
      } else {
        Integration row = made.get(id(i));
        assertThat(row).as(when + ", " + id(i)).isNotNull();
        assertThat(
                integrations.<String>use(
                    TENANT,
                    row.id(),
                    "test",
                    fields -> fields.field("api_key").string(SecretAccess.get())))
            .isEqualTo(value(i));
      }
    }
  }

  /** By name; two of one name were one row's, made twice. */
  private static Map<String, Integration> made(Integrations integrations) {
    Map<String, Integration> made = new HashMap<>();
    PageRequest page = PageRequest.first(100);
    while (true) {
      var found = integrations.list(TENANT, page);
      for (Integration each : found.items()) {
        assertThat(made.put(each.name(), each)).as("made once: " + each.name()).isNull();
      }
      if (found.next().isEmpty()) {
        return made;
      }
      page = PageRequest.first(100).after(found.next().get());
    }
  }

  private static Integrations integrations(ControlPlane plane, SecretVault vault) {
    Egress egress = Egress.create();
    plane.runtime().onClose().accept(egress::close);
    return Integrations.builder(vault).egress(egress).build();
  }

  private static CredentialImport importing(
      ControlPlane plane, JdbcStorage storage, Consumer<String> tell) {
    SecretVault vault = SecretVault.of(plane);
    CredentialSource source =
        HostCredentialTable.in(storage, "host_credentials")
            .id("id")
            .organization("organization_id")
            .kind("kind")
            .field("api_key", "secret")
            .imported("migrated")
            .build();
    CredentialTarget secrets =
        CredentialTarget.secrets(
            vault, row -> SecretRef.of("legacy", Environment.PRODUCTION, row.id()));
    CredentialTarget providers =
        integrations(plane, vault).importing(KilledImportTest::integration);
    return CredentialImport.of(
        vault, new Telling(source, tell), new ByKind(secrets, providers, tell));
  }

  private static NewIntegration integration(HostCredential row) {
    SecretValue key = row.fields().get("api_key");
    if (key == null) {
      throw new InvalidInputException("api_key", "one");
    }
    return new NewIntegration(
        row.kind(), Environment.PRODUCTION, row.id(), Map.of("api_key", key), Map.of());
  }

  /** Tells of each call, so that it can be killed around each. */
  private record Telling(CredentialSource inner, Consumer<String> tell)
      implements CredentialSource {
    @Override
    public List<HostCredential> pending(
        TenantContext context, @Nullable String afterId, int limit) {
      return inner.pending(context, afterId, limit);
    }

    @Override
    public boolean scrub(
        TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
      tell.accept("scrub");
      boolean done =
          inner.scrub(
              context,
              read,
              joined -> {
                evidence.accept(joined);
                tell.accept("emptied");
              });
      tell.accept("done");
      return done;
    }
  }

  private record ByKind(
      CredentialTarget secrets, CredentialTarget integrations, Consumer<String> tell)
      implements CredentialTarget {
    private CredentialTarget of(HostCredential credential) {
      return credential.kind().equals(SECRET) ? secrets : integrations;
    }

    @Override
    public void check(TenantContext context, HostCredential credential) {
      of(credential).check(context, credential);
    }

    @Override
    public Held held(TenantContext context, HostCredential credential) {
      return of(credential).held(context, credential);
    }

    @Override
    public void store(TenantContext context, HostCredential credential) {
      tell.accept("store");
      of(credential).store(context, credential);
      tell.accept("stored");
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void work(JdbcStorage storage) {
    importing(plane(storage), storage, KilledImportTest::say).run(TENANT);
  }

  /** The process that is killed, on PostgreSQL. */
  static final class PostgresqlWorker {
    private PostgresqlWorker() {}

    public static void main(String[] arguments) {
      work(WriterProcess.postgresql(arguments[0], arguments[1], arguments[2], 4));
      Runtime.getRuntime().halt(0);
    }
  }

  /** The process that is killed, on H2. */
  static final class H2Worker {
    private H2Worker() {}

    public static void main(String[] arguments) {
      work(JdbcStorage.h2(Path.of(arguments[0])).open());
      Runtime.getRuntime().halt(0);
    }
  }
}
