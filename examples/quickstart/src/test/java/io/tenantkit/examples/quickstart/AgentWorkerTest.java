package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.agent.AgentProcesses;
import io.tenantkit.livekit.harness.NodeSession;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.room.AgentDispatch;
import io.tenantkit.livekit.room.AgentDispatches;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Agents of two tenants on two real servers: worker processes that speak LiveKit's own protocol, each with its tenant's
 * environment and nothing else, and no worker of one tenant does anything for the other.
 */
final class AgentWorkerTest {
  private static RealLiveKitServer acmeServer;
  private static RealLiveKitServer globexServer;
  private static Storage storage;
  private static Egress egress;
  private static ControlPlane plane;
  private static LiveKit livekit;
  private static NodeTools node;
  private static TenantContext acme;
  private static TenantContext globex;

  @BeforeAll
  static void start() {
    node = NodeTools.find();
    acmeServer = RealLiveKitServer.start();
    globexServer = RealLiveKitServer.start();
    storage = Storage.inMemory();
    egress = Egress.builder().unsafeAllowLoopback().build();
    plane = ControlPlane.builder(storage, MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"))).build();
    livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
  }

  private static TenantContext connected(String name, RealLiveKitServer server) {
    plane.organizations().create(Operator.trusted("test", "workers"), OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue secret = SecretValue.of(server.apiSecret())) {
      livekit.connect(context, LiveKitCredentials.of(server.url(), server.apiKey(), secret));
    }
    return context;
  }

  @AfterAll
  static void stop() {
    if (plane != null) {
      plane.close();
      egress.close();
      storage.close();
    }
    for (RealLiveKitServer server : new RealLiveKitServer[] {acmeServer, globexServer}) {
      if (server != null) {
        server.close();
      }
    }
  }

  /** A worker as a host starts one: it finds server and key pair in its environment. */
  private static NodeSession worker(TenantContext tenant, Map<String, ?> first) {
    ProcessBuilder own = AgentProcesses.of(livekit).process(tenant, "start a worker", List.of("node"));
    return node.open(own, "worker.mjs", first);
  }

  private static List<String> names(JsonNode environment) {
    return StreamSupport.stream(environment.get("names").spliterator(), false).map(JsonNode::asText).toList();
  }

  /** A server tells a worker that it is registered before it gives it jobs. */
  private static void untilItIsGivenJobs(NodeSession worker, TenantContext tenant) {
    RoomAgent probe = RoomAgent.named("bridge").metadata("probe of " + tenant.organization());
    worker.until("job", any -> true, () -> AgentDispatches.of(livekit).create(tenant, "probes", probe));
  }

  private static boolean isAskedFor(JsonNode job) {
    return !job.get("room").asText().equals("probes");
  }

  private static List<String> given(NodeSession worker) {
    return worker.said("job").stream().map(job -> job.get("metadata").asText()).toList();
  }

  @Test
  void aWorkerGetsItsTenantsJobsAndNoOthers() {
    AgentDispatches agents = AgentDispatches.of(livekit);
    try (NodeSession ofAcme = worker(acme, Map.of("agentName", "bridge"));
        NodeSession ofGlobex = worker(globex, Map.of("agentName", "bridge"))) {
      ofAcme.await("registered");
      ofGlobex.await("registered");
      assertThat(names(ofAcme.await("environment")))
          .contains("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
          .isSubsetOf("HOME", "LANG", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_URL", "PATH", "TZ");

      untilItIsGivenJobs(ofAcme, acme);
      untilItIsGivenJobs(ofGlobex, globex);
      AgentDispatch globexs = agents.create(globex, "desk", RoomAgent.named("bridge").metadata("for globex"));
      JsonNode atGlobex = ofGlobex.await("job", AgentWorkerTest::isAskedFor);
      AgentDispatch acmes = agents.create(acme, "desk", RoomAgent.named("bridge").metadata("for acme"));
      JsonNode atAcme = ofAcme.await("job", AgentWorkerTest::isAskedFor);

      assertThat(atAcme.get("dispatchId").asText()).isEqualTo(acmes.id());
      assertThat(atAcme.get("room").asText()).isEqualTo("desk");
      assertThat(atAcme.get("metadata").asText()).isEqualTo("for acme");
      assertThat(atGlobex.get("dispatchId").asText()).isEqualTo(globexs.id());
      assertThat(atGlobex.get("metadata").asText()).isEqualTo("for globex");

      // The token of a job joins the room of its own tenant alone.
      String token = atAcme.get("token").asText();
      assertThat(acmeServer.validate(token).status()).isEqualTo(200);
      assertThat(globexServer.validate(token).status()).isEqualTo(401);

      // Each has another one, after which nothing of the first can be under way any more.
      agents.create(globex, "lobby", RoomAgent.named("bridge").metadata("last of globex"));
      agents.create(acme, "lobby", RoomAgent.named("bridge").metadata("last of acme"));
      ofGlobex.await("job", job -> job.get("metadata").asText().equals("last of globex"));
      ofAcme.await("job", job -> job.get("metadata").asText().equals("last of acme"));
      assertThat(given(ofAcme)).containsOnlyOnce("for acme", "last of acme").containsOnly("probe of acme", "for acme", "last of acme");
      assertThat(given(ofGlobex))
          .containsOnlyOnce("for globex", "last of globex")
          .containsOnly("probe of globex", "for globex", "last of globex");
    }
  }

  @Test
  void aWorkerOfOneTenantIsRefusedByTheServerOfTheOther() {
    try (IssuedToken token = livekit.tokens().issue(acme, AgentToken.join("desk", "bridge-001").agentName("bridge"))) {
      String jwt = token.jwt().string(SecretAccess.get());
      // With its key pair, and with a token that was issued to the agent.
      for (Map<String, String> first :
          List.of(
              Map.of("agentName", "bridge", "url", globexServer.url()),
              Map.of("agentName", "bridge", "url", globexServer.url(), "token", jwt))) {
        try (NodeSession stranger = worker(acme, first)) {
          assertThat(stranger.await("refused").get("status").asInt()).isEqualTo(401);
          assertThat(stranger.said("registered")).isEmpty();
        }
      }
      try (NodeSession home = worker(acme, Map.of("agentName", "guest", "token", jwt))) {
        assertThat(home.await("registered").get("id").asText()).as("at home").startsWith("AW_");
      }
    }
  }
}
