package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.rotation.RotationCall;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.SecretRotation;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.rotation.SecretRotator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it rotates secrets at a provider, which keeps in a file what it
 * accepts. Afterwards every secret is readable with a value that the provider accepts, and what was
 * begun is finished. At how many points is the system property {@code tenantkit.kill.points}; the
 * Maven profile {@code long} makes it more.
 */
final class KilledRotationTest {
  private static final int POINTS = Integer.getInteger("tenantkit.kill.points", 20);
  private static final int SECRETS = 4;

  /** What a provider says when it is asked, and after it has done so. */
  private static final List<String> CERTAIN =
      List.of("create", "created", "test", "undo", "undone", "promoted", "retire", "retired");

  private static final String TYPE = "provider-key";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration ROUND = Duration.ofDays(365);
  private static final TenantContext TENANT =
      TenantContext.trusted(OrganizationId.of("org"), "host");
  private static final RotationPolicy POLICY =
      RotationPolicy.every(Duration.ofHours(4)).withOverlap(Duration.ofHours(1));

  @TempDir private Path folder;

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    String[] where = {
      database.childUrl(), database.roles().application(), database.roles().admin()
    };
    Path file = folder.resolve("provider-postgresql");
    try (HikariDataSource app = database.app(4);
        HikariDataSource admin = database.admin(1)) {
      killed(
          new Provider(file),
          () -> {
            database.awaitChildrenGone();
            return JdbcStorage.postgresql(app).admin(admin).open();
          },
          round ->
              start(
                  PostgresqlWorker.class,
                  file.toString(),
                  Integer.toString(round),
                  where[0],
                  where[1],
                  where[2]));
    }
  }

  @Test
  void onH2() throws Exception {
    Path file = folder.resolve("provider-h2");
    String database = folder.resolve("vault").toString();
    killed(
        new Provider(file),
        () -> JdbcStorage.h2(Path.of(database)).open(),
        round -> start(H2Worker.class, file.toString(), Integer.toString(round), database));
  }

  private static Process start(Class<?> main, String... arguments) {
    try {
      return WriterProcess.start(main, arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void killed(
      Provider provider, Supplier<JdbcStorage> open, Function<Integer, Process> worker)
      throws Exception {
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, TickingClock.at(START))) {
      fill(plane, provider);
    }
    Random points = new Random(20261121);
    for (int round = 1; round <= POINTS; round++) {
      int lines = 1 + points.nextInt(40);
      if (round <= CERTAIN.size()) {
        // Whatever the random ones meet: each of these is met for certain.
        String line = CERTAIN.get(round - 1);
        assertThat(WriterProcess.killedAt(line, worker.apply(round))).contains(line);
      } else {
        List<String> told = WriterProcess.killedAfter(lines, worker.apply(round));
        assertThat(told).as("the process got to work").hasSizeGreaterThanOrEqualTo(lines);
      }
      try (JdbcStorage storage = open.get();
          ControlPlane plane = plane(storage, TickingClock.at(begin(round + 1)))) {
        assertAccepted(SecretVault.of(plane), provider, "round " + round);
      }
    }
    TickingClock clock = TickingClock.at(begin(POINTS + 1));
    try (JdbcStorage storage = open.get();
        ControlPlane plane = plane(storage, clock)) {
      SecretVault vault = SecretVault.of(plane);
      SecretRotations rotations = rotations(vault, provider);
      for (int i = 0; i < 3 * 60; i++) {
        clock.tick(Duration.ofMinutes(2));
        plane.runDue(clock.instant());
      }
      assertAccepted(vault, provider, "at the end");
      for (int i = 0; i < SECRETS; i++) {
        SecretRotation rotation = rotations.get(TENANT, ref(i));
        assertThat(rotation.failure()).isEmpty();
        assertThat(rotation.lastRotatedAt())
            .hasValueSatisfying(last -> assertThat(last).isAfter(begin(POINTS + 1)));
        assertThat(vault.get(TENANT, ref(i)).stages().pending()).isEmpty();
      }
      assertThat(plane.audit().verify(TENANT)).isInstanceOf(ChainVerification.Intact.class);
    }
  }

  private static Instant begin(int round) {
    return START.plus(ROUND.multipliedBy(round));
  }

  private static SecretRef ref(int number) {
    return SecretRef.of("app", Environment.PRODUCTION, "secret-" + number);
  }

  private static ControlPlane plane(JdbcStorage storage, TickingClock clock) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys())
        .clock(clock)
        .manualMaintenance()
        .build();
  }

  private static SecretRotations rotations(SecretVault vault, Provider provider) {
    return SecretRotations.builder(vault).rotator(TYPE, provider).attemptsPerDay(24).build();
  }

  private static void fill(ControlPlane plane, Provider provider) {
    plane.organizations().create(Operator.trusted("ops", "rotate"), TENANT.organization(), "Name");
    SecretVault vault = SecretVault.of(plane);
    SecretRotations rotations = rotations(vault, provider);
    for (int i = 0; i < SECRETS; i++) {
      try (SecretValue value = SecretValue.of(provider.accept())) {
        vault.put(TENANT, ref(i), NewSecret.of(TYPE, Map.of(NewSecret.VALUE, value)));
      }
      rotations.set(TENANT, ref(i), POLICY);
    }
  }

  private static void assertAccepted(SecretVault vault, Provider provider, String when) {
    Set<String> accepted = provider.accepted();
    for (int i = 0; i < SECRETS; i++) {
      try (SecretFields fields = vault.reveal(TENANT, ref(i))) {
        assertThat(accepted)
            .as(when + ", secret " + i)
            .contains(fields.value().string(SecretAccess.get()));
      }
    }
  }

  /** A provider whose memory outlives the process: one line for each value given or revoked. */
  private static final class Provider implements SecretRotator {
    private static final String REFUSED = "bad-";

    private final Path file;

    Provider(Path file) {
      this.file = file;
    }

    private void write(String line) {
      try {
        Files.writeString(
            file,
            line + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            StandardOpenOption.SYNC);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Every fourth is one that does not pass its test, so that what is undone is killed too. */
    String accept() {
      String value = (given() % 4 == 3 ? REFUSED : "good-") + UUID.randomUUID();
      write("+" + value);
      return value;
    }

    private long given() {
      try {
        return Files.exists(file)
            ? Files.readAllLines(file).stream().filter(line -> line.startsWith("+")).count()
            : 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Set<String> accepted() {
      try {
        Set<String> accepted = new HashSet<>();
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("+")) {
            accepted.add(line.substring(1));
          } else {
            accepted.remove(line.substring(1));
          }
        }
        return accepted;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String text(Map<String, SecretValue> values) {
      return values.get(NewSecret.VALUE).string(SecretAccess.get());
    }

    @Override
    public Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current) {
      say("create");
      String value = accept();
      say("created");
      return Map.of(NewSecret.VALUE, SecretValue.of(value));
    }

    @Override
    public boolean test(RotationCall call, Map<String, SecretValue> created) {
      say("test");
      return accepted().contains(text(created)) && !text(created).startsWith(REFUSED);
    }

    @Override
    public void promoted(RotationCall call, Map<String, SecretValue> created) {
      say("promoted");
    }

    @Override
    public void retire(RotationCall call, Map<String, SecretValue> old) {
      say("retire");
      write("-" + text(old));
      say("retired");
    }

    @Override
    public void undo(RotationCall call, Map<String, SecretValue> created) {
      say("undo");
      write("-" + text(created));
      say("undone");
    }

    private static void say(String line) {
      System.out.println(line);
      System.out.flush();
    }
  }

  /** The process that is killed, on PostgreSQL. */
  static final class PostgresqlWorker {
    private PostgresqlWorker() {}

    public static void main(String[] arguments) {
      work(
          WriterProcess.postgresql(arguments[2], arguments[3], arguments[4], 4),
          new Provider(Path.of(arguments[0])),
          Integer.parseInt(arguments[1]));
    }
  }

  /** The process that is killed, on H2. */
  static final class H2Worker {
    private H2Worker() {}

    public static void main(String[] arguments) {
      work(
          JdbcStorage.h2(Path.of(arguments[2])).open(),
          new Provider(Path.of(arguments[0])),
          Integer.parseInt(arguments[1]));
    }
  }

  private static void work(JdbcStorage storage, Provider provider, int round) {
    TickingClock clock = TickingClock.at(begin(round));
    ControlPlane plane = plane(storage, clock);
    rotations(SecretVault.of(plane), provider);
    for (int i = 0; i < 100_000; i++) {
      clock.tick(Duration.ofMinutes(2));
      plane.runDue(clock.instant());
    }
  }
}
