package io.tenantkit.examples.quickstart;

import io.tenantkit.PageRequest;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/** After the kill: nothing that was acknowledged is lost. */
final class SecondLife {
  private SecondLife() {}

  static void run(Path home, Map<String, String> handedOver) {
    try (Host host = Host.open(home, MasterKeys.fromFile(home.resolve("master.keys")))) {
      ApiKeyManager keys = host.plane().apiKeys();
      if (keys.verify(handedOver.get("old-key"), ScopeQuery.none())
          instanceof Verdict.Refused refused) {
        say("the old key is still refused, " + refused.reasons());
      }

      Verdict verdict = keys.verify(handedOver.get("new-key"), ScopeQuery.of("livekit:create-session"));
      if (!(verdict instanceof Verdict.Valid valid)) {
        throw new IllegalStateException("the new key is lost: " + verdict);
      }
      ParticipantToken ada = ParticipantToken.join("standup", "ada");
      try (IssuedToken token = host.livekit().tokens().issue(valid.tenant(), ada)) {
        say("the new key works: it got a token until " + token.expiresAt());
      }

      say("acme's audit trail:");
      TenantContext acme = TenantContext.trusted(OrganizationId.of("acme"), "quickstart");
      for (AuditEvent event : host.plane().audit().list(acme, PageRequest.first(100)).items()) {
        say("  " + event.action() + " by " + event.actor().id());
      }
      for (ReadinessIssue issue : host.plane().readiness()) {
        say("not fit for production, " + issue.code() + ": " + issue.message());
      }
    }
  }

  static void refuseWrongKey(Path home) {
    MasterKeys wrong = MasterKeys.createFileIfAbsent(home.resolve("wrong.keys"), new SecureRandom());
    try (Host host = Host.open(home, wrong)) {
      throw new IllegalStateException("started with a wrong master key: " + host);
    } catch (TenantkitException refused) {
      say("a wrong master key: " + refused.code() + ", nothing written");
    }
  }

  private static void say(String line) {
    System.out.println("  " + line);
  }
}
