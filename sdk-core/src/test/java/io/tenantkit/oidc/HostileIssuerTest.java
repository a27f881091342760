package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.event.EventType;
import io.tenantkit.oidc.OidcResult.Reason;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Role;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An issuer that is slow, broken, gone, or attacked through us. */
final class HostileIssuerTest extends OidcTestBase {
  private static final String METADATA_PATH = "/oidc/.well-known/openid-configuration";

  static Stream<TestServer.Behaviour> badAnswers() {
    return Stream.of(
        TestServer.status("500 Internal Server Error"),
        TestServer.status("404 Not Found"),
        TestServer.status("204 No Content"),
        TestServer.status("201 Created"),
        TestServer.redirect("/elsewhere"),
        TestServer.redirect("https://evil.example/"),
        TestServer.flood(),
        (path, out) -> {},
        (path, out) ->
            out.write("garbage\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
        (path, out) ->
            out.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":["
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
  }

  @ParameterizedTest
  @MethodSource("badAnswers")
  void aBadAnswerLetsNobodyIn(TestServer.Behaviour behaviour) {
    OidcTenantResolver resolver = resolver();
    server.behave(behaviour);

    assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);

    // The platform itself repeats a GET whose connection broke before anything came back.
    assertThat(server.paths()).containsOnly(METADATA_PATH);
    plane.runtime().events().deliver();
    assertThat(events)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.type()).isEqualTo(EventType.ISSUER_UNAVAILABLE);
              assertThat(event.subject()).isEqualTo(issuer);
            });
  }

  @Test
  void aBadAnswerForTheKeysLetsNobodyIn() {
    server.behave(TestServer.redirect("/keys"));
    OidcTenantResolver resolver =
        resolver(terms -> terms.jwksUri(URI.create(server.url() + "/jwks")));

    assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);
    assertThat(server.paths()).containsExactly("/jwks");
  }

  @Test
  void aSlowIssuerIsGivenUp() {
    for (TestServer.Behaviour slow : List.of(server.drip(), server.silence())) {
      server.behave(slow);
      OidcTenantResolver resolver =
          OidcTenantResolver.builder(plane)
              .issuer(OidcIssuer.builder(issuer).role("Owner", Role.ADMIN).build())
              .timeout(Duration.ofMillis(200))
              .insecureLoopbackHttp()
              .build();

      assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"issuer\":\"%s\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":5}",
        "{\"issuer\":\"%s/\",\"jwks_uri\":\"%s/jwks\"}",
        "{\"jwks_uri\":\"%s/jwks\"}",
        "{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"%s/jwks\"}",
        "{\"issuer\":\"%s\",\"issuer\":\"%s\",\"jwks_uri\":\"%s/jwks\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"file:///etc/passwd\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"http://192.0.2.1/jwks\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"http://user@127.0.0.1/jwks\"}",
        "{\"issuer\":\"%s\",\"jwks_uri\":\"not an address\"}"
      })
  void metadataThatIsNotExactlyTheIssuersIsRefused(String metadata) {
    OidcTenantResolver resolver = resolver();
    server.serve(metadata.replace("%s", issuer));

    assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);
    assertThat(server.paths()).containsExactly(METADATA_PATH);
  }

  @Test
  void plainHttpIsRefusedUnlessItIsAllowedByName() {
    OidcTenantResolver strict =
        OidcTenantResolver.builder(plane).issuer(OidcIssuer.builder(issuer).build()).build();

    assertRefused(strict.resolve(token()), Reason.ISSUER_UNAVAILABLE);
    assertThat(server.paths()).isEmpty();
  }

  @Test
  void theJvmsProxyIsNotUsed() {
    ProxySelector before = ProxySelector.getDefault();
    try (TestServer proxy = new TestServer()) {
      URI address = URI.create(proxy.url());
      ProxySelector.setDefault(
          ProxySelector.of(new InetSocketAddress(address.getHost(), address.getPort())));

      accepted(resolver().resolve(token()));
      assertThat(proxy.paths()).isEmpty();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  @Test
  void keysAreFetchedOnceWhileTheyAreFresh() {
    OidcTenantResolver resolver = resolver();
    for (int i = 0; i < 100; i++) {
      accepted(resolver.resolve(token()));
    }
    assertThat(server.paths()).containsExactly(METADATA_PATH, "/oidc/jwks");

    clock.tick(Duration.ofMinutes(10));
    accepted(resolver.resolve(token()));

    assertThat(server.paths()).hasSize(4);
  }

  @Test
  void madeUpKeyIdsCostTheIssuerOneFetchAnInterval() {
    OidcTenantResolver resolver = resolver();
    accepted(resolver.resolve(token()));

    for (int second = 0; second < 300; second++) {
      String madeUp = signer.token(signer.header("made-up-" + second), json(claims()));
      assertRefused(resolver.resolve(madeUp), Reason.UNKNOWN_KEY);
      clock.tick(Duration.ofSeconds(1));
    }

    // Two requests each: one at the start, then one each half minute.
    assertThat(server.paths()).hasSize(2 * (1 + 9));
    accepted(resolver.resolve(token()));
  }

  @Test
  void aRotatedKeyIsFoundAfterTheInterval() {
    OidcTenantResolver resolver = resolver();
    accepted(resolver.resolve(token()));
    TestSigner next = TestSigner.es256("k2");
    serveDiscoveryAnd("{\"keys\":[" + signer.jwk() + "," + next.jwk() + "]}");
    String token = next.token(next.header("k2"), json(claims()));

    assertRefused(resolver.resolve(token), Reason.UNKNOWN_KEY);
    clock.tick(Duration.ofSeconds(30));
    accepted(resolver.resolve(token));
    accepted(resolver.resolve(token()));

    serveDiscoveryAnd(next.set());
    clock.tick(Duration.ofMinutes(10));
    accepted(resolver.resolve(next.token(next.header("k2"), json(claims()))));
    assertRefused(resolver.resolve(token()), Reason.UNKNOWN_KEY);
  }

  @Test
  void theLastKeysCountOnForABoundedTimeWhileTheIssuerIsDown() {
    OidcTenantResolver resolver = resolver();
    accepted(resolver.resolve(token()));
    server.behave(TestServer.status("503 Service Unavailable"));

    clock.tick(Duration.ofMinutes(69));
    accepted(resolver.resolve(token()));
    clock.tick(Duration.ofMinutes(1));
    assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);

    serveDiscoveryAnd(signer.set());
    assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);
    clock.tick(Duration.ofSeconds(5));
    accepted(resolver.resolve(token()));
  }

  @Test
  void anIssuerThatIsDownIsAskedOnceARetryInterval() {
    OidcTenantResolver resolver = resolver();
    server.behave(TestServer.status("503 Service Unavailable"));

    for (int i = 0; i < 50; i++) {
      assertRefused(resolver.resolve(token()), Reason.ISSUER_UNAVAILABLE);
      clock.tick(Duration.ofMillis(500));
    }

    assertThat(server.paths()).hasSize(5);
  }

  @Test
  void manyWhoComeAtOnceCauseOneFetch() {
    OidcTenantResolver resolver = resolver();
    String token = token();

    List<OidcResult> results = Race.of(64, number -> resolver.resolve(token));

    assertThat(results).allSatisfy(result -> accepted(result));
    assertThat(server.paths()).containsExactly(METADATA_PATH, "/oidc/jwks");
  }

  @Test
  void whileOneRenewsTheOthersGoOnWithWhatIsThere() throws InterruptedException {
    OidcTenantResolver resolver = resolver();
    accepted(resolver.resolve(token()));
    clock.tick(Duration.ofMinutes(10));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    server.behave(
        (path, out) -> {
          asked.countDown();
          release.await();
        });
    String token = token();
    Thread renewing = new Thread(() -> resolver.resolve(token));
    renewing.start();
    Race.await(asked);

    accepted(resolver.resolve(token));

    release.countDown();
    renewing.join();
  }

  @Test
  void aPublishedSecretSetLetsNobodyIn() {
    serveDiscoveryAnd(
        "{\"keys\":[" + signer.jwk() + ",{\"kty\":\"oct\",\"kid\":\"k9\",\"k\":\"c2VjcmV0\"}]}");

    assertRefused(resolver().resolve(token(Map.copyOf(claims()))), Reason.ISSUER_UNAVAILABLE);
  }
}
