package io.tenantkit.examples.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.secret.SecretAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An API key created, with its audit row, in one durable transaction: on PostgreSQL as the
 * application role under row level security, and in an H2 file.
 *
 * <p>Ours: {@code apiKeys().create}, and the secret read once. Floor: {@link HandCreate}, on the same
 * PostgreSQL pool; on H2 on a pool of one connection to a file of its own with the same schema and
 * settings. The figures cross processes and wait for the disk: only the ratio means something.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 12, time = 1)
@Measurement(iterations = 12, time = 1)
public class CreateBenchmark {
  private static final NewApiKey WISH = NewApiKey.live("benchmark").scopes("livekit:*");

  /** PostgreSQL's {@code fsync} and {@code synchronous_commit}. */
  @Param("on")
  public String durable = "on";

  /** PostgreSQL with both ways to it. */
  @State(Scope.Thread)
  public static class OnPostgresql {
    private Postgres postgres;
    private ControlPlane plane;
    private HandCreate byHand;

    @Setup
    public void start(CreateBenchmark benchmark) throws IOException, SQLException {
      postgres = Postgres.start(benchmark.durable);
      plane = Fixture.open(postgres.storage());
      byHand = new HandCreate(postgres.application(), true);
    }

    /** What was created, by id. */
    List<ApiKey> keys() {
      return plane.apiKeys().list(Fixture.CONTEXT, PageRequest.first(10)).items();
    }

    /** The first row of a query on the benchmark's own pool. */
    String ask(String sql) throws SQLException {
      return first(postgres.application(), sql);
    }

    @TearDown
    public void stop() throws IOException {
      plane.close();
      postgres.close();
    }
  }

  /** An H2 file for us and another one for the hand. */
  @State(Scope.Thread)
  public static class OnH2 {
    private Path folder;
    private JdbcStorage storage;
    private ControlPlane plane;
    private HikariDataSource pool;
    private HandCreate byHand;

    @Setup
    public void open() throws IOException {
      folder = Files.createTempDirectory("tenantkit-benchmark");
      storage = JdbcStorage.h2(folder.resolve("ours")).open();
      plane = Fixture.open(storage);
      Path other = folder.resolve("by-hand");
      try (JdbcStorage schema = JdbcStorage.h2(other).open();
          ControlPlane organization = Fixture.open(schema)) {
        organization.readiness();
      }
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl("jdbc:h2:file:" + other + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
      config.setUsername("sa");
      config.setPassword("");
      config.setMaximumPoolSize(1);
      pool = new HikariDataSource(config);
      byHand = new HandCreate(pool, false);
    }

    /** The first row of a query on the hand's own pool. */
    String ask(String sql) throws SQLException {
      return first(pool, sql);
    }

    @TearDown
    public void close() throws IOException {
      plane.close();
      storage.close();
      pool.close();
      try (Stream<Path> files = Files.walk(folder)) {
        List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        for (Path file : deepestFirst) {
          Files.delete(file);
        }
      }
    }
  }

  @Benchmark
  public String postgresql(OnPostgresql state) {
    return create(state.plane);
  }

  @Benchmark
  public String postgresqlByHand(OnPostgresql state) throws SQLException {
    return state.byHand.create();
  }

  @Benchmark
  public String h2(OnH2 state) {
    return create(state.plane);
  }

  @Benchmark
  public String h2ByHand(OnH2 state) throws SQLException {
    return state.byHand.create();
  }

  private static String first(DataSource pool, String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String create(ControlPlane plane) {
    try (IssuedApiKey issued = plane.apiKeys().create(Fixture.CONTEXT, WISH)) {
      return issued.secret().string(SecretAccess.get());
    }
  }
}
