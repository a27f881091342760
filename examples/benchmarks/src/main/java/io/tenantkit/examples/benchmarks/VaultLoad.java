package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * The vault on PostgreSQL, one thread, nothing waits for the disk: put and reveal against {@link
 * HandVault} in rounds that alternate, pages of a list and of a search while secrets grow in number,
 * and how many secrets a second come under another key of their organization.
 */
public final class VaultLoad implements AutoCloseable {
  private static final int FEW = 1_000;
  private static final int MANY = 100_000;
  private static final int BATCH = 1_000;
  private static final int PAGE = 50;
  private static final TenantContext CONTEXT = Fixture.CONTEXT;

  private interface Work {
    void run() throws SQLException, GeneralSecurityException;
  }

  private final Postgres postgres;
  private final ControlPlane plane;
  private final SecretVault vault;
  private final HandVault hand;
  private final Random random = new Random(1);
  private int secrets;

  VaultLoad() throws IOException, SQLException, GeneralSecurityException {
    postgres = Postgres.start("off");
    plane = Fixture.still(postgres.storage());
    vault = SecretVault.of(plane);
    byte[] context = new byte[200];
    hand =
        new HandVault(
            postgres.application(),
            new HandEnvelope(
                true, context, context, RevealBenchmark.VALUE.getBytes(StandardCharsets.US_ASCII)));
  }

  /** Puts secrets until there are so many, in transactions of {@value #BATCH}. */
  void fill(int count) {
    while (secrets < count) {
      int to = Math.min(secrets + BATCH, count);
      int from = secrets;
      postgres
          .storage()
          .inTenant(
              CONTEXT,
              (joined, connection) -> {
                for (int i = from; i < to; i++) {
                  put(joined, ref(i));
                }
                return true;
              });
      secrets = to;
    }
  }

  private void put(TenantContext context, SecretRef ref) {
    try (SecretValue value = SecretValue.of(RevealBenchmark.VALUE)) {
      vault.put(context, ref, value);
    }
  }

  private static SecretRef hands(int number) {
    return SecretRef.of("load", Environment.PRODUCTION, "hand-" + number);
  }

  private static SecretRef ref(int number) {
    return SecretRef.of("load", Environment.PRODUCTION, name(number));
  }

  private static String name(int number) {
    return "secret-" + number;
  }

  /** What a server that has run for a while has done by itself. */
  void analyze() throws SQLException {
    try (Connection connection = postgres.dba();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM ANALYZE");
    }
  }

  /** Ratios of medians, ours over the hand's, by what was done. */
  Map<String, Double> againstHand(int rounds, int count, PrintStream out)
      throws SQLException, GeneralSecurityException {
    out.printf(Locale.ROOT, "%n%-14s %12s %12s %8s%n", "median, µs", "ours", "by hand", "ratio");
    Map<String, Double> ratios = new LinkedHashMap<>();
    ratios.put(
        "reveal",
        ratio("reveal", this::reveal, () -> hand.reveal(name(any())), rounds, count, out));
    for (int i = 0; i < Math.min(secrets, FEW); i++) {
      put(CONTEXT, hands(i));
    }
    ratios.put(
        "put",
        ratio(
            "put",
            () -> put(CONTEXT, ref(any())),
            () -> hand.put(hands(any()).name()),
            rounds,
            count,
            out));
    return ratios;
  }

  private void reveal() {
    try (SecretFields fields = vault.reveal(CONTEXT, ref(any()))) {
      if (fields.value().bytes(SecretAccess.get()).length == 0) {
        throw new IllegalStateException("a secret that is there has a value");
      }
    }
  }

  private int any() {
    return random.nextInt(Math.min(secrets, FEW));
  }

  private static double ratio(
      String what, Work ours, Work hands, int rounds, int count, PrintStream out)
      throws SQLException, GeneralSecurityException {
    long[][] times = new long[2][rounds * count];
    for (int round = -1; round < rounds; round++) {
      for (int side = 0; side < 2; side++) {
        Work work = side == 0 ? ours : hands;
        for (int i = 0; i < count; i++) {
          long began = System.nanoTime();
          work.run();
          // The first round warms up.
          times[side][Math.max(round, 0) * count + i] = System.nanoTime() - began;
        }
      }
    }
    double one = median(times[0]);
    double other = median(times[1]);
    out.printf(
        Locale.ROOT, "%-14s %12.0f %12.0f %8.2f%n", what, one / 1e3, other / 1e3, one / other);
    return one / other;
  }

  /** The median time of a page of the list, and of a search by type, in microseconds. */
  double[] pages(int count) {
    long[][] times = new long[2][count];
    for (int i = -count; i < count; i++) {
      // A cursor is the id that it stands behind, and a page may begin anywhere.
      String after =
          Base64.getUrlEncoder()
              .encodeToString(
                  vault
                      .get(CONTEXT, ref(random.nextInt(secrets)))
                      .id()
                      .value()
                      .getBytes(StandardCharsets.US_ASCII));
      long began = System.nanoTime();
      int listed = vault.list(CONTEXT, PageRequest.first(PAGE).after(after)).items().size();
      long between = System.nanoTime();
      listed +=
          vault.search(CONTEXT, SecretQuery.all(), PageRequest.first(PAGE)).items().size();
      times[0][Math.max(i, 0)] = between - began;
      times[1][Math.max(i, 0)] = System.nanoTime() - between;
      if (listed == 0) {
        throw new IllegalStateException("there are secrets");
      }
    }
    return new double[] {median(times[0]) / 1e3, median(times[1]) / 1e3};
  }

  /** Secrets a second. */
  double rewrap(PrintStream out) {
    VaultKeys keys = VaultKeys.of(vault);
    keys.rotate(CONTEXT);
    long began = System.nanoTime();
    long done = keys.rewrapSecrets(CONTEXT).rewrapped();
    double rate = done / ((System.nanoTime() - began) / 1e9);
    out.printf(Locale.ROOT, "%nre-wrapped %,d versions, %,.0f a second%n", done, rate);
    return rate;
  }

  private static double median(long[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  @Override
  public void close() throws IOException {
    plane.close();
    postgres.close();
  }

  /** Runs the load: rounds, and calls of each kind in a round. */
  public static void main(String[] args)
      throws IOException, SQLException, GeneralSecurityException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 500;
    try (VaultLoad load = new VaultLoad()) {
      load.fill(FEW);
      load.analyze();
      double[] few = load.pages(count);
      load.fill(MANY);
      load.analyze();
      double[] many = load.pages(count);
      System.out.printf(
          Locale.ROOT,
          "%npages of %d, µs: list %.0f of %,d, %.0f of %,d (%.2f); search %.0f, %.0f (%.2f)%n",
          PAGE, few[0], FEW, many[0], MANY, many[0] / few[0], few[1], many[1], many[1] / few[1]);
      load.rewrap(System.out);
      load.againstHand(rounds, count, System.out);
    }
  }
}
