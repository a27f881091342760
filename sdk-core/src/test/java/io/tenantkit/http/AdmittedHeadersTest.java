package io.tenantkit.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.VerifyRequest;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdmittedHeadersTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");

  @Test
  void admittedCallTellsEachLimitAndWhenAllOfItIsThereAgain() {
    List<LimitStatus> limits =
        List.of(
            new LimitStatus(
                "minute",
                LimitStatus.Of.KEY,
                100,
                Duration.ofMinutes(1),
                50,
                Duration.ZERO,
                Duration.ofMillis(29_001),
                LimitStatus.Outcome.ADMITTED),
            new LimitStatus(
                "hour",
                LimitStatus.Of.ORGANIZATION,
                5_000,
                Duration.ofHours(1),
                -1,
                Duration.ZERO,
                Duration.ZERO,
                LimitStatus.Outcome.ADMITTED));

    Map<String, String> headers = HttpAnswer.headers(valid(limits));

    assertThat(headers)
        .isEqualTo(
            Map.of(
                "RateLimit-Policy",
                "\"minute\";q=100;w=60, \"organization.hour\";q=5000;w=3600",
                "RateLimit",
                "\"minute\";r=50;t=30"))
        .doesNotContainKey("Retry-After");
    assertThat(StructuredList.parse(headers.get("RateLimit-Policy"))).hasSize(2);
    assertThat(HttpAnswer.headers(valid(List.of()))).isEmpty();
  }

  /** A real key, with the limits that the test says. */
  private static Verdict.Valid valid(List<LimitStatus> limits) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    try (Storage storage = Storage.inMemory();
        ControlPlane plane = ControlPlane.builder(storage, keys).manualMaintenance().build()) {
      plane.organizations().create(Operator.trusted("ops", "unit test"), ACME, "Acme");
      IssuedApiKey issued =
          plane.apiKeys().create(TenantContext.trusted(ACME, "host"), NewApiKey.live("sample"));
      Verdict verdict =
          plane.apiKeys().verify(VerifyRequest.of(issued.secret().string(SecretAccess.get())));
      Verdict.Valid found = (Verdict.Valid) verdict;
      return new Verdict.Valid(found.key(), found.tenant(), LimitDecision.of(true, limits));
    }
  }
}
