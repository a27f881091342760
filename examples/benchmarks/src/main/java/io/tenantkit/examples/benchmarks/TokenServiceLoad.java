package io.tenantkit.examples.benchmarks;

import io.tenantkit.examples.benchmarks.TokenServers.Ports;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long the token service takes under a fixed rate of requests, each with the API key of one of a
 * hundred tenants, beside an empty handler on the same HTTP server.
 *
 * <p>The load is open: a request is due at its time whether or not the one before was answered, and
 * its latency counts from then, so a pause of the server is seen by all that were due in it. Both
 * servers are in one process, the load in another; they take turns, so that both see the same
 * machine. Connections are kept; each has a thread, and requests go round over them.
 */
public final class TokenServiceLoad {
  private static final int CONNECTIONS = 32;
  private static final int HIGHEST_SECONDS = 60;
  private static final long NANOS = 1_000_000_000L;

  private final int port;
  private final List<byte[]> requests = new ArrayList<>();

  /** Requests to this port, with these keys in turn. */
  TokenServiceLoad(int port, List<String> keys) {
    this.port = port;
    String body = "{\"room\":\"standup\",\"identity\":\"ada\",\"ttl_seconds\":600}";
    for (String key : keys) {
      requests.add(
          ("POST /token HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                  + key
                  + "\r\nContent-Type: application/json\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body)
              .getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Latencies in nanoseconds of so many requests a second, for so long. */
  Histogram run(int perSecond, Duration time) throws InterruptedException {
    int total = Math.toIntExact(perSecond * time.toMillis() / 1_000);
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      long start = System.nanoTime() + NANOS / 10;
      List<Future<Histogram>> parts = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        int first = i;
        parts.add(threads.submit(() -> connection(first, total, start, NANOS / perSecond)));
      }
      Histogram all = empty();
      for (Future<Histogram> part : parts) {
        all.add(part.get());
      }
      return all;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static Histogram empty() {
    return new Histogram(HIGHEST_SECONDS * NANOS, 3);
  }

  private Histogram connection(int first, int total, long start, long gap) throws IOException {
    Histogram latencies = empty();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(HIGHEST_SECONDS * 1_000);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 4_096);
      OutputStream out = socket.getOutputStream();
      for (int i = first; i < total; i += CONNECTIONS) {
        long due = start + i * gap;
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        out.write(requests.get(i % requests.size()));
        readAnswer(in);
        latencies.recordValue(System.nanoTime() - due);
      }
    }
    return latencies;
  }

  /** Up to its end; anything but 200 ends the run. */
  private static void readAnswer(InputStream in) throws IOException {
    int length = 0;
    String status = line(in);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    in.skipNBytes(length);
    if (!status.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("answered " + status);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static void print(String what, Histogram of, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%-16s %8d %8.0f %8.0f %8.0f %8.0f %8.0f %8.0f%n",
        what,
        of.getTotalCount(),
        of.getValueAtPercentile(25) / 1e3,
        of.getValueAtPercentile(50) / 1e3,
        of.getValueAtPercentile(75) / 1e3,
        of.getValueAtPercentile(99) / 1e3,
        of.getValueAtPercentile(99.9) / 1e3,
        of.getMaxValue() / 1e3);
  }

  private static void measure(
      Ports ports, int perSecond, int rounds, Duration time, PrintStream out)
      throws InterruptedException {
    TokenServiceLoad service = new TokenServiceLoad(ports.service(), ports.keys());
    TokenServiceLoad empty = new TokenServiceLoad(ports.empty(), ports.keys());
    // Until the compiler has seen enough of both.
    service.run(perSecond, Duration.ofSeconds(15));
    empty.run(perSecond, Duration.ofSeconds(10));
    Histogram ofService = empty();
    Histogram ofEmpty = empty();
    double[] differences = new double[rounds];
    out.printf(
        Locale.ROOT,
        "%d requests a second over %d connections, %d rounds of %d s each; microseconds%n",
        perSecond,
        CONNECTIONS,
        rounds,
        time.toSeconds());
    out.printf(
        "%-16s %8s %8s %8s %8s %8s %8s %8s%n",
        "", "requests", "p25", "p50", "p75", "p99", "p99.9", "max");
    for (int round = 0; round < rounds; round++) {
      boolean first = round % 2 == 0;
      Histogram one = (first ? empty : service).run(perSecond, time);
      Histogram other = (first ? service : empty).run(perSecond, time);
      Histogram floor = first ? one : other;
      Histogram ours = first ? other : one;
      print("empty, round " + (round + 1), floor, out);
      print("tokens, round " + (round + 1), ours, out);
      ofEmpty.add(floor);
      ofService.add(ours);
      differences[round] = ours.getValueAtPercentile(99) - floor.getValueAtPercentile(99);
    }
    print("empty, all", ofEmpty, out);
    print("tokens, all", ofService, out);
    Turns.Quartiles difference = Turns.Quartiles.of(differences);
    out.printf(
        Locale.ROOT,
        "p99 of tokens less p99 of the empty handler, of each round: %.2f ms (quartiles %.2f to"
            + " %.2f); goal: at most 2%n",
        difference.median() / 1e6,
        difference.low() / 1e6,
        difference.high() / 1e6);
  }

  /** Runs the load: memory, h2 or postgresql; requests a second; rounds; seconds of each. */
  public static void main(String[] args) throws Exception {
    String storage = args.length > 0 ? args[0] : "memory";
    int perSecond = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 6;
    int seconds = args.length > 3 ? Integer.parseInt(args[3]) : 8;
    Process servers =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TokenServers.class.getName(),
                storage)
            // A line for each request, which is written as in service and read by nobody.
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(servers.getInputStream(), StandardCharsets.US_ASCII))) {
      String service = said.readLine();
      if (service == null) {
        throw new IllegalStateException("the servers do not start on " + storage);
      }
      Ports ports =
          new Ports(
              Integer.parseInt(service),
              Integer.parseInt(said.readLine()),
              List.of(said.readLine().split(" ", -1)));
      System.out.printf("storage: %s, JDK %s%n", storage, Runtime.version());
      measure(ports, perSecond, rounds, Duration.ofSeconds(seconds), System.out);
    } finally {
      servers.getOutputStream().close();
      if (!servers.waitFor(30, TimeUnit.SECONDS)) {
        servers.destroyForcibly();
      }
    }
  }
}
