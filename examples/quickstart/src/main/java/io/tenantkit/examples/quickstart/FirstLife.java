package io.tenantkit.examples.quickstart;

import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitTokenIssuer;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.nio.file.Path;

/** The main job, in a process that is then killed. What is printed with {@code >} goes on to the second life. */
final class FirstLife {
  private static final ScopeQuery CREATE_SESSION = ScopeQuery.of("livekit:create-session");

  private FirstLife() {}

  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[0]);
    try (Host host = Host.open(home, MasterKeys.fromFile(home.resolve("master.keys")))) {
      TenantContext acme = tenant(host, "acme", "Acme");
      tenant(host, "globex", "Globex");

      ApiKeyManager keys = host.plane().apiKeys();
      try (IssuedApiKey issued = keys.create(acme, NewApiKey.live("backend").scopes("livekit:*"))) {
        String shownOnce = issued.secret().string(SecretAccess.get());
        say("acme's API key, shown once: " + issued.key().prefix() + "…, stored as a hash");

        if (keys.verify(shownOnce, CREATE_SESSION) instanceof Verdict.Valid valid) {
          say("verified: it acts for " + valid.tenant().organization() + " with " + valid.key().scopes());
          issueTokens(host, valid.tenant());
        }

        try (IssuedApiKey next = keys.rotate(acme, issued.key().id(), Rotation.immediate())) {
          say("rotated: the old key is " + verdict(keys.verify(shownOnce, CREATE_SESSION)));
          handOver("old-key", shownOnce);
          handOver("new-key", next.secret().string(SecretAccess.get()));
        }
      }
      handOver("done", "yes");
      // Not closed in good order: the quickstart kills this process here.
      System.in.read();
    }
  }

  /** An organization with LiveKit credentials of its own. */
  private static TenantContext tenant(Host host, String id, String name) {
    Operator operator = Operator.trusted("setup", "first start");
    Organization organization =
        host.plane().organizations().create(operator, OrganizationId.of(id), name);
    TenantContext context = TenantContext.trusted(organization.id(), "setup");
    try (SecretValue secret = SecretValue.of(id + "-secret-of-at-least-32-characters")) {
      host.livekit()
          .connect(context, LiveKitCredentials.of("wss://" + id + ".example", "API" + id, secret));
    }
    say("organization " + id + " with LiveKit credentials in the vault");
    return context;
  }

  private static void issueTokens(Host host, TenantContext tenant) {
    LiveKitTokenIssuer tokens = host.livekit().tokens();
    try (IssuedToken person = tokens.issue(tenant, ParticipantToken.join("standup", "ada"));
        IssuedToken agent = tokens.issue(tenant, AgentToken.join("standup", "bridge-001"))) {
      String jwt = person.jwt().string(SecretAccess.get());
      say("a participant token: " + verdict(tokens.verify(tenant, jwt)));
      String agentJwt = agent.jwt().string(SecretAccess.get());
      say("an agent token: " + verdict(tokens.verify(tenant, agentJwt)));
      TenantContext globex = TenantContext.trusted(OrganizationId.of("globex"), "setup");
      say("the participant's, judged by globex: " + verdict(tokens.verify(globex, jwt)));
    }
  }

  private static String verdict(TokenVerification verification) {
    if (verification instanceof TokenVerification.Valid valid) {
      return "good, " + valid.claims();
    }
    return "refused, " + ((TokenVerification.Refused) verification).reasons();
  }

  private static String verdict(Verdict verdict) {
    return verdict instanceof Verdict.Refused refused ? "refused, " + refused.reasons() : "accepted";
  }

  private static void say(String line) {
    System.out.println("  " + line);
  }

  private static void handOver(String name, String value) {
    System.out.println("> " + name + " " + value);
  }
}
