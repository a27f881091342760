package io.tenantkit.livekit.testing;

import com.sun.net.httpserver.HttpServer;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.egress.Egress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A LiveKit server in this process, for the unit tests of hosts: it listens on loopback by plain
 * HTTP and answers the API for rooms, participants and agents as {@code livekit-server} 1.13 does,
 * grants, limits and errors included, to this library and to LiveKit's own SDKs alike; the contract
 * that it is tested with is the one that the real server is tested with. There is no media and no
 * WebSocket: participants and workers come by {@link #join} and {@link #registerWorker}.
 *
 * <pre>{@code
 * try (FakeLiveKitServer server = FakeLiveKitServer.start()) {
 *   LiveKit livekit = LiveKit.builder(vault).egress(server.egress()).build();
 *   livekit.connect(acme, server.credentials());
 *   FakeParticipant ada = server.join(livekit.tokens().issue(acme, ParticipantToken.join("desk", "ada")));
 * }
 * }</pre>
 *
 * <p>Over HTTP, a request line and headers of 380 KiB are the most that the JDK's server reads,
 * where LiveKit's reads 1 MiB; {@link #join} and {@link #validate} take longer tokens.
 *
 * <p>Time is the given clock's: rooms whose time is over are gone at the next call after the clock
 * has moved. Webhooks wait until they are taken or delivered, so that no thread of the server's
 * sends anything. Where a real server waits some seconds before it says that somebody is not there,
 * this one says so at once. Egress, ingress and telephony answer as a server without Redis.
 *
 * <p>Safe for use by several threads. On the module path it needs {@code jdk.httpserver}. Closing
 * stops it and wipes its keys.
 */
public final class FakeLiveKitServer implements AutoCloseable {
  private static final int THREADS = 4;

  private final World world;
  private final Judge judge;
  private final JoinCheck joins;
  private final HttpApi api;
  private final KeyRing keys;
  private final HttpServer http;
  private final ExecutorService threads;
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();

  private FakeLiveKitServer(Builder builder) {
    Clock clock = builder.clock;
    keys = new KeyRing(builder.keys());
    judge = new Judge(keys, clock);
    Minter minter = new Minter(keys, clock);
    String signer = builder.webhookKey.orElseGet(keys::first);
    keys.secret(signer);
    Webhooks webhooks = new Webhooks(minter, signer, builder.webhookUrls);
    world =
        new World(
            clock,
            new Ids(builder.random),
            minter,
            webhooks,
            builder.autoCreate,
            builder.remoteUnmute);
    joins = new JoinCheck(world);
    api = new HttpApi(judge, joins, new Twirp(world));
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "fake-livekit");
              thread.setDaemon(true);
              return thread;
            });
    http.setExecutor(threads);
    http.createContext("/", api);
    http.start();
  }

  /** A server as it comes: a key pair of its own, the system's clock, no webhooks sent. */
  public static FakeLiveKitServer start() {
    return builder().start();
  }

  /** A server to be configured. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens, for clients: {@code ws://127.0.0.1:port}. */
  public String url() {
    return "ws://127.0.0.1:" + http.getAddress().getPort();
  }

  /** Where it listens, for calls of its API: {@code http://127.0.0.1:port}. */
  public URI httpUrl() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** What a tenant connects with: the URL and the first key pair, until the server is closed. */
  public LiveKitCredentials credentials() {
    return credentials(keys.first());
  }

  /**
   * The same with another of its key pairs.
   *
   * @throws IllegalArgumentException when it has no such key
   */
  public LiveKitCredentials credentials(String apiKey) {
    return LiveKitCredentials.of(url(), apiKey, keys.secret(apiKey));
  }

  /** A way out that reaches it, and this machine alone beside the internet; closed with it. */
  public Egress egress() {
    return egress;
  }

  /**
   * Lets a participant join by its token, as the server judges it. The token is not closed.
   *
   * @throws FakeRefusedException with the server's status and words
   */
  public FakeParticipant join(IssuedToken token) {
    return join(token.jwt().string(SecretAccess.get()));
  }

  /**
   * Lets a participant join by its token, as the server judges it.
   *
   * @throws FakeRefusedException with the server's status and words
   */
  public FakeParticipant join(String token) {
    try {
      Grants grants = joins.check(Optional.of(judge.judge(token)), Map.of(), false);
      return world.locked(() -> world.join(grants));
    } catch (Refusal e) {
      throw new FakeRefusedException(e.status(), e.text());
    }
  }

  /** What {@code /rtc/validate} says of a token. */
  public ServerAnswer validate(String token) {
    try {
      joins.check(
          token.isEmpty() ? Optional.empty() : Optional.of(judge.judge(token)), Map.of(), false);
      return new ServerAnswer(200, "success");
    } catch (Refusal e) {
      return new ServerAnswer(e.status(), e.text());
    }
  }

  /**
   * Registers a worker for rooms, as {@link #registerWorker(String, String, String,
   * FakeWorker.Serves)}.
   */
  public FakeWorker registerWorker(String token, String agentName) {
    return registerWorker(token, agentName, "", FakeWorker.Serves.ROOMS);
  }

  /**
   * Registers an agent worker, which is given jobs from then on.
   *
   * @param token one that grants {@code agent}
   * @param agentName empty for workers that serve each room to which no agent is sent by name
   * @param deployment which deployment of the agent; empty for the default
   * @throws FakeRefusedException with the server's status and words
   */
  public FakeWorker registerWorker(
      String token, String agentName, String deployment, FakeWorker.Serves serves) {
    Grants grants;
    try {
      grants = judge.judge(token);
    } catch (Refusal e) {
      throw new FakeRefusedException(e.status(), e.text());
    }
    if (!grants.may("agent")) {
      throw new FakeRefusedException(401, "no permissions to access the room");
    }
    return world.locked(
        () -> {
          FakeWorker worker =
              new FakeWorker(
                  world, world.ids.next("AW_"), grants.apiKey(), agentName, deployment, serves);
          world.workers.add(worker);
          return worker;
        });
  }

  /**
   * The webhooks that were not taken or delivered yet, in order, signed now: for receivers that a
   * test calls itself. The last 10,000 are kept.
   */
  public List<FakeWebhook> takeWebhooks() {
    return world.locked(world.webhooks::take);
  }

  /**
   * Sends the webhooks that were not taken or delivered yet to each of the URLs, in order, and
   * waits for the answers. What is not heard, or met a fault (429, 500 and above), is sent three
   * times at most.
   */
  public List<WebhookDelivery> deliverWebhooks() {
    world.locked(() -> true);
    return world.webhooks.deliver();
  }

  /**
   * The next call of the API is answered so, whatever it is, and does nothing; of several, each
   * answers one call. For tests of what happens when a server fails.
   */
  public void answerNext(int status, String body) {
    api.script(new ServerAnswer(status, body));
  }

  /** Stops listening. What calls are still made meet a closed port. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
    egress.close();
    keys.close();
  }

  /** The URL. */
  @Override
  public String toString() {
    return "FakeLiveKitServer[" + url() + "]";
  }

  /** Collects settings. For one thread. */
  public static final class Builder {
    private final Map<String, SecretValue> given = new LinkedHashMap<>();
    private Clock clock = Clock.systemUTC();
    private SecureRandom random = new SecureRandom();
    private final List<URI> webhookUrls = new ArrayList<>();
    private Optional<String> webhookKey = Optional.empty();
    private boolean autoCreate = true;
    private boolean remoteUnmute;

    private Builder() {}

    /**
     * A key pair that it accepts; the first signs what the server signs. One of its own unless set.
     */
    public Builder key(String apiKey, String apiSecret) {
      given.put(apiKey, SecretValue.of(apiSecret));
      return this;
    }

    /** Whose time it is; the system's unless set. */
    public Builder clock(Clock shown) {
      this.clock = Objects.requireNonNull(shown, "shown");
      return this;
    }

    /** Where ids and keys come from. */
    public Builder random(SecureRandom source) {
      this.random = Objects.requireNonNull(source, "source");
      return this;
    }

    /** Where webhooks go; more than one may be given. */
    public Builder webhook(URI url) {
      webhookUrls.add(Objects.requireNonNull(url, "url"));
      return this;
    }

    /** Which key signs webhooks; the first unless set. */
    public Builder webhookKey(String apiKey) {
      this.webhookKey = Optional.of(apiKey);
      return this;
    }

    /** Nobody makes a room by joining it ({@code room.auto_create: false}). */
    public Builder noAutoCreate() {
      this.autoCreate = false;
      return this;
    }

    /** The API may unmute tracks too ({@code room.enable_remote_unmute: true}). */
    public Builder remoteUnmute() {
      this.remoteUnmute = true;
      return this;
    }

    private Map<String, SecretValue> keys() {
      if (!given.isEmpty()) {
        return given;
      }
      Ids ids = new Ids(random);
      String secret = ids.next("") + ids.next("") + ids.next("");
      return Map.of(ids.next("API"), SecretValue.of(secret));
    }

    /**
     * A server that listens on a free port of loopback.
     *
     * @throws IllegalArgumentException when webhooks shall be signed by a key that it does not have
     */
    public FakeLiveKitServer start() {
      return new FakeLiveKitServer(this);
    }
  }
}
