package io.tenantkit.examples.benchmarks;

import java.io.PrintStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The figures that mean something: one benchmark's time divided by another's of the same run. */
final class Ratios {
  private record Ratio(String what, String over, String under) {}

  private static final List<Ratio> ALL =
      List.of(
          new Ratio("cached verify / by hand", "Verify.cached", "Verify.cachedByHand"),
          new Ratio("cached verify / SHA-256", "Verify.cached", "Verify.sha256"),
          new Ratio("hot verify / by hand", "Verify.hot", "Verify.hotByHand"),
          new Ratio("hot verify / SHA-256", "Verify.hot", "Verify.sha256Hot"),
          new Ratio("junk key / SHA-256", "Verify.junk", "Verify.sha256Hot"),
          new Ratio("verify, 2 threads / 1", "Verify.cachedTwoThreads", "Verify.cached"),
          new Ratio(
              "by hand, 2 threads / 1", "Verify.cachedByHandTwoThreads", "Verify.cachedByHand"),
          new Ratio("SHA-256, 2 threads / 1", "Verify.sha256TwoThreads", "Verify.sha256"),
          new Ratio("hot verify, 2 threads / 1", "Verify.hotTwoThreads", "Verify.hot"),
          new Ratio("bare mint / by hand", "Mint.bareMint", "Mint.byHand"),
          new Ratio("AccessToken / bare mint", "Mint.accessToken", "Mint.bareMint"),
          new Ratio("issue / by hand", "Mint.issue", "Mint.byHand"),
          new Ratio("AccessToken / issue", "Mint.accessToken", "Mint.issue"),
          new Ratio("use / by hand", "Reveal.use", "Reveal.byHand"),
          new Ratio("reveal / by hand", "Reveal.reveal", "Reveal.byHand"),
          new Ratio("envelope / by hand", "Reveal.envelope", "Reveal.byHand"),
          new Ratio(
              "by hand / by hand without HKDF", "Reveal.byHand", "Reveal.byHandWithoutHkdf"),
          new Ratio("Tink / use", "Reveal.tink", "Reveal.use"),
          new Ratio("Tink / envelope", "Reveal.tink", "Reveal.envelope"));

  private Ratios() {}

  /** Those of which both parts ran, with the bounds that JMH's error leaves. */
  static void print(Collection<RunResult> results, PrintStream out) {
    Map<String, Result<?>> figures = new HashMap<>();
    for (RunResult result : results) {
      figures.put(shortName(result.getParams().getBenchmark()), result.getPrimaryResult());
    }
    out.println();
    out.println("Ratios of times (lowest to highest within the errors)");
    for (Ratio ratio : ALL) {
      Result<?> over = figures.get(ratio.over());
      Result<?> under = figures.get(ratio.under());
      if (over != null && under != null) {
        out.println(line(ratio.what(), over, under));
      }
    }
  }

  private static String line(String what, Result<?> over, Result<?> under) {
    return String.format(
        Locale.ROOT,
        "%-34s %6.2f  (%.2f to %.2f)",
        what,
        over.getScore() / under.getScore(),
        low(over) / high(under),
        high(over) / low(under));
  }

  private static double low(Result<?> result) {
    return Double.isNaN(result.getScoreError())
        ? result.getScore()
        : Math.max(0, result.getScore() - result.getScoreError());
  }

  private static double high(Result<?> result) {
    return Double.isNaN(result.getScoreError())
        ? result.getScore()
        : result.getScore() + result.getScoreError();
  }

  /** {@code Verify.cached} of the full name. */
  private static String shortName(String benchmark) {
    String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
    String type = benchmark.substring(0, benchmark.lastIndexOf('.'));
    return type.substring(type.lastIndexOf('.') + 1).replace("Benchmark", "") + '.' + method;
  }
}
