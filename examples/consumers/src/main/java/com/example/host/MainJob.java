package com.example.host;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The main job, with whatever versions this host's own pins have put beside us. */
final class MainJob {
  private MainJob() {}

  static void run() throws Exception {
    Path home = Files.createTempDirectory("host");
    MasterKeys keys =
        MasterKeys.createFileIfAbsent(home.resolve("master.keys"), new SecureRandom());
    try (Storage storage = JdbcStorage.h2(home.resolve("data")).open();
        ControlPlane plane = ControlPlane.builder(storage, keys).build();
        SecretValue secret = SecretValue.of("a-secret-of-at-least-32-characters")) {
      LiveKit livekit = LiveKit.of(SecretVault.of(plane));
      OrganizationId acme = OrganizationId.of("acme");
      plane.organizations().create(Operator.trusted("setup", "first start"), acme, "Acme");
      TenantContext setup = TenantContext.trusted(acme, "setup");
      livekit.connect(setup, LiveKitCredentials.of("wss://acme.example", "APIacme", secret));
      IssuedApiKey issued =
          plane.apiKeys().create(setup, NewApiKey.live("host").scopes("livekit:*"));
      Verdict verdict =
          plane
              .apiKeys()
              .verify(
                  issued.secret().string(SecretAccess.get()),
                  ScopeQuery.of("livekit:create-session"));
      TenantContext caller = ((Verdict.Valid) verdict).tenant();
      try (IssuedToken token =
          livekit.tokens().issue(caller, ParticipantToken.join("standup", "ada"))) {
        String jwt = token.jwt().string(SecretAccess.get());
        HostMain.check(
            livekit.tokens().verify(caller, jwt) instanceof TokenVerification.Valid,
            "the token that was issued does not verify");
      }
    }
  }
}
