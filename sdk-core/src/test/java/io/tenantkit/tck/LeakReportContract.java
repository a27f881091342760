package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.LeakAssessment;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A scanner's report, which belongs to no tenant and touches keys of several. */
public abstract class LeakReportContract extends StorageContract {
  private ControlPlane plane;

  @BeforeEach
  final void openPlane() {
    MasterKeys masterKeys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(harness.storage(), masterKeys).manualMaintenance().build();
  }

  @AfterEach
  final void closePlane() {
    plane.close();
  }

  @Test
  void keysOfSeveralTenantsAreRevokedEachInItsOwn() {
    IssuedApiKey ours = plane.apiKeys().create(acme, NewApiKey.live("ours"));
    IssuedApiKey theirs = plane.apiKeys().create(globex, NewApiKey.live("theirs"));
    IssuedApiKey kept = plane.apiKeys().create(globex, NewApiKey.live("kept"));
    String report = "[" + match(text(ours)) + "," + match(text(theirs)) + "," + match("zz") + "]";

    List<LeakAssessment> answer =
        plane
            .leakedKeys()
            .report((body, headers) -> true, name -> null, report.getBytes(StandardCharsets.UTF_8));

    assertThat(answer)
        .extracting(LeakAssessment::label)
        .containsExactly(
            LeakAssessment.Label.TRUE_POSITIVE,
            LeakAssessment.Label.TRUE_POSITIVE,
            LeakAssessment.Label.FALSE_POSITIVE);
    for (IssuedApiKey leaked : List.of(ours, theirs)) {
      assertThat(((Verdict.Refused) verify(leaked)).reasons())
          .containsExactly(Verdict.Reason.REVOKED);
    }
    assertThat(verify(kept)).isInstanceOf(Verdict.Valid.class);
    assertThat(revocations(acme)).containsExactly(ours.key().id().value());
    assertThat(revocations(globex)).containsExactly(theirs.key().id().value());
  }

  private Verdict verify(IssuedApiKey key) {
    return plane.apiKeys().verify(text(key), ScopeQuery.none());
  }

  private List<String> revocations(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(100)).items().stream()
        .filter(event -> event.action().equals("api_key.revoked"))
        .map(AuditEvent::targetId)
        .toList();
  }

  private static String text(IssuedApiKey key) {
    return key.secret().string(SecretAccess.get());
  }

  private static String match(String token) {
    return "{\"token\":\""
        + token
        + "\",\"type\":\"tenantkit\",\"url\":\"\",\"source\":\"commit\"}";
  }
}
