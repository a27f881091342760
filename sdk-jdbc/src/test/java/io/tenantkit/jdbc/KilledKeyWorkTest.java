package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it rotates keys, puts secrets under the newest and wraps keys
 * under another master key. Afterwards every secret is readable and what was begun can be finished.
 * At how many points is the system property {@code tenantkit.kill.points}; the Maven profile {@code
 * long} makes it more.
 */
final class KilledKeyWorkTest {
  private static final int POINTS = Integer.getInteger("tenantkit.kill.points", 20);
  private static final int ORGANIZATIONS = 12;
  private static final int SECRETS = 600;

  /** One in so many is read after each kill, and all at the end. */
  private static final int SAMPLE = 20;

  private static final Operator OPERATOR = Operator.trusted("ops", "work on keys");
  private static final TenantContext FIRST = tenant(0);

  @TempDir private Path folder;

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    String[] where = {
      Cluster.url(database.name()), database.roles().application(), database.roles().admin()
    };
    try (HikariDataSource app = database.app(4);
        HikariDataSource admin = database.admin(1)) {
      killed(
          () -> JdbcStorage.postgresql(app).admin(admin).open(),
          round ->
              start(PostgresqlWorker.class, where[0], where[1], where[2], Integer.toString(round)));
    }
  }

  @Test
  void onH2() throws Exception {
    String file = folder.resolve("vault").toString();
    killed(
        () -> JdbcStorage.h2(Path.of(file)).open(),
        round -> start(H2Worker.class, file, Integer.toString(round)));
  }

  private static Process start(Class<?> main, String... arguments) {
    try {
      return WriterProcess.start(main, arguments);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void killed(Supplier<JdbcStorage> open, Function<Integer, Process> worker)
      throws Exception {
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, 0)) {
      fill(storage, plane);
    }
    Random points = new Random(20261121);
    for (int round = 0; round < POINTS; round++) {
      int lines = 1 + points.nextInt(60);
      List<String> told = WriterProcess.killedAfter(lines, worker.apply(round));
      assertThat(told).as("the process got to work").hasSizeGreaterThanOrEqualTo(lines);
      try (JdbcStorage storage = open.get();
          ControlPlane plane = plane(storage, round)) {
        assertReadable(SecretVault.of(plane), round % SAMPLE, SAMPLE, "round " + round);
      }
    }
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, POINTS)) {
      SecretVault vault = SecretVault.of(plane);
      VaultKeys keys = VaultKeys.of(vault);
      keys.rewrapSecrets(FIRST);
      assertThat(keys.rewrapMasterKey(OPERATOR).isComplete()).isTrue();
      assertThat(keys.doctor(FIRST).keys()).hasSizeGreaterThan(1);
      assertThat(keys.doctor(FIRST).versionsUnderOldKeys()).isZero();
      assertThat(keys.doctor(OPERATOR).organizationsUnderOldMasterKeys()).isZero();
      assertReadable(vault, 0, 1, "at the end");
      assertThat(plane.audit().verify(FIRST)).isInstanceOf(ChainVerification.Intact.class);
    }
  }

  private static ControlPlane plane(JdbcStorage storage, int round) {
    MasterKey even = masterKey(1);
    MasterKey odd = masterKey(2);
    MasterKeys keys = round % 2 == 0 ? MasterKeys.of(even, odd) : MasterKeys.of(odd, even);
    return ControlPlane.builder(storage, keys).manualMaintenance().build();
  }

  private static MasterKey masterKey(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    bytes[0] = 9;
    return MasterKey.of(bytes);
  }

  private static TenantContext tenant(int number) {
    return TenantContext.trusted(OrganizationId.of("org-" + number), "work");
  }

  private static SecretRef ref(int number) {
    return SecretRef.of("app", Environment.PRODUCTION, "secret-" + number);
  }

  private static void fill(JdbcStorage storage, ControlPlane plane) {
    SecretVault vault = SecretVault.of(plane);
    for (int i = 0; i < ORGANIZATIONS; i++) {
      plane.organizations().create(OPERATOR, tenant(i).organization(), "Name");
      put(vault, tenant(i), 0);
    }
    storage.inTenant(
        FIRST,
        (joined, connection) -> {
          IntStream.range(1, SECRETS).forEach(i -> put(vault, joined, i));
          return true;
        });
  }

  private static void put(SecretVault vault, TenantContext context, int number) {
    try (SecretValue value = SecretValue.of("value " + number)) {
      vault.put(context, ref(number), value);
    }
  }

  /** What cannot be read once can never be read again, so a sample will do until the end. */
  private static void assertReadable(SecretVault vault, int from, int step, String when) {
    for (int i = 0; i < ORGANIZATIONS; i++) {
      assertThat(reveal(vault, tenant(i), 0)).as(when).isEqualTo("value 0");
    }
    for (int i = from; i < SECRETS; i += step) {
      assertThat(reveal(vault, FIRST, i)).as(when + ", secret " + i).isEqualTo("value " + i);
    }
  }

  private static String reveal(SecretVault vault, TenantContext context, int number) {
    try (SecretFields fields = vault.reveal(context, ref(number))) {
      return fields.value().string(SecretAccess.get());
    }
  }

  /** The process that is killed, on PostgreSQL. */
  static final class PostgresqlWorker {
    private PostgresqlWorker() {}

    public static void main(String[] arguments) {
      work(
          WriterProcess.postgresql(arguments[0], arguments[1], arguments[2], 4),
          Integer.parseInt(arguments[3]));
    }
  }

  /** The process that is killed, on H2. */
  static final class H2Worker {
    private H2Worker() {}

    public static void main(String[] arguments) {
      work(JdbcStorage.h2(Path.of(arguments[0])).open(), Integer.parseInt(arguments[1]));
    }
  }

  private static void work(JdbcStorage storage, int round) {
    ControlPlane plane = plane(storage, round);
    SecretVault vault = SecretVault.of(plane);
    VaultKeys keys = VaultKeys.of(vault);
    // Its lines are the clock by which the process is killed, wherever the work is by then.
    Thread reader = new Thread(() -> read(vault), "reader");
    reader.setDaemon(true);
    reader.start();
    for (int i = 0; i < 100_000; i++) {
      keys.rotate(FIRST);
      keys.rewrapSecrets(FIRST);
      keys.rewrapMasterKey(OPERATOR);
    }
  }

  private static void read(SecretVault vault) {
    for (int i = 0; ; i++) {
      String text = reveal(vault, FIRST, i % SECRETS);
      if (!text.equals("value " + i % SECRETS)) {
        throw new AssertionError(text);
      }
      System.out.println("read " + i);
      System.out.flush();
    }
  }
}
