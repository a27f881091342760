package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.examples.benchmarks.Turns.Quartiles;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.usage.SecretUses;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the recording of uses of secrets takes from cached verifications and from reveals: the same
 * calls while another thread records {@value #PACE} uses a second and a third one writes what was
 * counted, and while neither does, in turns. Verifications, and reveals in memory, by the processor
 * time of their thread, which tells nothing of waiting for the one lock of the storage in memory;
 * reveals on PostgreSQL by the clock, nothing waiting for the disk. What a call itself counts, a verification its key's use
 * and a reveal its secret's, it counts in both.
 */
public final class UsageLoad implements AutoCloseable {
  private static final int SECRETS = 1_000;
  private static final int ACTORS = 5;

  /** Uses a second. */
  private static final int PACE = 100_000;

  private static final int BURST = 1_000;
  private static final Duration PAUSE = Duration.ofSeconds(1).dividedBy(PACE / BURST);

  /** What was counted is written each time that so many uses were recorded. */
  private static final int FLUSH = 100_000;

  private final @Nullable Postgres postgres;
  private final ControlPlane plane;
  private final SecretVault vault;
  private final SecretUses uses;
  private final Map<String, Maintenance.Task> tasks = new LinkedHashMap<>();
  private final ExecutorService writer = Executors.newSingleThreadExecutor();
  private final TenantContext[] actors = new TenantContext[ACTORS];
  private final Secret[] secrets;
  private final String key;
  private final Random random = new Random(1);
  private final Thread recorder = new Thread(this::recording, "recorder");
  private volatile CompletableFuture<?> writing = CompletableFuture.completedFuture(null);
  private volatile boolean on;
  private volatile boolean closed;
  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();

  private UsageLoad(@Nullable Postgres postgres, Storage storage, int count) {
    this.postgres = postgres;
    this.plane = Fixture.still(storage);
    this.vault = SecretVault.of(plane);
    PlaneRuntime of = plane.runtime();
    this.uses =
        SecretUses.of(
            new PlaneRuntime(
                of.clock(),
                of.random(),
                of.storage(),
                of.coreStores(),
                of.masterKeys(),
                of.ids(),
                of.revocationBound(),
                of.events(),
                of.metrics(),
                new Captured(),
                of.plans(),
                of.onClose()),
            usage(storage));
    for (int i = 0; i < ACTORS; i++) {
      actors[i] = TenantContext.trusted(Fixture.ACME, "actor-" + i);
    }
    secrets = new Secret[count];
    for (int i = 0; i < count; i++) {
      try (SecretValue value = SecretValue.of(RevealBenchmark.VALUE)) {
        secrets[i] =
            vault.put(
                Fixture.CONTEXT,
                SecretRef.of("load", Environment.PRODUCTION, "secret-" + i),
                value);
      }
    }
    try (IssuedApiKey issued =
        plane.apiKeys().create(Fixture.CONTEXT, NewApiKey.live("load").scopes("secrets:use"))) {
      key = issued.secret().string(SecretAccess.get());
    }
    recorder.setDaemon(true);
    recorder.start();
  }

  private static SecretUsageStore usage(Storage storage) {
    return storage instanceof InMemoryStorage memory
        ? InMemoryVaultStores.in(memory).secretUsage()
        : storage.stores(VaultStores.class).orElseThrow().secretUsage();
  }

  static UsageLoad inMemory(int secrets) {
    return new UsageLoad(null, Storage.inMemory(), secrets);
  }

  /** With a second connection, on which the counts are written. */
  static UsageLoad onPostgresql(int secrets) throws IOException, SQLException {
    Postgres postgres = Postgres.start("off", 2);
    return new UsageLoad(postgres, postgres.storage(), secrets);
  }

  /** Keeps the tasks for this program to run. */
  private final class Captured implements Maintenance {
    @Override
    public void every(String name, Duration interval, Task task) {
      tasks.put(name, task);
    }

    @Override
    public void urgent(String name, Duration interval, Task task) {
      tasks.put(name, task);
    }
  }

  private void recording() {
    Random which = new Random(2);
    long due = System.nanoTime();
    while (!closed) {
      due = Math.max(due + PAUSE.toNanos(), System.nanoTime());
      if (on) {
        record(which, BURST);
        if (recorded.addAndGet(BURST) % FLUSH == 0 && writing.isDone()) {
          writes.incrementAndGet();
          writing = CompletableFuture.runAsync(this::write, writer);
        }
      }
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private void record(Random which, int count) {
    for (int i = 0; i < count; i++) {
      uses.used(actors[which.nextInt(ACTORS)], secrets[which.nextInt(secrets.length)], Map.of());
    }
  }

  private void write() {
    Objects.requireNonNull(tasks.get("vault.usage.flush")).run(Instant.now());
  }

  /** Nobody records, and nothing is written any more. */
  private void quiet() {
    on = false;
    writing.join();
  }

  private void verify() {
    if (!(plane.apiKeys().verify(key, ScopeQuery.of("secrets:use")) instanceof Verdict.Valid)) {
      throw new IllegalStateException("a key that is there must work");
    }
  }

  private void reveal() {
    SecretRef ref = secrets[random.nextInt(secrets.length)].ref();
    try (SecretFields fields = vault.reveal(Fixture.CONTEXT, ref)) {
      if (fields.value().length() == 0) {
        throw new IllegalStateException("a secret that is there has a value");
      }
    }
  }

  /** Ratios of the calls beside recording to those without, and prints what one record takes. */
  Map<String, Quartiles> measure(int rounds, int verifies, int reveals, PrintStream out)
      throws Exception {
    Map<String, Quartiles> ratios = new LinkedHashMap<>();
    ratios.put("verify", measure("verify", this::verify, false, rounds, verifies, out));
    ratios.put("reveal", measure("reveal", this::reveal, postgres != null, rounds, reveals, out));
    out.printf(
        Locale.ROOT, "%,d uses recorded, written %d times beside the calls%n", recorded.get(), writes.get());
    return ratios;
  }

  private Quartiles measure(
      String name, Turns.Work call, boolean waits, int rounds, int calls, PrintStream out)
      throws Exception {
    Turns turns =
        new Turns(waits)
            .add(name, this::quiet, call)
            .add(name + ", beside recording", () -> on = true, call)
            .add("one use recorded", this::quiet, () -> record(random, 1))
            .run(rounds, calls)
            .print(name, name, out);
    quiet();
    return turns.ratio(name + ", beside recording", name);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    writing.join();
    writer.shutdown();
    plane.close();
    if (postgres == null) {
      plane.runtime().storage().close();
    } else {
      postgres.close();
    }
  }

  /** Runs the load on memory and on PostgreSQL. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 40;
    System.out.println("memory");
    try (UsageLoad load = inMemory(SECRETS)) {
      load.measure(rounds, 300_000, 30_000, System.out);
    }
    System.out.println("\nPostgreSQL");
    try (UsageLoad load = onPostgresql(SECRETS)) {
      load.measure(rounds, 300_000, 300, System.out);
    }
  }
}
