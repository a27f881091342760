package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * One JVM verifies without a pause, this one changes what it verifies. After the change was
 * acknowledged, no call that begins later than the bound accepts the key any more. How many times
 * it is done is the system property {@code tenantkit.revocation.runs}; the Maven profile {@code
 * long} makes it 1,000.
 */
final class TwoNodesTest {
  private static final long BOUND_MICROS = 2_000_000;
  private static final int RUNS = Integer.getInteger("tenantkit.revocation.runs", 20);

  /** Changes that are under way at the same time, so that they fall between polls anywhere. */
  private static final int LANES = RUNS > 100 ? 50 : 10;

  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;
  private static Process child;
  private static Writer toChild;
  private static final Map<String, CompletableFuture<Long>> VALID = new ConcurrentHashMap<>();
  private static final Map<String, CompletableFuture<Long>> REFUSED = new ConcurrentHashMap<>();

  @BeforeAll
  static void startBoth() throws Exception {
    database = Cluster.migrated();
    app = database.app(8);
    admin = database.admin(4);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).build();
    child =
        WriterProcess.start(
            VerifyingNode.class,
            Cluster.url(database.name()),
            database.roles().application(),
            Long.toString(BOUND_MICROS / 1_000));
    toChild = new OutputStreamWriter(child.getOutputStream(), StandardCharsets.UTF_8);
    Thread listener = new Thread(TwoNodesTest::listen, "verifying node");
    listener.setDaemon(true);
    listener.start();
  }

  @AfterAll
  static void stopBoth() throws Exception {
    child.destroyForcibly();
    child.waitFor();
    plane.close();
    storage.close();
    app.close();
    admin.close();
  }

  private static void listen() {
    try (BufferedReader lines = WriterProcess.lines(child)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        switch (parts[0]) {
          case "valid" -> answer(VALID, parts[1]).complete(0L);
          case "refused" -> answer(REFUSED, parts[1]).complete(Long.parseLong(parts[2]));
          default -> throw new IllegalStateException(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletableFuture<Long> answer(
      Map<String, CompletableFuture<Long>> answers, String name) {
    return answers.computeIfAbsent(name, any -> new CompletableFuture<>());
  }

  private static synchronized void tell(String line) {
    try {
      toChild.write(line);
      toChild.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A key of an organization of its own, which the other node has accepted. */
  private record Subject(String name, TenantContext tenant, IssuedApiKey key) {
    static Subject create() {
      String name = "org-" + NUMBER.incrementAndGet();
      OrganizationId id = OrganizationId.of(name);
      plane.organizations().create(OPERATOR, id, name);
      TenantContext tenant = TenantContext.trusted(id, "test");
      IssuedApiKey key = plane.apiKeys().create(tenant, NewApiKey.live(name).scopes("flows:read"));
      tell(name + " " + key.secret().string(SecretAccess.get()) + "\n");
      Race.get(answer(VALID, name));
      return new Subject(name, tenant, key);
    }

    /** When the last call began that accepted it. */
    long lastAccepted() {
      return Race.get(answer(REFUSED, name));
    }

    void byHand(String set) {
      database.asDba(
          "UPDATE tenantkit.api_keys SET " + set + " WHERE organization_id = '" + name + "'");
    }
  }

  private interface Change {
    void to(Subject subject);
  }

  private static void assertSeenWithinTheBound(String what, int runs, Change change) {
    ExecutorService lanes = Executors.newFixedThreadPool(LANES);
    try {
      List<Future<Long>> lags = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        lags.add(lanes.submit(() -> lag(change)));
      }
      long worst = lags.stream().mapToLong(Race::get).max().orElseThrow();
      System.out.printf("%s: p100 of %d is %d ms%n", what, runs, worst / 1_000);
      assertThat(worst).as(what).isLessThanOrEqualTo(BOUND_MICROS);
    } finally {
      lanes.shutdownNow();
    }
  }

  private static long lag(Change change) {
    Subject subject = Subject.create();
    change.to(subject);
    long acknowledged = VerifyingNode.micros();
    return subject.lastAccepted() - acknowledged;
  }

  @Test
  void revocation() {
    assertSeenWithinTheBound(
        "revocation",
        RUNS,
        subject -> plane.apiKeys().revoke(subject.tenant(), subject.key().key().id(), "x"));
  }

  @Test
  void suspension() {
    assertSeenWithinTheBound(
        "suspension",
        RUNS / 2,
        subject -> plane.organizations().suspend(OPERATOR, subject.tenant().organization()));
  }

  @Test
  void scopesThatWereTaken() {
    assertSeenWithinTheBound("scopes", RUNS / 2, subject -> subject.byHand("scopes = '[\"x:y\"]'"));
  }

  @Test
  void sqlByHand() {
    assertSeenWithinTheBound("SQL by hand", RUNS / 2, subject -> subject.byHand("enabled = false"));
  }

  @Test
  void disabling() {
    assertSeenWithinTheBound(
        "disabling",
        RUNS / 4,
        subject -> plane.apiKeys().disable(subject.tenant(), subject.key().key().id()));
  }

  @Test
  void emergencyRotation() {
    assertSeenWithinTheBound(
        "emergency rotation",
        RUNS / 4,
        subject ->
            plane
                .apiKeys()
                .rotate(subject.tenant(), subject.key().key().id(), Rotation.immediate())
                .close());
  }

  /** One more call is accepted, the one that the pool admits, and it too is within the bound. */
  @Test
  void poolOfTheOrganization() {
    OrganizationSettings settings =
        OrganizationSettings.defaults().withPool(RateLimit.of("pool", 1, Duration.ofDays(365)));
    assertSeenWithinTheBound(
        "pool",
        RUNS / 4,
        subject ->
            plane.organizations().configure(OPERATOR, subject.tenant().organization(), settings));
  }

  @Test
  void limitsOfTheKeyByHand() {
    assertSeenWithinTheBound(
        "limits", RUNS / 4, subject -> subject.byHand("rate_limit = '{\"requestsPerDay\": 1}'"));
  }

  @Test
  void addressesByHand() {
    assertSeenWithinTheBound(
        "addresses",
        RUNS / 4,
        subject -> subject.byHand("allowed_addresses = '[\"203.0.113.0/24\"]'"));
  }

  @Test
  void deletionByHand() {
    assertSeenWithinTheBound(
        "deletion",
        RUNS / 4,
        subject ->
            database.asDba(
                "DELETE FROM tenantkit.api_keys WHERE organization_id = '" + subject.name() + "'"));
  }

  @Test
  void nodeThatWasStoppedDoesNotAnswerFromBefore() throws Exception {
    for (int round = 0; round < 3; round++) {
      List<Subject> subjects = List.of(Subject.create(), Subject.create(), Subject.create());
      signal("STOP");
      subjects.forEach(
          subject -> plane.apiKeys().revoke(subject.tenant(), subject.key().key().id(), "x"));
      passBound();
      long continued = VerifyingNode.micros();
      signal("CONT");

      for (Subject subject : subjects) {
        assertThat(subject.lastAccepted()).isLessThan(continued);
      }
    }
  }

  @Test
  void deadFeed() {
    String function = " ON FUNCTION tenantkit.changes_since(varchar, varchar, integer) ";
    String role = '"' + database.roles().application() + '"';
    database.asDba("REVOKE EXECUTE" + function + "FROM " + role);
    try {
      assertSeenWithinTheBound(
          "dead feed",
          RUNS / 4,
          subject -> plane.apiKeys().revoke(subject.tenant(), subject.key().key().id(), "x"));
    } finally {
      database.asDba("GRANT EXECUTE" + function + "TO " + role);
    }
  }

  private static void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(child.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** The other node goes by the machine's own clock, so this has to pass. */
  private static void passBound() {
    long until = VerifyingNode.micros() + BOUND_MICROS + Duration.ofMillis(500).toNanos() / 1_000;
    while (VerifyingNode.micros() < until) {
      database.asDba("SELECT 1");
    }
  }
}
