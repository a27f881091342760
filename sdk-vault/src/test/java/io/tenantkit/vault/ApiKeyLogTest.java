package io.tenantkit.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events come to the log at their levels, and no key does, whatever was done with it. */
class ApiKeyLogTest {
  private static final TenantContext ACME = TenantContext.trusted(OrganizationId.of("acme"), "t");
  private static final String FOREIGN = "foreign-key-log-canary-5e6f7a8b9c0d";
  private static final int SHOWN = 16;

  @Test
  void eventsAreLoggedAndKeysAreNot() throws Exception {
    List<String> secrets = new ArrayList<>();
    int before = CapturedLogs.lines().size();
    ControlPlane plane =
        ControlPlane.builder(InMemoryStorage.create(), MasterKeys.of(VaultHouse.masterKey(3)))
            .manualMaintenance()
            .build();
    plane.organizations().create(Operator.trusted("ops", "test"), ACME.organization(), "Acme");
    live(plane, secrets);
    plane.runDue(Instant.now().plusSeconds(1));
    plane.close();

    List<String> lines = CapturedLogs.lines().subList(before, CapturedLogs.lines().size());
    assertThat(lines)
        .anyMatch(line -> logged(line, "WARN", "OLD_KEY_USED"))
        .anyMatch(line -> logged(line, "WARN", "KEY_LEAKED"))
        .anyMatch(line -> logged(line, "WARN", "VERIFICATION_FAILED"))
        .anyMatch(line -> logged(line, "INFO", "AUDIT_CHECKPOINT"));
    assertThat(secrets).hasSizeGreaterThan(5);
    for (String secret : secrets) {
      assertThat(lines).noneMatch(line -> line.contains(secret));
    }
  }

  private static boolean logged(String line, String level, String event) {
    return line.startsWith(level)
        && line.contains("io.tenantkit.event.Events")
        && line.contains(event);
  }

  private static void live(ControlPlane plane, List<String> secrets) throws Exception {
    ApiKeyManager keys = plane.apiKeys();
    IssuedApiKey old = keys.create(ACME, NewApiKey.live("old"));
    IssuedApiKey next = keys.rotate(ACME, old.key().id(), Rotation.withGrace(Duration.ofHours(1)));
    NewApiKey request = NewApiKey.live("repeated").idempotencyId("run");
    IssuedApiKey unseen = keys.create(ACME, request);
    IssuedApiKey seen = keys.create(ACME, request);
    for (IssuedApiKey each : List.of(old, next, unseen, seen)) {
      String text = VaultHouse.text(each.secret());
      secrets.add(text.substring(SHOWN));
      keys.verify(text, ScopeQuery.of("agents:read"));
      keys.verify(text, ScopeQuery.none());
      // Our shape with a wrong checksum, and too long a text that begins with a key.
      String wrong = text.substring(0, text.length() - 1) + (text.endsWith("0") ? '1' : '0');
      keys.verify(wrong, ScopeQuery.none());
      secrets.add(wrong.substring(SHOWN));
      keys.verify(text + text.repeat(20), ScopeQuery.none());
    }
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(FOREIGN.getBytes(StandardCharsets.UTF_8));
    keys.importKey(ACME, ImportedKey.live("foreign", HexFormat.of().formatHex(hash)));
    keys.verify(FOREIGN, ScopeQuery.none());
    secrets.add(FOREIGN);
    String report =
        "[{\"token\":\""
            + VaultHouse.text(next.secret())
            + "\",\"type\":\"tenantkit\",\"url\":\"\",\"source\":\"commit\"}]";
    plane
        .leakedKeys()
        .report((body, headers) -> true, name -> null, report.getBytes(StandardCharsets.UTF_8));
    keys.verify(VaultHouse.text(next.secret()), ScopeQuery.none());
  }
}
