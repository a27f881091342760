package io.tenantkit.vault.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secure connections: this host's certificate, trusted, by TLS 1.2 or later. */
class EgressTlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path folder;
  private static SSLContext context;
  private static X509TrustManager trust;
  private static RawServer server;

  @BeforeAll
  static void start() throws Exception {
    Path file = folder.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=hooks.example.com",
                "-ext",
                "san=dns:hooks.example.com",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    byte[] said = keytool.getInputStream().readAllBytes();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(new String(said, StandardCharsets.UTF_8)).isZero();

    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("server", store.getCertificate("server"));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
    trusts.init(roots);
    trust =
        (X509TrustManager)
            Arrays.stream(trusts.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .findFirst()
                .orElseThrow();
    context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), new X509TrustManager[] {trust}, null);
    server = RawServer.on(socket(), RawServer.status(200, "secure"));
  }

  private static SSLServerSocket socket(String... protocols) throws Exception {
    SSLServerSocket socket =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    return socket;
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Egress.Builder builder(int port) {
    return Egress.builder()
        .unsafeAllowLoopback()
        .ports(port)
        .callTimeout(Duration.ofSeconds(10))
        .lookup(name -> List.of(InetAddress.getLoopbackAddress()));
  }

  private static String url(String host) {
    return "https://" + host + ":" + server.port() + "/hook";
  }

  private static EgressFailure failure(Egress.Builder builder, String url) {
    try (Egress egress = builder.build()) {
      return catchThrowableOfType(
              EgressException.class, () -> egress.send(EgressRequest.get(url).build()))
          .failure();
    }
  }

  @Test
  void aTrustedCertificateOfThisHostIsTaken() {
    int before = server.requests().size();
    try (Egress egress = builder(server.port()).trust(context.getSocketFactory(), trust).build()) {
      assertThat(egress.send(EgressRequest.get(url("hooks.example.com")).build()).text())
          .isEqualTo("secure");
    }
    assertThat(server.requests().get(before).header("host"))
        .isEqualTo("hooks.example.com:" + server.port());
  }

  @Test
  void anotherHostsCertificateIsRefusedBeforeAnythingIsSent() {
    int before = server.requests().size();
    assertThat(
            failure(
                builder(server.port()).trust(context.getSocketFactory(), trust),
                url("other.example.com")))
        .isEqualTo(EgressFailure.TLS);
    assertThat(server.requests()).hasSize(before);
  }

  @Test
  void anUntrustedCertificateIsRefusedBeforeAnythingIsSent() {
    int before = server.requests().size();
    assertThat(failure(builder(server.port()), url("hooks.example.com")))
        .isEqualTo(EgressFailure.TLS);
    assertThat(server.requests()).hasSize(before);
  }

  /** A name that the guard refuses stays refused with a good certificate. */
  @Test
  void aGoodCertificateOpensNoAddress() {
    Egress.Builder strict =
        Egress.builder()
            .ports(server.port())
            .lookup(name -> List.of(InetAddress.getLoopbackAddress()))
            .trust(context.getSocketFactory(), trust);
    assertThat(failure(strict, url("hooks.example.com"))).isEqualTo(EgressFailure.BLOCKED_ADDRESS);
  }
}
