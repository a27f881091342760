package io.tenantkit.livekit.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A script that stays: it is told things and says what it sees, one JSON object a line. Safe for
 * use by several threads. Closing ends its input, and kills it when it does not end by itself.
 */
public final class NodeSession implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final long END_SECONDS = 10;
  private static final JsonMapper JSON = new JsonMapper();

  private final Process process;
  private final OutputStream in;
  private final Path errors;
  private final List<JsonNode> said = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private boolean silent;

  private NodeSession(Process process, Path errors) {
    this.process = process;
    this.in = process.getOutputStream();
    this.errors = errors;
  }

  static NodeSession start(ProcessBuilder builder, Map<String, ?> first) {
    try {
      Path errors = Files.createTempFile("node", ".log");
      Process process = builder.redirectError(errors.toFile()).start();
      NodeSession session = new NodeSession(process, errors);
      Thread reader = new Thread(session::read, "node-session");
      reader.setDaemon(true);
      reader.start();
      session.tell(first);
      return session;
    } catch (IOException e) {
      throw new AssertionError("node cannot be run", e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        hear(JSON.readTree(line));
      }
    } catch (IOException e) {
      // It was killed.
    } finally {
      lock.lock();
      try {
        silent = true;
        more.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void hear(JsonNode line) {
    lock.lock();
    try {
      said.add(line);
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Says something to it. */
  public void tell(Map<String, ?> command) {
    try {
      in.write((JSON.writeValueAsString(command) + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      throw new AssertionError("it does not listen any more: " + errors(), e);
    }
  }

  /** All that it has said so far with this {@code what}. */
  public List<JsonNode> said(String what) {
    lock.lock();
    try {
      return said.stream().filter(line -> line.path("what").asText().equals(what)).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it has said something with this {@code what}, and gives the first. */
  public JsonNode await(String what) {
    return await(what, line -> true);
  }

  /**
   * Waits until it has said such a thing, and gives the first.
   *
   * @throws AssertionError when it ends or a minute passes before
   */
  public JsonNode await(String what, Predicate<JsonNode> such) {
    return await(what, 1, such);
  }

  /** The same for the last of so many. */
  public JsonNode await(String what, int count, Predicate<JsonNode> such) {
    return said(what, count, such, DEADLINE).orElseThrow(() -> silence(what));
  }

  /**
   * Does this, and once more each half a second, until it has said such a thing, and gives the
   * first: what happens in the moment in which somebody comes may pass them by.
   *
   * @throws AssertionError when it ends or a minute passes before
   */
  public JsonNode until(String what, Predicate<JsonNode> such, Runnable again) {
    for (long left = DEADLINE.dividedBy(AGAIN); left > 0; left--) {
      again.run();
      Optional<JsonNode> found = said(what, 1, such, AGAIN);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw silence(what);
  }

  private Optional<JsonNode> said(
      String what, int count, Predicate<JsonNode> such, Duration atMost) {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (true) {
        List<JsonNode> found = said(what).stream().filter(such).toList();
        if (found.size() >= count) {
          return Optional.of(found.get(count - 1));
        }
        if (silent) {
          throw silence(what);
        }
        if (left <= 0) {
          return Optional.empty();
        }
        left = more.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private AssertionError silence(String what) {
    lock.lock();
    try {
      return new AssertionError("it does not say " + what + ": " + said + " " + errors());
    } finally {
      lock.unlock();
    }
  }

  private String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // It ended before.
    }
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    RealLiveKitServer.kill(process);
    try {
      Files.deleteIfExists(errors);
    } catch (IOException e) {
      throw new AssertionError("cannot clean up " + errors, e);
    }
  }
}
