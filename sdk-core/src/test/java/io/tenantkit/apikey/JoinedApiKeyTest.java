package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Key operations inside the host's own transaction. */
class JoinedApiKeyTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");

  private final InMemoryStorage storage = InMemoryStorage.create();
  private final ControlPlane plane =
      ControlPlane.builder(storage, ApiKeyTestBase.masterKeys()).build();
  private final ApiKeyManager keys = plane.apiKeys();
  private final Operator operator = Operator.trusted("ops", "unit test");
  private final TenantContext acme = TenantContext.trusted(ACME, "host");

  @BeforeEach
  void addOrganization() {
    plane.organizations().create(operator, ACME, "Acme");
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  @Test
  void organizationAndItsFirstKeyCommitTogether() {
    OrganizationId initech = OrganizationId.of("initech");
    TenantContext first = TenantContext.trusted(initech, "host");

    IssuedApiKey issued =
        storage.join(
            operator,
            joined -> {
              plane.organizations().create(joined, initech, "Initech");
              return keys.create(
                  first.joining(joined.transaction().orElseThrow()), NewApiKey.live("first"));
            });

    ApiKeyTestBase.assertValid(keys.verify(ApiKeyTestBase.text(issued), ScopeQuery.none()));
  }

  @Test
  void revocationThatWasRolledBackNeverHappened() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x"));
    String key = ApiKeyTestBase.text(issued);
    ApiKeyTestBase.assertValid(keys.verify(key, ScopeQuery.none()));

    assertThatThrownBy(
            () ->
                storage.join(
                    acme,
                    joined -> {
                      keys.revoke(joined, issued.key().id(), "x");
                      throw new IllegalStateException("the host fails");
                    }))
        .isInstanceOf(IllegalStateException.class);

    ApiKeyTestBase.assertValid(keys.verify(key, ScopeQuery.none()));
    assertThat(keys.get(acme, issued.key().id()).revocation()).isEmpty();
  }

  @Test
  void revocationThatWasCommittedCountsFromTheNextCallOnThisPlane() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x"));
    String key = ApiKeyTestBase.text(issued);
    ApiKeyTestBase.assertValid(keys.verify(key, ScopeQuery.none()));

    storage.join(acme, joined -> keys.revoke(joined, issued.key().id(), "x"));

    ApiKeyTestBase.assertRefused(keys.verify(key, ScopeQuery.none()), Verdict.Reason.REVOKED);
  }

  @Test
  void suspensionThatWasCommittedCountsFromTheNextCallOnThisPlane() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x"));
    String key = ApiKeyTestBase.text(issued);
    ApiKeyTestBase.assertValid(keys.verify(key, ScopeQuery.none()));

    storage.join(operator, joined -> plane.organizations().suspend(joined, ACME));

    ApiKeyTestBase.assertRefused(
        keys.verify(key, ScopeQuery.none()), Verdict.Reason.ORGANIZATION_SUSPENDED);
  }
}
