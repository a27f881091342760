package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job against the real parts: an H2 file, a real livekit-server for each of two tenants, and LiveKit's own native
 * client.
 */
final class EndToEndTest {
  private static final ScopeQuery CREATE_SESSION = ScopeQuery.of("livekit:create-session");
  private static final PageRequest ALL = PageRequest.first(1_000);

  @TempDir private Path home;

  @Test
  void theTokensOfOneTenantWorkOnItsOwnServerOnly() throws Exception {
    NodeTools node = NodeTools.find();
    try (RealLiveKitServer acmeServer = RealLiveKitServer.start();
        RealLiveKitServer globexServer = RealLiveKitServer.start();
        Host host = Host.open(home, masterKeys())) {
      TenantContext acme = tenant(host, "acme", acmeServer);
      TenantContext globex = tenant(host, "globex", globexServer);
      ApiKeyManager keys = host.plane().apiKeys();

      try (IssuedApiKey acmeKey = keys.create(acme, NewApiKey.live("backend").scopes("livekit:*"));
          IssuedApiKey globexKey = keys.create(globex, NewApiKey.live("backend").scopes("livekit:*"))) {
        TenantContext caller = verified(keys, acmeKey);
        String ada = token(host, caller, ParticipantToken.join("standup", "ada"));
        String bob = token(host, caller, ParticipantToken.join("standup", "bob"));
        String agent = token(host, caller, AgentToken.join("standup", "bridge-001"));

        for (String jwt : List.of(ada, bob, agent)) {
          assertThat(acmeServer.validate(jwt).status()).as(acmeServer.log()).isEqualTo(200);
          assertThat(globexServer.validate(jwt).status()).isEqualTo(401);
        }
        String theirs = token(host, verified(keys, globexKey), ParticipantToken.join("standup", "eve"));
        assertThat(globexServer.validate(theirs).status()).as(globexServer.log()).isEqualTo(200);
        assertThat(acmeServer.validate(theirs).status()).isEqualTo(401);

        JsonNode joined =
            node.run(
                "join.mjs",
                Map.of(
                    "url", acmeServer.url(),
                    "tokens", List.of(ada, bob),
                    "texts", List.of("good morning"),
                    "last", "good morning"));
        assertThat(joined.path("identities").toString()).isEqualTo("[\"ada\",\"bob\"]");
        assertThat(joined.path("received").toString())
            .isEqualTo("[{\"from\":\"ada\",\"text\":\"good morning\"}]");

        globexSeesNothingOfAcme(host, globex, verified(keys, globexKey), acmeKey);
        rotationReplacesTheKey(host, acme, acmeKey);
      }
      everyStepIsInTheTrail(host, acme);
    }
  }

  private static void globexSeesNothingOfAcme(
      Host host, TenantContext globex, TenantContext caller, IssuedApiKey acmeKey) {
    ApiKeyManager keys = host.plane().apiKeys();
    assertThatThrownBy(() -> keys.get(globex, acmeKey.key().id()))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("api key not found");
    assertThat(keys.list(globex, ALL).items())
        .extracting(key -> key.organization().value())
        .containsOnly("globex");
    assertThat(host.vault().list(globex, ALL).items())
        .extracting(secret -> secret.organization().value())
        .containsOnly("globex");
    assertThat(host.plane().audit().list(globex, ALL).items())
        .extracting(event -> event.organization().value())
        .containsOnly("globex");
    SecretRef livekit = SecretRef.of("livekit", Environment.PRODUCTION, "server");
    assertThatThrownBy(() -> host.vault().reveal(caller, livekit))
        .as("a key for LiveKit reads no secret, not even its own tenant's")
        .hasMessageContaining("secrets:use");
  }

  private static void rotationReplacesTheKey(Host host, TenantContext acme, IssuedApiKey old) {
    ApiKeyManager keys = host.plane().apiKeys();
    try (IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.immediate())) {
      assertThat(keys.verify(old.secret().string(SecretAccess.get()), CREATE_SESSION))
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              refused -> assertThat(refused.reasons()).containsExactly(Verdict.Reason.REVOKED));
      assertThat(verified(keys, next).organization()).isEqualTo(acme.organization());
    }
  }

  private static void everyStepIsInTheTrail(Host host, TenantContext acme) {
    assertThat(host.plane().audit().list(acme, ALL).items())
        .extracting(AuditEvent::action)
        .containsExactly(
            "organization.created",
            "organization_key.created",
            "secret.created",
            "api_key.created",
            "livekit.key.loaded",
            "livekit.token.issued",
            "livekit.token.issued",
            "livekit.token.issued",
            "api_key.rotated");
  }

  /** A current and a previous key, as after a change of the master key. */
  private MasterKeys masterKeys() throws Exception {
    Path file = home.resolve("master.keys");
    MasterKeys.createFileIfAbsent(file, new SecureRandom());
    Path other = home.resolve("other.keys");
    MasterKeys.createFileIfAbsent(other, new SecureRandom());
    Files.writeString(file, Files.readString(file) + Files.readString(other));
    MasterKeys keys = MasterKeys.fromFile(file);
    assertThat(keys.ids()).hasSize(2);
    return keys;
  }

  private static TenantContext tenant(Host host, String id, RealLiveKitServer server) {
    Operator operator = Operator.trusted("setup", "end-to-end test");
    host.plane().organizations().create(operator, OrganizationId.of(id), id);
    TenantContext context = TenantContext.trusted(OrganizationId.of(id), "setup");
    try (SecretValue secret = SecretValue.of(server.apiSecret())) {
      host.livekit()
          .connect(context, LiveKitCredentials.of(server.url(), server.apiKey(), secret));
    }
    return context;
  }

  private static TenantContext verified(ApiKeyManager keys, IssuedApiKey issued) {
    Verdict verdict = keys.verify(issued.secret().string(SecretAccess.get()), CREATE_SESSION);
    assertThat(verdict).isInstanceOf(Verdict.Valid.class);
    return ((Verdict.Valid) verdict).tenant();
  }

  private static String token(Host host, TenantContext context, TokenRequest<?> request) {
    try (IssuedToken token = host.livekit().tokens().issue(context, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }
}
