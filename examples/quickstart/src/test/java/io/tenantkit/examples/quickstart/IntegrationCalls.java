package io.tenantkit.examples.quickstart;

import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.integration.IntegrationChange;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** The calls of {@link Integrations} that take a tenant, for {@link IsolationTest}. */
final class IntegrationCalls {
  private IntegrationCalls() {}

  static Map<String, BiFunction<TwoTenants, TwoTenants.Ids, Object>> all() {
    Map<String, BiFunction<TwoTenants, TwoTenants.Ids, Object>> calls = new LinkedHashMap<>();
    calls.put(
        "Integrations.get(TenantContext,IntegrationId)",
        (h, ids) -> h.integrations().get(h.globex(), ids.integration()));
    calls.put(
        "Integrations.list(TenantContext,PageRequest)",
        (h, ids) -> {
          String all =
              h.integrations().list(h.globex(), PageRequest.first(1_000)).items().toString();
          return all.contains("globex") ? IsolationTest.ownRows(all) : "own rows are missing";
        });
    calls.put(
        "Integrations.update(TenantContext,IntegrationId,IntegrationChange)",
        (h, ids) ->
            h.integrations()
                .update(h.globex(), ids.integration(), IntegrationChange.none().name("mine")));
    calls.put(
        "Integrations.enable(TenantContext,IntegrationId)",
        (h, ids) -> h.integrations().enable(h.globex(), ids.integration()));
    calls.put(
        "Integrations.disable(TenantContext,IntegrationId)",
        (h, ids) -> h.integrations().disable(h.globex(), ids.integration()));
    calls.put(
        "Integrations.delete(TenantContext,IntegrationId)",
        (h, ids) -> {
          h.integrations().delete(h.globex(), ids.integration());
          return "deleted";
        });
    calls.put(
        "Integrations.test(TenantContext,IntegrationId)",
        (h, ids) -> h.integrations().test(h.globex(), ids.integration()));
    calls.put(
        "Integrations.use(TenantContext,IntegrationId,String,SecretUse)",
        (h, ids) -> h.integrations().use(h.globex(), ids.integration(), "x", fields -> "used"));
    calls.put(
        "Integrations.test(TenantContext,String,Map,Map)",
        (h, ids) -> {
          try (SecretValue token = SecretValue.of("0123456789abcdef")) {
            // An address that is never called.
            return h.integrations()
                .test(
                    h.globex(),
                    "custom",
                    Map.of("token", token),
                    Map.of("base_url", "https://169.254.169.254"))
                .verdict();
          }
        });
    calls.put(
        "Integrations.create(TenantContext,NewIntegration)",
        (h, ids) -> {
          try (SecretValue token = SecretValue.of("0123456789abcdef")) {
            h.integrations()
                .create(
                    h.globex(),
                    new NewIntegration(
                        "custom",
                        Environment.PRODUCTION,
                        "mine",
                        Map.of("token", token),
                        Map.of("base_url", "https://globex.test")));
          }
          return "created";
        });
    return calls;
  }
}
