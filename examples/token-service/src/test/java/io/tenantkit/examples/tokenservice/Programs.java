package io.tenantkit.examples.tokenservice;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The service and other programs as processes of their own, with nothing of our environment. */
final class Programs {
  private static final Pattern LISTENING = Pattern.compile("listening on \\S+ port ([0-9]+)");
  private static final long DEADLINE_SECONDS = 120;

  private Programs() {}

  /**
   * How a process ended.
   *
   * @param code its exit code
   * @param output what it printed, errors among it
   */
  record Ended(int code, String output) {}

  /** The words that start our main class, with these options of the JVM. */
  static List<String> java(String... options) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(options));
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return words;
  }

  static ProcessBuilder program(Path folder, Map<String, String> environment, List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    Map<String, String> own = builder.environment();
    own.keySet().retainAll(List.of("PATH", "HOME"));
    own.putAll(environment);
    return builder.redirectErrorStream(true);
  }

  /** Runs a program to its end. */
  static Ended run(Path folder, Map<String, String> environment, String input, List<String> words) {
    try {
      Path output = Files.createTempFile(folder, "output", ".txt");
      Process process = program(folder, environment, words).redirectOutput(output.toFile()).start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It did not want it.
      }
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("did not end: " + Files.readString(output));
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      throw new AssertionError("cannot be run: " + words.get(0), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** A program of this machine; skips the test where it is not, or fails it in CI. */
  static void require(String name, String howToGetIt) {
    boolean there =
        Stream.of(
                Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    requireThat(there, howToGetIt);
  }

  static void requireThat(boolean there, String howToGetIt) {
    if (!there) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("CI must have it: " + howToGetIt);
      }
      System.err.println("[skipped] " + howToGetIt);
      Assumptions.abort(howToGetIt);
    }
  }

  /** The service in a process of its own, and all that it prints. */
  static final class Served implements AutoCloseable {
    private final Process process;
    private final Queue<String> printed = new ConcurrentLinkedQueue<>();
    private final Thread reader;
    private int port;

    Served(Path folder, Map<String, String> environment, List<String> words) throws IOException {
      process = program(folder, environment, words).start();
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      while (port == 0) {
        String line = lines.readLine();
        if (line == null) {
          throw new AssertionError("does not start: " + String.join("\n", printed));
        }
        printed.add(line);
        Matcher said = LISTENING.matcher(line);
        if (said.find()) {
          port = Integer.parseInt(said.group(1));
        }
      }
      reader = new Thread(() -> lines.lines().forEach(printed::add));
      reader.start();
    }

    int port() {
      return port;
    }

    /** Asks it to end, and gives all that it has printed. */
    Ended end() throws InterruptedException {
      // Not the process's own method, which closes what is still to be read.
      process.toHandle().destroy();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end");
      }
      reader.join();
      return new Ended(process.exitValue(), String.join("\n", printed));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
