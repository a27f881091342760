package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
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

  private static Relay relay;
  private static HikariDataSource pool;
  private static JdbcStorage storage;
  private static CoreStores stores;

  @BeforeAll
  static void open() throws IOException {
    Cluster.Database database = Cluster.migrated();
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

  private static int trips(Runnable verb) {
    try {
      // A pool looks after a connection that was idle for a while; that is not the verb's doing.
      pool.getConnection().close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
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
