package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Take;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How often a verb waits for the server, counted on the wire: a request after an answer is a round
 * trip.
 */
final class RoundTripTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final Samples SAMPLES = new Samples();

  private static final String UNASKED = "com.zaxxer.hikari.aliveBypassWindowMs";

  private static final AtomicLong NUMBER = new AtomicLong();

  private static Cluster.Database database;
  private static Relay relay;
  private static HikariDataSource pool;
  private static JdbcStorage storage;
  private static CoreStores stores;

  @BeforeAll
  static void open() throws IOException, SQLException {
    database = Cluster.migrated();
    relay = new Relay(Cluster.port());
    pool = new HikariDataSource();
    pool.setJdbcUrl(
        "jdbc:postgresql://localhost:"
            + relay.port()
            + "/"
            + database.name()
            + "?sslmode=disable&gssEncMode=disable");
    pool.setUsername(database.roles().application());
    pool.setPassword("unused");
    pool.setMaximumPoolSize(1);
    // It asks after a connection that was idle for half a second, which a busy machine may be in
    // the middle of a verb. This is read when the pool begins.
    System.setProperty(UNASKED, "600000");
    try {
      pool.getConnection().close();
    } finally {
      System.clearProperty(UNASKED);
    }
    storage = JdbcStorage.postgresql(pool).open();
    stores = storage.stores(CoreStores.class).orElseThrow();
    try (HikariDataSource admin = database.admin(1)) {
      JdbcStorage.postgresql(pool)
          .admin(admin)
          .open()
          .stores(CoreStores.class)
          .orElseThrow()
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              SAMPLES.organization(ACME, "Name"),
              SAMPLES.event(ACME, "created"));
    }
  }

  @AfterAll
  static void close() throws IOException {
    pool.close();
    relay.close();
  }

  @Test
  void readsTakeOneInsertsTwoAndAChangeOneMoreToSeeWhatChanged() {
    StoredApiKey key = SAMPLES.key(ACME, "key_1");
    StoredApiKey next = SAMPLES.key(ACME, "key_2");
    assertThat(trips(() -> stores.apiKeys().insert(CONTEXT, key, SAMPLES.event(ACME, "added"))))
        .isEqualTo(2);
    assertThat(trips(() -> stores.apiKeys().find(CONTEXT, ApiKeyId.of("key_1")))).isEqualTo(1);
    assertThat(trips(() -> stores.apiKeys().list(CONTEXT, null, 10))).isEqualTo(1);
    assertThat(trips(() -> stores.apiKeys().lookup(key.hash()))).isEqualTo(1);
    assertThat(trips(() -> stores.organizations().find(CONTEXT))).isEqualTo(1);
    assertThat(trips(() -> stores.audit().append(CONTEXT, SAMPLES.event(ACME, "x")))).isEqualTo(2);
    assertThat(
            trips(
                () ->
                    stores
                        .apiKeys()
                        .update(CONTEXT, SAMPLES.renamed(key, "new"), 1, SAMPLES.event(ACME, "x"))))
        .isEqualTo(3);
    assertThat(
            trips(
                () ->
                    stores
                        .apiKeys()
                        .rotate(
                            CONTEXT,
                            SAMPLES.retired(SAMPLES.renamed(key, "new"), next.key().id()),
                            2,
                            next,
                            SAMPLES.event(ACME, "x"))))
        .isEqualTo(4);
  }

  /** A reveal reads the row, writes its event, commits, and asks for the key when it has none. */
  @Test
  void secretsAreReadInOneAndOpenedOrPutInThree() {
    SecretRef one = SecretRef.of("app", Environment.PRODUCTION, "one");
    SecretRef two = SecretRef.of("app", Environment.PRODUCTION, "two");
    SecretQuery tagged = SecretQuery.all().tagged("tag");
    NewSecret pair =
        NewSecret.of("pair", Map.of("a", SecretValue.of("a"), "b", SecretValue.of("b")))
            .described(SecretDescription.of("", List.of("tag"), Map.of()));
    try (ControlPlane plane = plane()) {
      SecretVault vault = SecretVault.of(plane);
      // With the organization's key and the project, which are there from now on.
      assertThat(trips(() -> vault.put(CONTEXT, one, pair))).isLessThanOrEqualTo(11);
      assertThat(trips(() -> vault.put(CONTEXT, two, pair))).isEqualTo(4);
      // More often than it takes a driver to prepare on the server.
      for (int i = 0; i < 12; i++) {
        assertThat(trips(() -> vault.put(CONTEXT, one, pair))).isEqualTo(3);
        assertThat(trips(() -> vault.putAll(CONTEXT, Map.of(one, pair, two, pair)))).isEqualTo(5);
        assertThat(trips(() -> vault.reveal(CONTEXT, one).close())).isEqualTo(3);
        assertThat(trips(() -> vault.useFields(CONTEXT, one, Purpose.of("x"), f -> 1)))
            .isEqualTo(3);
        assertThat(trips(() -> vault.get(CONTEXT, one))).isEqualTo(1);
        assertThat(trips(() -> vault.getAll(CONTEXT, List.of(one, two)))).isEqualTo(1);
        assertThat(trips(() -> vault.list(CONTEXT, PageRequest.first(10)))).isEqualTo(1);
        assertThat(trips(() -> vault.search(CONTEXT, tagged, PageRequest.first(10)))).isEqualTo(1);
        assertThat(trips(() -> vault.versions(CONTEXT, one))).isEqualTo(2);
      }
    }
    try (ControlPlane plane = plane()) {
      SecretVault vault = SecretVault.of(plane);
      assertThat(trips(() -> vault.reveal(CONTEXT, one).close())).isEqualTo(4);
      assertThat(trips(() -> vault.reveal(CONTEXT, one).close())).isEqualTo(3);
    }
  }

  private static ControlPlane plane() {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  @Test
  void limitsAndCreditsTakeOneHoweverMany() {
    RateLimit first = RateLimit.of("first", 10, Duration.ofHours(1)).shared();
    RateLimit second = RateLimit.of("second", 10, Duration.ofHours(1)).leased();
    Take one = new Take("key_1", first, 1, 0);
    Take leased = new Take("key_1", second, 1, 5);
    Spend spend = new Spend("key_1", Credits.of(100), 1);
    for (int i = 0; i < 12; i++) {
      assertThat(trips(() -> take(List.of(one), Optional.empty()))).isEqualTo(1);
    }
    assertThat(trips(() -> take(List.of(one, leased), Optional.empty()))).isEqualTo(1);
    assertThat(trips(() -> take(List.of(one, leased), Optional.of(spend)))).isEqualTo(1);
  }

  private static void take(List<Take> takes, Optional<Spend> spend) {
    stores
        .rateLimits()
        .take(
            ACME,
            takes,
            spend,
            new RateLimitStore.Lease("node", NUMBER.incrementAndGet(), Duration.ofSeconds(4)),
            Samples.NOW);
  }

  /** A limit waits for no disk, credits do, and the session's own setting is never touched. */
  @Test
  void onlyCreditsWaitForTheDisk() throws SQLException {
    database.asDba(
        """
        CREATE TABLE public.probe (setting text, at_lock text);
        GRANT INSERT ON public.probe TO PUBLIC;
        CREATE FUNCTION public.probing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.probe VALUES (current_setting('synchronous_commit'), current_setting('lock_timeout'));
          RETURN NEW;
        END $$;
        CREATE TRIGGER probing BEFORE INSERT OR UPDATE ON tenantkit.rate_limits FOR EACH ROW EXECUTE FUNCTION public.probing();
        CREATE TRIGGER probing BEFORE INSERT OR UPDATE ON tenantkit.credits FOR EACH ROW EXECUTE FUNCTION public.probing();
        """);
    RateLimit limit = RateLimit.of("probed", 10, Duration.ofHours(1)).shared();
    database.asDba("ALTER ROLE " + quoted() + " SET synchronous_commit = 'on'");
    pool.getHikariPoolMXBean().softEvictConnections();

    take(List.of(new Take("key_2", limit, 1, 0)), Optional.empty());
    take(List.of(new Take("key_2", limit, 1, 0)), Optional.empty());
    assertThat(probed()).containsOnly("off 500ms");
    take(List.of(), Optional.of(new Spend("key_2", Credits.of(5), 1)));
    take(
        List.of(new Take("key_2", limit, 1, 0)), Optional.of(new Spend("key_2", Credits.of(5), 1)));
    assertThat(probed()).containsOnly("on 500ms");
    try (Connection connection = pool.getConnection()) {
      assertThat(text(connection, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(text(connection, "SHOW lock_timeout")).isEqualTo("0");
    }
  }

  private static String quoted() {
    return '"' + database.roles().application().replace("\"", "\"\"") + '"';
  }

  /** What the probe has seen since it was asked last. */
  private static List<String> probed() throws SQLException {
    try (Connection dba = database.dba()) {
      String seen =
          text(dba, "SELECT string_agg(setting || ' ' || at_lock, ',') FROM public.probe");
      database.asDba("TRUNCATE public.probe");
      return List.of(seen.split(",", -1));
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      assertThat(found.next()).isTrue();
      return found.getString(1);
    }
  }

  private static int trips(Runnable verb) {
    int before = relay.trips();
    verb.run();
    return relay.trips() - before;
  }

  /** Passes bytes on and counts how often the client speaks after the server did. */
  private static final class Relay implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("localhost"));
    private final AtomicInteger trips = new AtomicInteger();
    private volatile boolean answered = true;

    Relay(int port) throws IOException {
      Thread accepting =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Socket client = server.accept();
                    Socket database = new Socket(InetAddress.getByName("localhost"), port);
                    client.setTcpNoDelay(true);
                    database.setTcpNoDelay(true);
                    pump(client, database, true);
                    pump(database, client, false);
                  }
                } catch (IOException e) {
                  return;
                }
              });
      accepting.setDaemon(true);
      accepting.start();
    }

    private void pump(Socket from, Socket to, boolean request) {
      Thread pumping =
          new Thread(
              () -> {
                try (InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                  byte[] buffer = new byte[65_536];
                  for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (request && answered) {
                      trips.incrementAndGet();
                    }
                    answered = !request;
                    out.write(buffer, 0, n);
                    out.flush();
                  }
                } catch (IOException e) {
                  return;
                }
              });
      pumping.setDaemon(true);
      pumping.start();
    }

    int port() {
      return server.getLocalPort();
    }

    int trips() {
      return trips.get();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
