package io.tenantkit.livekit.harness;

import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A livekit-server process of its own, on loopback with free ports, without Redis and without the
 * internet, and with one key pair that no other server has. It is found by the environment variable
 * {@code LIVEKIT_SERVER} or as {@code livekit-server} on the PATH. Closing kills it.
 */
public final class RealLiveKitServer implements AutoCloseable {
  private static final String HOW =
      "livekit-server is not here: go install"
          + " github.com/livekit/livekit-server/cmd/server@v1.13.5 (the binary is called server),"
          + " then set LIVEKIT_SERVER to its path";
  private static final int ATTEMPTS = 3;
  private static final Duration START_DEADLINE = Duration.ofSeconds(30);
  private static final long DEADLINE_SECONDS = 30;
  private static final Duration POLL = Duration.ofMillis(50);

  private final Process process;
  private final Path folder;
  private final int port;
  private final String apiKey;
  private final String apiSecret;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private RealLiveKitServer(
      Process process, Path folder, int port, String apiKey, String apiSecret) {
    this.process = process;
    this.folder = folder;
    this.port = port;
    this.apiKey = apiKey;
    this.apiSecret = apiSecret;
  }

  /** Starts a server and waits until it answers; skips the test when there is no binary. */
  public static RealLiveKitServer start() {
    return start(List.of());
  }

  /** The same, with webhooks that go to these URLs, signed with its one key. */
  public static RealLiveKitServer start(List<String> webhookUrls) {
    return start(key -> webhooks(key, webhookUrls));
  }

  /** The same, with more lines in its configuration. */
  public static RealLiveKitServer startWith(String moreYaml) {
    return start(key -> moreYaml);
  }

  private static RealLiveKitServer start(UnaryOperator<String> moreYaml) {
    Path binary = binary().orElseThrow(() -> AbsentTool.skipOrFail(HOW));
    for (int attempt = 1; ; attempt++) {
      // A free port can be taken by another process before the server has it.
      RealLiveKitServer server = launch(binary, moreYaml);
      if (server.awaitReady()) {
        return server;
      }
      String log = server.log();
      server.close();
      if (attempt == ATTEMPTS) {
        throw new AssertionError("livekit-server does not start: " + log);
      }
    }
  }

  /** The URL for clients, {@code ws://127.0.0.1:port}. */
  public String url() {
    return "ws://127.0.0.1:" + port;
  }

  /** The id of its one key. */
  public String apiKey() {
    return apiKey;
  }

  /** The secret of its one key, 64 characters. */
  public String apiSecret() {
    return apiSecret;
  }

  /** What the server itself says of a token by its full check of a join: status and text. */
  public Answer validate(String jwt) {
    return get("/rtc/validate?access_token=" + URLEncoder.encode(jwt, StandardCharsets.UTF_8));
  }

  /**
   * Joins by the signalling socket alone, as a client that names a room in the URL; ends when the
   * server has admitted it.
   */
  public void join(String jwt, String room) {
    String query =
        "?protocol=15&access_token="
            + URLEncoder.encode(jwt, StandardCharsets.UTF_8)
            + "&room="
            + URLEncoder.encode(room, StandardCharsets.UTF_8);
    CompletableFuture<Void> admitted = new CompletableFuture<>();
    try {
      WebSocket socket =
          http.newWebSocketBuilder()
              .buildAsync(URI.create(url() + "/rtc" + query), new FirstMessage(admitted))
              .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      admitted.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      socket.abort();
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("not admitted: " + log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private record FirstMessage(CompletableFuture<Void> arrived) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      arrived.complete(null);
      socket.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      arrived.completeExceptionally(error);
    }
  }

  /** Calls a method of the server's API (Twirp, JSON) with a token. */
  public Answer call(String service, String method, String jwt, String json) {
    return send(
        HttpRequest.newBuilder(uri("/twirp/livekit." + service + "/" + method))
            .header("Authorization", "Bearer " + jwt)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  /**
   * An answer of the server.
   *
   * @param status of HTTP
   * @param body its text
   */
  public record Answer(int status, String body) {}

  /** What the server has logged so far. */
  public String log() {
    try {
      return Files.readString(folder.resolve("server.log"));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  @Override
  public void close() {
    kill(process);
    try (Stream<Path> files = Files.list(folder)) {
      files.map(Path::toFile).forEach(File::delete);
      Files.delete(folder);
    } catch (IOException e) {
      throw new AssertionError("cannot clean up " + folder, e);
    }
  }

  /** Kills a process with all that it started, and waits until it is gone. */
  static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Path> binary() {
    String named = System.getenv("LIVEKIT_SERVER");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "livekit-server"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static RealLiveKitServer launch(Path binary, UnaryOperator<String> moreYaml) {
    byte[] bytes = new byte[32];
    SecureRandom random = new SecureRandom();
    random.nextBytes(bytes);
    String secret = HexFormat.of().formatHex(bytes);
    String key = "API" + HexFormat.of().toHexDigits(random.nextLong());
    try {
      int port = freeTcpPort();
      Path folder = Files.createTempDirectory("livekit-server");
      Path config = folder.resolve("livekit.yaml");
      Files.writeString(
          config, config(port, freeTcpPort(), freeUdpPort(), key, secret) + moreYaml.apply(key));
      ProcessBuilder builder = new ProcessBuilder(binary.toString(), "--config", config.toString());
      // What the host has set for a server of its own must not reach this one.
      builder.environment().keySet().removeIf(name -> name.startsWith("LIVEKIT_"));
      builder.redirectErrorStream(true).redirectOutput(folder.resolve("server.log").toFile());
      return new RealLiveKitServer(builder.start(), folder, port, key, secret);
    } catch (IOException e) {
      throw new AssertionError("livekit-server cannot be started", e);
    }
  }

  /** With an empty stun_servers clients would be sent to public ones. */
  private static String config(int port, int tcpPort, int udpPort, String key, String secret) {
    return String.join(
        "\n",
        "port: " + port,
        "bind_addresses: [127.0.0.1]",
        "rtc:",
        "  use_external_ip: false",
        "  node_ip: 127.0.0.1",
        "  tcp_port: " + tcpPort,
        "  udp_port: " + udpPort,
        "  enable_loopback_candidate: true",
        "  stun_servers: [\"127.0.0.1:" + udpPort + "\"]",
        "keys:",
        "  " + key + ": " + secret,
        "logging:",
        "  level: info",
        "");
  }

  private static String webhooks(String key, List<String> urls) {
    if (urls.isEmpty()) {
      return "";
    }
    return "webhook:\n  api_key: " + key + "\n  urls: [\"" + String.join("\", \"", urls) + "\"]\n";
  }

  private static int freeTcpPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static int freeUdpPort() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DatagramSocket socket = new DatagramSocket(any)) {
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
    try {
      HttpRequest request = HttpRequest.newBuilder(uri("/")).timeout(POLL.multipliedBy(40)).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Answer get(String path) {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private Answer send(HttpRequest request) {
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException e) {
      throw new AssertionError("livekit-server does not answer: " + log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
