package io.tenantkit.examples.benchmarks;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Times works that take turns on one thread, so that all see the same machine: in each round each
 * does so many calls, and a ratio is made of the times of one round. Where calls wait for others,
 * each is timed by the clock and the median counts; where they are short and wait for nobody, their
 * mean by the processor time of their thread, which neighbours on the machine do not take.
 */
final class Turns {
  /** One call. */
  interface Work {
    void run() throws Exception;
  }

  /** So many calls, timed where they are made, which is not in this process. */
  interface Elsewhere {
    /** The nanoseconds of one. */
    double nanos(int calls) throws Exception;
  }

  /** Of something that was measured in each round: its quartiles. */
  record Quartiles(double low, double median, double high) {
    static Quartiles of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int last = sorted.length - 1;
      return new Quartiles(sorted[last / 4], sorted[last / 2], sorted[last - last / 4]);
    }
  }

  private final Map<String, Work> works = new LinkedHashMap<>();
  private final Map<String, Work> before = new LinkedHashMap<>();
  private final Map<String, Elsewhere> elsewhere = new LinkedHashMap<>();
  private final Map<String, double[]> nanos = new LinkedHashMap<>();
  private final boolean each;

  /**
   * Nobody yet.
   *
   * @param each whether each call is timed alone, by the clock
   */
  Turns(boolean each) {
    this.each = each;
  }

  Turns add(String name, Work work) {
    return add(name, () -> {}, work);
  }

  /** With something that is done before each of its turns and not timed. */
  Turns add(String name, Work first, Work work) {
    before.put(name, first);
    works.put(name, work);
    return this;
  }

  /** With one that is timed elsewhere and has its turn after the others. */
  Turns elsewhere(String name, Elsewhere work) {
    elsewhere.put(name, work);
    return this;
  }

  /** Runs so many rounds, after as many that warm up and are not counted. */
  Turns run(int rounds, int calls) throws Exception {
    works.keySet().forEach(name -> nanos.put(name, new double[rounds]));
    elsewhere.keySet().forEach(name -> nanos.put(name, new double[rounds]));
    for (int round = -rounds; round < rounds; round++) {
      for (Map.Entry<String, Work> work : works.entrySet()) {
        Objects.requireNonNull(before.get(work.getKey())).run();
        double took = each ? median(work.getValue(), calls) : mean(work.getValue(), calls);
        if (round >= 0) {
          of(work.getKey())[round] = took;
        }
      }
      for (Map.Entry<String, Elsewhere> work : elsewhere.entrySet()) {
        double took = work.getValue().nanos(calls);
        if (round >= 0) {
          of(work.getKey())[round] = took;
        }
      }
    }
    return this;
  }

  private static double median(Work work, int calls) throws Exception {
    double[] times = new double[calls];
    for (int i = 0; i < calls; i++) {
      long began = System.nanoTime();
      work.run();
      times[i] = System.nanoTime() - began;
    }
    return Quartiles.of(times).median();
  }

  private static double mean(Work work, int calls) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < calls; i++) {
      work.run();
    }
    return (threads.getCurrentThreadCpuTime() - began) / (double) calls;
  }

  private double[] of(String name) {
    return Objects.requireNonNull(nanos.get(name), name);
  }

  /** The median over the rounds, in nanoseconds. */
  double median(String name) {
    return Quartiles.of(of(name)).median();
  }

  /** One work's time over another's, round by round. */
  Quartiles ratio(String over, String under) {
    double[] ratios = of(over).clone();
    double[] divisors = of(under);
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] /= divisors[i];
    }
    return Quartiles.of(ratios);
  }

  /** Prints each work's time, and its ratio to one of them. */
  Turns print(String title, String under, PrintStream out) {
    out.printf(Locale.ROOT, "%n%-34s %12s   %s%n", title, "median, µs", "ratio (quartiles)");
    for (String name : nanos.keySet()) {
      Quartiles ratio = ratio(name, under);
      out.printf(
          Locale.ROOT,
          "%-34s %12.2f   %.2f (%.2f to %.2f)%n",
          name,
          median(name) / 1e3,
          ratio.median(),
          ratio.low(),
          ratio.high());
    }
    return this;
  }
}
