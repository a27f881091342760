package io.tenantkit.examples.benchmarks;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * The figures that mean something: one benchmark's time divided by another's of the same run.
 *
 * <p>Of each the median over the iterations and its quartiles, since on a shared machine a mean and
 * its error tell of the neighbours. Of what stays in the process, the processor time ({@link
 * CpuTime}); of what waits for a database, the wall clock.
 */
final class Ratios {
  private record Ratio(String what, String over, String under) {}

  private static final List<Ratio> ALL =
      List.of(
          new Ratio("cached verify / by hand", "Verify.cached", "Verify.cachedByHand"),
          new Ratio("cached verify + tenant / by hand", "Verify.cachedWithTenant", "Verify.cachedByHand"),
          new Ratio("cached verify / SHA-256", "Verify.cached", "Verify.sha256"),
          new Ratio("hot verify / by hand", "Verify.hot", "Verify.hotByHand"),
          new Ratio("hot verify / SHA-256", "Verify.hot", "Verify.sha256Hot"),
          new Ratio("junk key / SHA-256", "Verify.junk", "Verify.sha256Hot"),
          new Ratio("cached verify, 2 threads / 1", "Verify.cachedTwoThreads", "Verify.cached"),
          new Ratio("hot verify, 2 threads / 1", "Verify.hotTwoThreads", "Verify.hot"),
          new Ratio(
              "by hand, 2 threads / 1", "Verify.cachedByHandTwoThreads", "Verify.cachedByHand"),
          new Ratio("SHA-256, 2 threads / 1", "Verify.sha256TwoThreads", "Verify.sha256"),
          new Ratio("bare mint / by hand", "Mint.bareMint", "Mint.byHand"),
          new Ratio("AccessToken / bare mint", "Mint.accessToken", "Mint.bareMint"),
          new Ratio("bare mint / by hand, keyed anew", "Mint.bareMint", "Mint.byHandKeyed"),
          new Ratio("auth0 / verify", "Mint.verifyAuth0", "Mint.verify"),
          new Ratio("use / by hand", "Reveal.use", "Reveal.byHand"),
          new Ratio("reveal / by hand", "Reveal.reveal", "Reveal.byHand"),
          new Ratio("use / by hand with its row", "Reveal.use", "Reveal.byHandWithRow"),
          new Ratio("reveal / by hand with its row", "Reveal.reveal", "Reveal.byHandWithRow"),
          new Ratio("envelope / by hand", "Reveal.envelope", "Reveal.byHand"),
          new Ratio("by hand / without HKDF", "Reveal.byHand", "Reveal.byHandWithoutHkdf"),
          new Ratio("use / Tink", "Reveal.use", "Reveal.tink"),
          new Ratio("envelope / Tink", "Reveal.envelope", "Reveal.tink"),
          new Ratio("two limits / by hand", "Limit.local", "Limit.localByHand"),
          new Ratio("two limits, 2 threads / 1", "Limit.localTwoThreads", "Limit.local"),
          new Ratio("verify miss / by hand, PostgreSQL", "Miss.postgresql", "Miss.postgresqlByHand"),
          new Ratio("create / by hand, PostgreSQL", "Create.postgresql", "Create.postgresqlByHand"),
          new Ratio("create / by hand, H2 file", "Create.h2", "Create.h2ByHand"));

  /** A figure's quartiles over the iterations. */
  private record Figure(double low, double median, double high) {
    static Figure of(Statistics values) {
      return new Figure(
          values.getPercentile(25), values.getPercentile(50), values.getPercentile(75));
    }
  }

  private Ratios() {}

  /** Every benchmark that a ratio is made of. */
  static List<String> names() {
    return ALL.stream().flatMap(ratio -> Stream.of(ratio.over(), ratio.under())).toList();
  }

  static void print(Collection<RunResult> results, PrintStream out) {
    Map<String, Figure> figures = new TreeMap<>();
    for (RunResult result : results) {
      String name = shortName(result.getParams().getBenchmark());
      @Nullable Result<?> cpu = isClocked(name) ? null : result.getSecondaryResults().get(CpuTime.LABEL);
      figures.put(
          name,
          Figure.of((cpu == null ? result.getPrimaryResult() : cpu).getStatistics()));
    }
    out.printf(Locale.ROOT, "%nMedian time of one operation (quartiles)%n");
    figures.forEach(
        (name, f) ->
            out.printf(
                Locale.ROOT, "%-32s %12.0f  (%.0f to %.0f)%n", name, f.median(), f.low(), f.high()));
    out.printf(Locale.ROOT, "%nRatio of medians (of quartiles: lowest to highest)%n");
    for (Ratio ratio : ALL) {
      Figure over = figures.get(ratio.over());
      Figure under = figures.get(ratio.under());
      if (over != null && under != null) {
        out.printf(
            Locale.ROOT,
            "%-32s %8.2f  (%.2f to %.2f)%n",
            ratio.what(),
            over.median() / under.median(),
            over.low() / under.high(),
            over.high() / under.low());
      }
    }
  }

  /** Whether it waits for a database. */
  private static boolean isClocked(String name) {
    return name.startsWith("Create.") || name.startsWith("Miss.");
  }

  /** {@code Verify.cached} of the full name. */
  private static String shortName(String benchmark) {
    String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
    String type = benchmark.substring(0, benchmark.lastIndexOf('.'));
    return type.substring(type.lastIndexOf('.') + 1).replace("Benchmark", "") + '.' + method;
  }
}
