package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.event.Event;
import io.tenantkit.oidc.OidcResult.Accepted;
import io.tenantkit.oidc.OidcResult.Reason;
import io.tenantkit.oidc.OidcResult.Refused;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Role;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A control plane over memory, an issuer on loopback, and acme registered with it. */
abstract class OidcTestBase {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final OrganizationId GLOBEX = OrganizationId.of("globex");
  static final Instant START = Instant.parse("2026-11-21T12:00:00Z");
  static final String API = "https://api.example.com";
  static final String EXTERNAL = "org-a";

  final TickingClock clock = TickingClock.at(START);
  final Operator operator = Operator.trusted("ops", "unit test");
  final Storage storage = Storage.inMemory();
  final TestServer server = new TestServer();
  final TestSigner signer = TestSigner.es256("k1");
  final List<Event> events = new CopyOnWriteArrayList<>();
  final String issuer = server.url() + "/oidc";

  ControlPlane plane;

  @BeforeEach
  final void openPlane() {
    plane = newPlane();
    plane.organizations().create(operator, ACME, "Acme");
    plane.organizations().create(operator, GLOBEX, "Globex");
    plane.externalOrganizations().register(operator, ACME, issuer, EXTERNAL);
    serveDiscoveryAnd(signer.set());
  }

  @AfterEach
  final void closePlane() throws IOException {
    plane.close();
    storage.close();
    server.close();
  }

  /** Another node on the same storage and clock. */
  final ControlPlane newPlane() {
    return newPlane(storage);
  }

  final ControlPlane newPlane(Storage seen) {
    return ControlPlane.builder(
            seen,
            MasterKeys.of(
                MasterKey.of(
                    new byte[] {
                      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                      23, 24, 25, 26, 27, 28, 29, 30, 31, 32
                    })))
        .clock(clock)
        .listener(events::add)
        .manualMaintenance()
        .build();
  }

  final void serveDiscoveryAnd(String keys) {
    server.behave(
        (path, out) -> {
          boolean metadata = path.equals("/oidc/.well-known/openid-configuration");
          String body =
              metadata
                  ? "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer + "/jwks\"}"
                  : keys;
          out.write(
              ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        });
  }

  final OidcTenantResolver resolver() {
    return resolver(terms -> terms);
  }

  final OidcTenantResolver resolver(UnaryOperator<OidcIssuer.Builder> change) {
    return resolver(plane, change);
  }

  final OidcTenantResolver resolver(ControlPlane owner, UnaryOperator<OidcIssuer.Builder> change) {
    OidcIssuer.Builder terms =
        OidcIssuer.builder(issuer)
            .audience(API)
            .role("Owner", Role.ADMIN)
            .role("Member", Role.USER)
            .role("Guest", Role.VIEWER);
    return OidcTenantResolver.builder(owner)
        .issuer(change.apply(terms).build())
        .timeout(Duration.ofSeconds(20))
        .insecureLoopbackHttp()
        .build();
  }

  /** The claims of a good token, as JSON texts. */
  final Map<String, String> claims() {
    long now = clock.instant().getEpochSecond();
    Map<String, String> claims = new LinkedHashMap<>();
    claims.put("iss", quoted(issuer));
    claims.put("sub", quoted("user-1"));
    claims.put("aud", quoted(API));
    claims.put("exp", Long.toString(now + 600));
    claims.put("iat", Long.toString(now));
    claims.put("organization_id", quoted(EXTERNAL));
    claims.put("roles", "[\"Owner\"]");
    return claims;
  }

  final String token() {
    return token(claims());
  }

  final String token(Map<String, String> claims) {
    return signer.token(signer.header("k1"), json(claims));
  }

  /** A good token but for one claim; null leaves it out. */
  final String tokenWith(String claim, String value) {
    Map<String, String> changed = claims();
    if (value == null) {
      changed.remove(claim);
    } else {
      changed.put(claim, value);
    }
    return token(changed);
  }

  static String json(Map<String, String> members) {
    StringBuilder text = new StringBuilder("{");
    members.forEach(
        (name, value) ->
            text.append(text.length() == 1 ? "" : ",")
                .append(quoted(name))
                .append(':')
                .append(value));
    return text.append('}').toString();
  }

  static String quoted(String text) {
    return '"' + text + '"';
  }

  static Accepted accepted(OidcResult result) {
    assertThat(result).isInstanceOf(Accepted.class);
    return (Accepted) result;
  }

  static void assertRefused(OidcResult result, Reason reason) {
    assertThat(result).isEqualTo(new Refused(reason));
  }
}
