package io.tenantkit.livekit.harness;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Redis of its own, on loopback and with nothing on disk: LiveKit's server keeps ingresses and
 * telephone trunks in one. It is found as {@code redis-server} on the PATH, or taken from the jar
 * of com.github.codemonstur:embedded-redis. Closing kills it.
 */
public final class RealRedis implements AutoCloseable {
  private static final String HOW =
      "no redis-server runs here: install it (Debian: apt-get install redis-server)";
  private static final int ATTEMPTS = 3;
  private static final Duration START_DEADLINE = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(20);

  private final Process process;
  private final Path folder;
  private final int port;

  private RealRedis(Process process, Path folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one and waits until it answers; skips the test when there is no binary that runs. */
  public static RealRedis start() {
    try {
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        // A free port can be taken by another process before the server has it.
        RealRedis redis = launch();
        if (redis.awaitReady()) {
          return redis;
        }
        redis.close();
      }
    } catch (IOException e) {
      throw new AssertionError("redis-server cannot be started", e);
    }
    throw AbsentTool.skipOrFail(HOW);
  }

  /** What a LiveKit server's configuration says of it. */
  public String yaml() {
    return "redis:\n  address: 127.0.0.1:" + port + "\n";
  }

  private static RealRedis launch() throws IOException {
    Path folder = Files.createTempDirectory("redis-server");
    Path binary = onPath().orElseGet(() -> fromJar(folder));
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                binary.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                folder.toString()));
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("redis.log").toFile());
    return new RealRedis(builder.start(), folder, port);
  }

  private static Optional<Path> onPath() {
    return Arrays.stream(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
        .filter(each -> !each.isEmpty())
        .map(each -> Path.of(each, "redis-server"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Path fromJar(Path folder) {
    boolean mac = System.getProperty("os.name").startsWith("Mac");
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    String name =
        mac
            ? "redis-server-6.2.6-v5-darwin-" + (arm ? "arm64" : "amd64")
            : arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
    Path binary = folder.resolve("redis-server");
    try (InputStream bytes =
        Objects.requireNonNull(RealRedis.class.getResourceAsStream("/" + name), name)) {
      Files.copy(bytes, binary);
    } catch (IOException e) {
      throw new AssertionError("redis-server cannot be unpacked", e);
    }
    if (!binary.toFile().setExecutable(true)) {
      throw new AssertionError(binary + " cannot be made executable");
    }
    return binary;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean awaitReady() {
    long deadline = System.nanoTime() + START_DEADLINE.toNanos();
    while (process.isAlive() && System.nanoTime() - deadline < 0) {
      if (answers()) {
        return true;
      }
      try {
        // A poll, ended by the server's answer: waiting for the process wakes up when it dies.
        process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      out.write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII)
          .equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    RealLiveKitServer.kill(process);
    try (Stream<Path> files = Files.list(folder)) {
      files.map(Path::toFile).forEach(File::delete);
      Files.delete(folder);
    } catch (IOException e) {
      throw new AssertionError("cannot clean up " + folder, e);
    }
  }
}
