package io.tenantkit.examples.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * {@link MintBenchmark} in turns in one process, and beside it LiveKit's own tokens for Go in a
 * process that has its turn after the others: {@code src/main/go/mint}, built by who runs this.
 * Processor time of the thread that works, without garbage collection on others.
 */
public final class MintTurns {
  private MintTurns() {}

  /** Go's, which answers each line of its input with the nanoseconds of one call. */
  private static final class Go implements AutoCloseable {
    private final Process process;
    private final Writer to;
    private final BufferedReader from;

    Go(String executable) throws IOException {
      process =
          new ProcessBuilder(executable, MintBenchmark.API_KEY, MintBenchmark.SECRET)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      to = process.outputWriter(StandardCharsets.US_ASCII);
      from = process.inputReader(StandardCharsets.US_ASCII);
    }

    double nanos(char what, int calls) throws IOException {
      to.write(what + Integer.toString(calls) + '\n');
      to.flush();
      String answer = from.readLine();
      if (answer == null) {
        throw new IOException("the other process ended");
      }
      return Double.parseDouble(answer);
    }

    @Override
    public void close() throws IOException {
      to.close();
      process.destroy();
    }
  }

  static Turns measure(int rounds, int calls, Optional<String> go, PrintStream out)
      throws Exception {
    MintBenchmark benchmark = new MintBenchmark();
    benchmark.open();
    Turns turns =
        new Turns(false)
            .add("by hand", benchmark::byHand)
            .add("by hand, keyed anew", benchmark::byHandKeyed)
            .add("by hand, Mac and text anew", benchmark::byHandAsText)
            .add("bare mint, keyed anew", benchmark::bareMint)
            .add("issue, in batches", benchmark::drain, benchmark::issue)
            .add("issue, wish made anew", benchmark::drain, benchmark::ask)
            .add("issue, durable, on memory", benchmark::issueDurable)
            .add("AccessToken", benchmark::accessToken)
            .add("verify", benchmark::verify)
            .add("verify, auth0", benchmark::verifyAuth0);
    try {
      if (go.isPresent()) {
        try (Go other = new Go(go.get())) {
          turns
              .elsewhere("Go", count -> other.nanos('m', count))
              .elsewhere("verify, Go", count -> other.nanos('v', count))
              .run(rounds, calls);
        }
      } else {
        turns.run(rounds, calls);
      }
    } finally {
      benchmark.close();
    }
    return turns
        .print("over by hand", "by hand", out)
        .print("over by hand, keyed anew", "by hand, keyed anew", out)
        .print("over by hand, Mac and text anew", "by hand, Mac and text anew", out)
        .print("over issue, in batches", "issue, in batches", out)
        .print("over verify", "verify", out);
  }

  /** Runs it: rounds, calls in a round, and Go's executable if it is there. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
    int calls = args.length > 1 ? Integer.parseInt(args[1]) : 5_000;
    measure(
        rounds, calls, args.length > 2 ? Optional.of(args[2]) : Optional.empty(), System.out);
  }
}
