package io.tenantkit.examples.benchmarks;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.auth0.jwt.interfaces.JWTVerifier;
import io.livekit.server.AccessToken;
import io.livekit.server.CanPublish;
import io.livekit.server.RoomJoin;
import io.livekit.server.RoomName;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.BareMint;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LedgerMode;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenPolicies;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenQuery;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.SecretAccess;
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
 * A LiveKit token for one participant, minted and verified.
 *
 * <p>Ours: {@link #issue} is the whole call with the ledger in batches, and {@link #ask} the same
 * with the wish made anew; {@link #issueDurable} writes the ledger's row and the event before it
 * signs, on the in-memory storage; {@link #bareMint} is our mint alone. Floor: {@link HandMint}.
 * Peer: {@code AccessToken.toJwt} of io.livekit, with the same claims but for {@code jti} and {@code
 * iat}, which it does not write, and an empty {@code sip}, which it adds; {@link MintTurns} has
 * LiveKit's own for Go beside them.
 *
 * <p>{@link #verify} is held to auth0's java-jwt, with which io.livekit signs, its verifier made
 * before, with the same leeway and the issuer demanded. It gives its claims parsed, as ours does.
 *
 * <p>The in-memory storage keeps every row, so it is made anew for each iteration; within one it
 * grows, which costs {@code issue} some garbage collection that a database would not.
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
  private LiveKit durable;
  private String token;
  private JWTVerifier auth0;

  @Setup(Level.Iteration)
  public void open() {
    plane = Fixture.open(Storage.inMemory());
    SecretVault vault = SecretVault.of(plane);
    durable = LiveKit.of(vault);
    liveKit =
        LiveKit.builder(vault)
            .tokenPolicies(
                TokenPolicies.always(TokenPolicy.builder().ledger(LedgerMode.BATCHED).build()))
            .build();
    try (SecretValue secret = SecretValue.of(SECRET)) {
      liveKit.connect(
          Fixture.CONTEXT, LiveKitCredentials.of("wss://acme.example.com", API_KEY, secret));
    }
    try (IssuedToken issued = issue()) {
      token = issued.jwt().string(SecretAccess.get());
    }
    auth0 =
        JWT.require(Algorithm.HMAC256(SECRET)).withIssuer(API_KEY).acceptLeeway(60).build();
  }

  @TearDown(Level.Iteration)
  public void close() {
    plane.close();
    plane.runtime().storage().close();
  }

  /** Not for JMH, which would ask without a pause for more than the ledger writes. */
  IssuedToken issue() {
    return liveKit.tokens().issue(Fixture.CONTEXT, WISH);
  }

  /** As {@link #issue}. */
  IssuedToken ask() {
    return liveKit
        .tokens()
        .issue(
            Fixture.CONTEXT,
            ParticipantToken.join(room, identity).name(name).ttl(TTL).canPublish(true));
  }

  @Benchmark
  public IssuedToken issueDurable() {
    return durable.tokens().issue(Fixture.CONTEXT, WISH);
  }

  @Benchmark
  public TokenVerification verify() {
    return verify(token);
  }

  @Benchmark
  public DecodedJWT verifyAuth0() {
    return auth0.verify(token);
  }

  @Benchmark
  public byte[] bareMint() {
    return bare.mint(ID, System.currentTimeMillis() / 1_000);
  }

  /** Waits until the ledger has all that was issued. */
  void drain() {
    liveKit.tokens().count(Fixture.CONTEXT, TokenQuery.all());
  }

  @Benchmark
  public byte[] byHandKeyed() {
    long now = System.currentTimeMillis() / 1_000;
    return byHand.mintKeyed(API_KEY, identity, name, room, ID, now, TTL.toSeconds());
  }

  @Benchmark
  public byte[] byHand() {
    long now = System.currentTimeMillis() / 1_000;
    return byHand.mint(API_KEY, identity, name, room, ID, now, TTL.toSeconds());
  }

  @Benchmark
  public String byHandAsText() {
    long now = System.currentTimeMillis() / 1_000;
    return byHand.mintAsText(API_KEY, identity, name, room, ID, now, TTL.toSeconds());
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
