package io.tenantkit.examples.benchmarks;

import java.io.PrintStream;

/**
 * {@link RevealBenchmark} in turns in one process instead of one after the other in processes of
 * their own: on a machine with neighbours the ratios mean more, and all share what the compiler
 * learned of all. Garbage collection on other threads is not in it.
 */
public final class RevealTurns {
  private RevealTurns() {}

  static Turns measure(int organizations, int rounds, int calls, PrintStream out) throws Exception {
    RevealBenchmark benchmark = new RevealBenchmark();
    benchmark.organizations = organizations;
    benchmark.seal();
    benchmark.open();
    try {
      return new Turns(false)
          .add("by hand", benchmark::byHand)
          .add("by hand with its row", benchmark::byHandWithRow)
          .add("envelope", benchmark::envelope)
          .add("reveal", benchmark::reveal)
          .add("use", benchmark::use)
          .add("Tink", benchmark::tink)
          .run(rounds, calls)
          .print("over by hand", "by hand", out)
          .print("over by hand with its row", "by hand with its row", out)
          .print("over Tink", "Tink", out);
    } finally {
      benchmark.close();
    }
  }

  /** Runs it: organizations, rounds, calls in a round. */
  public static void main(String[] args) throws Exception {
    int organizations = args.length > 0 ? Integer.parseInt(args[0]) : 16;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    int calls = args.length > 2 ? Integer.parseInt(args[2]) : 2_000;
    measure(organizations, rounds, calls, System.out);
  }
}
