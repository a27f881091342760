package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.examples.tokenservice.HttpFront;
import io.tenantkit.examples.tokenservice.TokenService;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The token service for a hundred tenants with a key each, and an empty handler on the same HTTP
 * server, in one process. As a program it prints their ports and keys, a line each, and serves until
 * its standard input ends.
 */
final class TokenServers implements AutoCloseable {
  /** A call of the service, of the floor. */
  record Ports(int service, int empty, List<String> keys) {}

  private static final int TENANTS = 100;
  private static final byte[] ANSWER = "{}".getBytes(StandardCharsets.US_ASCII);

  /** What closes here. */
  private interface Opened {
    void close() throws IOException;
  }

  private final Deque<Opened> opened = new ArrayDeque<>();
  private final Ports ports;

  private TokenServers(String kind) throws IOException, SQLException {
    byte[] master = Fixture.random(32);
    MasterKeys masterKeys = MasterKeys.of(MasterKey.of(master));
    Storage storage = storage(kind);
    List<String> keys = tenants(storage, masterKeys);
    // What opens no storage here need only be well-formed.
    Map<String, String> environment =
        Map.of(
            "PORT", "0",
            "RATE_LIMIT_MAX_REQUESTS", "1000000000",
            "TENANTKIT_STORAGE", "h2:given",
            "TENANTKIT_MASTER_KEY", "hex:" + HexFormat.of().formatHex(master));
    TokenService service = TokenService.start(environment, storage, masterKeys);
    opened.push(service::close);
    HttpFront empty = HttpFront.start("127.0.0.1", 0, new Empty());
    opened.push(empty::close);
    this.ports = new Ports(service.port(), empty.port(), keys);
  }

  /**
   * Starts both.
   *
   * @param kind {@code memory}, {@code h2}, or {@code postgresql}, whose commits reach the disk
   */
  static TokenServers start(String kind) throws IOException, SQLException {
    return new TokenServers(kind);
  }

  private Storage storage(String kind) throws IOException, SQLException {
    switch (kind) {
      case "memory" -> {
        return InMemoryStorage.create();
      }
      case "h2" -> {
        Path folder = Files.createTempDirectory("token-servers");
        opened.push(() -> delete(folder));
        JdbcStorage storage = JdbcStorage.h2(folder.resolve("tenants")).open();
        opened.push(storage::close);
        return storage;
      }
      case "postgresql" -> {
        Postgres server = Postgres.start("on", 10);
        opened.push(server::close);
        return server.storage();
      }
      default -> throw new IllegalArgumentException("memory, h2 or postgresql");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<String> tenants(Storage storage, MasterKeys masterKeys) {
    List<String> keys = new ArrayList<>();
    try (ControlPlane plane = ControlPlane.builder(storage, masterKeys).build();
        SecretValue secret = SecretValue.of("a-secret-of-at-least-32-characters")) {
      LiveKit livekit = LiveKit.of(SecretVault.of(plane));
      Operator operator = Operator.trusted("benchmark", "measuring");
      for (int i = 0; i < TENANTS; i++) {
        OrganizationId id = OrganizationId.of("tenant-" + i);
        plane.organizations().create(operator, id, "Tenant " + i);
        TenantContext context = TenantContext.trusted(id, "benchmark");
        livekit.connect(
            context, LiveKitCredentials.of("wss://t" + i + ".example", "APIkey" + i, secret));
        NewApiKey wanted = NewApiKey.live("backend").scopes("livekit:create-session");
        try (IssuedApiKey issued = plane.apiKeys().create(context, wanted)) {
          keys.add(issued.secret().string(SecretAccess.get()));
        }
      }
    }
    return keys;
  }

  Ports ports() {
    return ports;
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  /** Reads the body, as every handler must, and answers as little as can be. */
  private static final class Empty extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Content.Source.consumeAll(
          request,
          Callback.from(
              () -> {
                response.getHeaders().put("Content-Type", "application/json");
                response.write(true, ByteBuffer.wrap(ANSWER), callback);
              },
              callback::failed));
      return true;
    }
  }

  /** Serves for {@link TokenServiceLoad}. */
  public static void main(String[] args) throws Exception {
    try (TokenServers servers = start(args[0])) {
      System.out.println(servers.ports().service());
      System.out.println(servers.ports().empty());
      System.out.println(String.join(" ", servers.ports().keys()));
      while (System.in.read() >= 0) {
        // Whoever started this ends it.
      }
    }
  }
}
