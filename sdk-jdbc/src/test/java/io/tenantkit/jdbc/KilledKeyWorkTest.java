package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
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
import io.tenantkit.vault.tck.VerbHooks;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it rotates keys, wraps the secrets' data keys under the newest and
 * the organizations' keys under another master key. Afterwards every secret is readable and what
 * was begun can be finished. The process tells of each commit, so that it is killed in each of
 * these phases in turn; what the database holds then tells whether it was. At how many points is
 * the system property {@code tenantkit.kill.points}; the Maven profile {@code long} makes it more.
 */
final class KilledKeyWorkTest {
  private static final int POINTS = Integer.getInteger("tenantkit.kill.points", 20);
  private static final int ORGANIZATIONS = 40;

  /** Three batches of a re-wrap. */
  private static final int SECRETS = 1_300;

  /** One in so many is read after each kill, and all at the end. */
  private static final int SAMPLE = 40;

  /** Lines that the process may tell after the commit at which it is to be killed. */
  private static final int SPREAD = 4;

  /** In what the process is killed; the name of its line is what it tells at a commit before. */
  private enum Phase {
    FIRST_BATCH("rotated"),
    SECRETS_REWRAP("secrets"),
    MASTER_KEY_REWRAP("keys");

    private final String line;

    Phase(String line) {
      this.line = line;
    }
  }

  private static final Operator OPERATOR = Operator.trusted("ops", "work on keys");
  private static final TenantContext FIRST = tenant(0);

  @TempDir private Path folder;

  @Test
  void onPostgresql(TestReporter reporter) throws Exception {
    Cluster.Database database = Cluster.migrated();
    String[] where = {
      database.childUrl(), database.roles().application(), database.roles().admin()
    };
    try (HikariDataSource app = database.app(4);
        HikariDataSource admin = database.admin(1)) {
      killed(
          reporter,
          () -> {
            database.awaitChildrenGone();
            return JdbcStorage.postgresql(app).admin(admin).open();
          },
          master ->
              start(
                  PostgresqlWorker.class, where[0], where[1], where[2], Integer.toString(master)));
    }
  }

  @Test
  void onH2(TestReporter reporter) throws Exception {
    String file = folder.resolve("vault").toString();
    killed(
        reporter,
        () -> JdbcStorage.h2(Path.of(file)).open(),
        master -> start(H2Worker.class, file, Integer.toString(master)));
  }

  private static Process start(Class<?> main, String... arguments) {
    try {
      return WriterProcess.start(main, arguments);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void killed(
      TestReporter reporter, Supplier<JdbcStorage> open, Function<Integer, Process> worker)
      throws Exception {
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, 0)) {
      fill(storage, plane);
    }
    Random points = new Random(20261121);
    Map<Phase, Integer> aimed = new EnumMap<>(Phase.class);
    Map<Phase, Integer> met = new EnumMap<>(Phase.class);
    int master = 0;
    for (int round = 0; round < POINTS; round++) {
      Phase phase = Phase.values()[round % Phase.values().length];
      long left = 0;
      if (phase == Phase.MASTER_KEY_REWRAP) {
        // Of the two the one that has more to do.
        long first = left(open, 0);
        long second = left(open, 1);
        master = first > second ? 0 : 1;
        left = Math.max(first, second);
      }
      int commits =
          switch (phase) {
            case FIRST_BATCH -> 1;
            case SECRETS_REWRAP -> 1 + points.nextInt(2);
            case MASTER_KEY_REWRAP -> 1 + points.nextInt((int) left * 3 / 4);
          };
      killedAfter(phase.line, commits, points.nextInt(SPREAD), worker.apply(master));
      aimed.merge(phase, 1, Integer::sum);
      try (JdbcStorage storage = open.get();
          ControlPlane plane = plane(storage, master)) {
        SecretVault vault = SecretVault.of(plane);
        if (fellInto(phase, VaultKeys.of(vault), left)) {
          met.merge(phase, 1, Integer::sum);
        }
        assertReadable(vault, round % SAMPLE, SAMPLE, "round " + round);
      }
    }
    reporter.publishEntry("kills", met + " of " + aimed);
    // Most do; on a machine that is busy the process may be further by the time that it is killed.
    for (Phase phase : aimed.keySet()) {
      assertThat(met.getOrDefault(phase, 0))
          .as("kills that fell into %s, of %s", phase, aimed)
          .isGreaterThanOrEqualTo(Math.max(1, aimed.get(phase) / 4));
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

  /** How many organizations a master key does not wrap yet. */
  private static long left(Supplier<JdbcStorage> open, int master) {
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, master)) {
      return VaultKeys.of(SecretVault.of(plane)).doctor(OPERATOR).organizationsUnderOldMasterKeys();
    }
  }

  /** By what is in the database, whatever the process was told to do. */
  private static boolean fellInto(Phase phase, VaultKeys keys, long leftBefore) {
    long old = keys.doctor(FIRST).versionsUnderOldKeys();
    long left = keys.doctor(OPERATOR).organizationsUnderOldMasterKeys();
    return switch (phase) {
      case FIRST_BATCH -> old == SECRETS;
      case SECRETS_REWRAP -> old > 0 && old < SECRETS;
      case MASTER_KEY_REWRAP -> left > 0 && left < leftBefore;
    };
  }

  /** Kills the process so many lines after it has told of that many commits of the kind. */
  private static void killedAfter(String kind, int commits, int more, Process child)
      throws Exception {
    int told = 0;
    int after = 0;
    try (BufferedReader lines = WriterProcess.lines(child)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        after += told >= commits ? 1 : 0;
        told += line.equals(kind) ? 1 : 0;
        if (told >= commits && after >= more) {
          // Not the process itself: that would also close the stream that is being read.
          child.toHandle().destroyForcibly();
        }
      }
    }
    child.waitFor();
    assertThat(told)
        .as("the process got to work; it %s", WriterProcess.told(child))
        .isGreaterThanOrEqualTo(commits);
  }

  private static ControlPlane plane(Storage storage, int master) {
    MasterKey even = masterKey(1);
    MasterKey odd = masterKey(2);
    MasterKeys keys = master % 2 == 0 ? MasterKeys.of(even, odd) : MasterKeys.of(odd, even);
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

  private static void work(JdbcStorage storage, int master) {
    Storage telling =
        new VerbHooks(
            storage,
            answered -> {
              switch (answered) {
                case "OrganizationKeyStore.insert" -> tell(Phase.FIRST_BATCH.line);
                case "SecretRewrapStore.rewrap" -> tell(Phase.SECRETS_REWRAP.line);
                case "OrganizationKeyStore.rewrap" -> tell(Phase.MASTER_KEY_REWRAP.line);
                default -> {}
              }
            });
    ControlPlane plane = plane(telling, master);
    SecretVault vault = SecretVault.of(plane);
    VaultKeys keys = VaultKeys.of(vault);
    // Its lines are a clock beside that of the commits.
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
      tell("read " + i);
    }
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
