package io.tenantkit.examples.benchmarks;

import io.livekit.server.AccessToken;
import io.livekit.server.CanPublish;
import io.livekit.server.RoomJoin;
import io.livekit.server.RoomName;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.BareMint;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.SecretVault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A LiveKit token for one participant.
 *
 * <p>Ours: {@link #issue} is the whole call on the in-memory storage, with the organization looked
 * up, the audit row written, three fields read from the vault and opened; {@link #bareMint} is our
 * mint alone. Floor: {@link HandMint}. Peer: {@code AccessToken.toJwt} of io.livekit, with the same
 * claims but for {@code jti} and {@code iat}, which it does not write, and an empty {@code sip}, which it adds.
 *
 * <p>The in-memory storage keeps every audit row, so it is made anew for each iteration; within one
 * it grows, which costs {@code issue} some garbage collection that a database would not.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MintBenchmark {
  static final String API_KEY = "APIbenchmark";
  static final String SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH";
  private static final String ID = "tok_01kah2v9w0e8s5m3k7q1x4z6b9";
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final ParticipantToken WISH =
      ParticipantToken.join("standup", "ada").name("Ada").ttl(TTL).canPublish(true);

  private final BareMint bare = new BareMint(WISH, API_KEY, ascii(SECRET));
  private final HandMint byHand = new HandMint(ascii(SECRET));
  private String identity = "ada";
  private String room = "standup";
  private String name = "Ada";

  private ControlPlane plane;
  private LiveKit liveKit;

  @Setup(Level.Iteration)
  public void open() {
    plane = Fixture.open(Storage.inMemory());
    liveKit = LiveKit.of(SecretVault.of(plane));
    try (SecretValue secret = SecretValue.of(SECRET)) {
      liveKit.connect(
          Fixture.CONTEXT, LiveKitCredentials.of("wss://acme.example.com", API_KEY, secret));
    }
  }

  @TearDown(Level.Iteration)
  public void close() {
    plane.close();
    plane.runtime().storage().close();
  }

  @Benchmark
  public IssuedToken issue() {
    return liveKit.tokens().issue(Fixture.CONTEXT, WISH);
  }

  @Benchmark
  public byte[] bareMint() {
    return bare.mint(ID, System.currentTimeMillis() / 1_000);
  }

  @Benchmark
  public byte[] byHand() {
    long now = System.currentTimeMillis() / 1_000;
    return byHand.mint(API_KEY, identity, name, room, ID, now, TTL.toSeconds());
  }

  @Benchmark
  // What AccessToken takes.
  @SuppressWarnings("JavaUtilDate")
  public String accessToken() {
    AccessToken token = new AccessToken(API_KEY, SECRET);
    token.setIdentity(identity);
    token.setName(name);
    token.setNotBefore(new Date());
    token.setTtl(TTL.toMillis());
    token.addGrants(new RoomName(room), new RoomJoin(true), new CanPublish(true));
    return token.toJwt();
  }

  /** Our verifier's verdict. */
  TokenVerification verify(String token) {
    return liveKit.tokens().verify(Fixture.CONTEXT, token);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
