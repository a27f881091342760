package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A verification that memory does not answer: one round trip to PostgreSQL.
 *
 * <p>Ours: verify on a control plane with a revocation bound of zero, which asks each time. Floor:
 * SHA-256 and the same look-up function called by hand on the same pool, every column read as text.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 8, time = 1)
public class MissBenchmark {
  private static final String LOOKUP = "SELECT * FROM tenantkit.presented_key(?)";
  private static final int COLUMNS = 23;
  private static final int KEYS = 1_000;
  private static final ScopeQuery QUERY = ScopeQuery.of("livekit:create-session");

  private final String[] presented = new String[KEYS];
  private Postgres postgres;
  private ControlPlane plane;
  private MessageDigest sha256;
  private int next;

  @Setup
  public void start() throws IOException, SQLException, NoSuchAlgorithmException {
    sha256 = MessageDigest.getInstance("SHA-256");
    postgres = Postgres.start("off");
    plane = Fixture.open(postgres.storage(), Duration.ZERO);
    for (int i = 0; i < KEYS; i++) {
      NewApiKey wanted =
          NewApiKey.live("key " + i)
              .scopes("livekit:*", "secrets:read")
              .limit("minute", VerifyBenchmark.LIMIT, Duration.ofMinutes(1))
              .limit("hour", VerifyBenchmark.LIMIT, Duration.ofHours(1));
      try (IssuedApiKey issued = plane.apiKeys().create(Fixture.CONTEXT, wanted)) {
        presented[i] = issued.secret().string(SecretAccess.get());
      }
    }
  }

  private String next() {
    next = next + 1 == KEYS ? 0 : next + 1;
    return presented[next];
  }

  @Benchmark
  public Verdict postgresql() {
    return plane.apiKeys().verify(next(), QUERY);
  }

  /** How many characters the row has. */
  @Benchmark
  public int postgresqlByHand() throws SQLException {
    byte[] digest = sha256.digest(next().getBytes(StandardCharsets.UTF_8));
    try (Connection connection = postgres.application().getConnection();
        PreparedStatement lookup = connection.prepareStatement(LOOKUP)) {
      lookup.setString(1, HexFormat.of().formatHex(digest));
      try (ResultSet row = lookup.executeQuery()) {
        int length = 0;
        if (row.next()) {
          for (int i = 1; i <= COLUMNS; i++) {
            String text = row.getString(i);
            length += text == null ? 0 : text.length();
          }
        }
        return length;
      }
    }
  }

  @TearDown
  public void stop() throws IOException {
    plane.close();
    postgres.close();
  }
}
