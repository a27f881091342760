package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A {@link VerifyingNode} in another JVM, and here what changes the keys that it verifies. */
final class TwoNodes implements AutoCloseable {
  static final long BOUND_MICROS = 2_000_000;
  static final int RUNS = Integer.getInteger("tenantkit.revocation.runs", 20);
  static final Operator OPERATOR = Operator.trusted("ops", "test");

  /** Changes that are under way at the same time, so that they fall between polls anywhere. */
  private static final int LANES = RUNS > 100 ? 50 : 10;

  /** A call that begins in time may still read a row, on a machine that has other work too. */
  private static final long CALL_MICROS = 1_000_000;

  /**
   * What became of a key on the other node; the times are of the last call that accepted it.
   *
   * @param why the reasons of the first refusal, or {@code VALID}
   * @param judged when the call last read the clock
   * @param calls how many accepted it
   */
  record Seen(String why, long began, long judged, long answered, long calls) {}

  /** A key of an organization of its own, which the other node has accepted. */
  record Subject(String name, TenantContext tenant, IssuedApiKey key) {
    ApiKeyId id() {
      return key.key().id();
    }
  }

  private record Timed(Seen seen, long acknowledged) {
    long lag() {
      return seen.began() - acknowledged;
    }
  }

  private final AtomicInteger number = new AtomicInteger();
  private final Map<String, CompletableFuture<String>> valid = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Seen>> over = new ConcurrentHashMap<>();
  private final Cluster.Database database = Cluster.migrated();
  private final HikariDataSource app = database.app(12);
  private final HikariDataSource admin = database.admin(4);
  private final JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
  private final ControlPlane plane =
      ControlPlane.builder(storage, VerifyingNode.masterKeys()).build();
  private final Process child;
  private final Writer toChild;

  TwoNodes() throws IOException {
    child =
        WriterProcess.start(
            VerifyingNode.class,
            Cluster.url(database.name()),
            database.roles().application(),
            Long.toString(BOUND_MICROS / 1_000));
    toChild = new OutputStreamWriter(child.getOutputStream(), StandardCharsets.UTF_8);
    Thread listener = new Thread(this::listen, "verifying node");
    listener.setDaemon(true);
    listener.start();
  }

  private void listen() {
    try (BufferedReader lines = WriterProcess.lines(child)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        switch (parts[0]) {
          case "valid" -> answer(valid, parts[1]).complete(parts[1]);
          case "over" ->
              answer(over, parts[1])
                  .complete(
                      new Seen(
                          parts[2],
                          Long.parseLong(parts[3]),
                          Long.parseLong(parts[4]),
                          Long.parseLong(parts[5]),
                          Long.parseLong(parts[6])));
          default -> throw new IllegalStateException(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> CompletableFuture<T> answer(
      Map<String, CompletableFuture<T>> answers, String name) {
    return answers.computeIfAbsent(name, any -> new CompletableFuture<>());
  }

  private synchronized void tell(String line) {
    try {
      toChild.write(line + "\n");
      toChild.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Cluster.Database database() {
    return database;
  }

  HikariDataSource app() {
    return app;
  }

  JdbcStorage storage() {
    return storage;
  }

  ControlPlane plane() {
    return plane;
  }

  long childId() {
    return child.pid();
  }

  /** A key that the other node verifies from now on. */
  Subject subject() {
    Subject subject = unwatched();
    tell("watch " + subject.name() + " " + subject.key().secret().string(SecretAccess.get()));
    Race.get(answer(valid, subject.name()));
    return subject;
  }

  /** A key of an organization of its own that the other node does not know. */
  Subject unwatched() {
    String name = "org-" + number.incrementAndGet();
    OrganizationId id = OrganizationId.of(name);
    plane.organizations().create(OPERATOR, id, name);
    TenantContext tenant = TenantContext.trusted(id, "test");
    IssuedApiKey key = plane.apiKeys().create(tenant, NewApiKey.live(name).scopes("flows:read"));
    return new Subject(name, tenant, key);
  }

  /** Waits until the other node refuses the key. */
  Seen refused(Subject subject) {
    return Race.get(answer(over, subject.name()));
  }

  /** What the other node's next call says of the key. */
  Seen now(Subject subject) {
    tell("stop " + subject.name());
    return refused(subject);
  }

  void revoke(Subject subject) {
    plane.apiKeys().revoke(subject.tenant(), subject.id(), "x");
  }

  void byHand(Subject subject, String set) {
    database.asDba(
        "UPDATE tenantkit.api_keys SET "
            + set
            + " WHERE organization_id = '"
            + subject.name()
            + "'");
  }

  /**
   * Makes the change to many keys, and holds the other node's last call that accepted each against
   * the moment at which the change was acknowledged here.
   *
   * @param why for what the other node then refuses it
   */
  void assertSeenWithinTheBound(String what, int runs, String why, Consumer<Subject> change) {
    ExecutorService lanes = Executors.newFixedThreadPool(LANES);
    try {
      List<Future<Timed>> running = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        running.add(lanes.submit(() -> timed(change)));
      }
      List<Timed> all = running.stream().map(Race::get).toList();
      long worst = all.stream().mapToLong(Timed::lag).max().orElseThrow();
      long positive = all.stream().filter(each -> each.lag() > 0).count();
      long fewest = all.stream().mapToLong(each -> each.seen().calls()).min().orElseThrow();
      System.out.printf(
          "%s: p100 of %d is %d ms, %d of them positive, each accepted %d times or more%n",
          what, runs, worst / 1_000, positive, fewest);
      assertThat(worst).as(what).isLessThanOrEqualTo(BOUND_MICROS);
      assertThat(all)
          .as(what)
          .allSatisfy(
              each -> {
                assertThat(each.seen().why()).isEqualTo(why);
                assertThat(each.seen().answered() - each.acknowledged())
                    .isLessThanOrEqualTo(BOUND_MICROS + CALL_MICROS);
              });
      assertThat(fewest).as("calls that accepted a key").isGreaterThanOrEqualTo(VerifyingNode.WARM);
      // The other node polls: of most changes it cannot know when they are acknowledged. Few are
      // made at one moment, which may be that of its poll.
      assertThat(positive)
          .as("keys accepted after the change")
          .isGreaterThan(runs < LANES ? 0 : runs / 2);
    } finally {
      lanes.shutdownNow();
    }
  }

  private Timed timed(Consumer<Subject> change) {
    Subject subject = subject();
    change.accept(subject);
    long acknowledged = VerifyingNode.micros();
    return new Timed(refused(subject), acknowledged);
  }

  @Override
  public void close() {
    child.destroyForcibly();
    child.onExit().join();
    plane.close();
    storage.close();
    app.close();
    admin.close();
  }
}
