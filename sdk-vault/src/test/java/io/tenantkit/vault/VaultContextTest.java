package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a context allows: scopes, environments, and the host's own transaction. */
class VaultContextTest {
  private final VaultHouse house = new VaultHouse();
  private final SecretVault vault = house.vault;
  private final TenantContext acme = house.acme;

  @AfterEach
  void close() {
    house.close();
  }

  static Stream<VaultCalls.Operation> operations() {
    return VaultCalls.all().stream();
  }

  static Stream<VaultCalls.Operation> operationsOnARef() {
    return operations().filter(operation -> !Set.of("list", "search").contains(operation.name()));
  }

  @Test
  void everyOperationOfTheVaultIsTriedHere() {
    assertThat(VaultCalls.tried())
        .isEqualTo(new java.util.TreeSet<>(VaultCalls.declared().keySet()));
    assertThat(VaultCalls.declared().values().stream().mapToInt(Integer::intValue).sum())
        .as("a new overload belongs into VaultCalls")
        .isEqualTo(27);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anOperationNeedsItsScopeAndNoOther(VaultCalls.Operation operation) {
    vault.put(acme, REF, value("s3cret"));
    List<Object> before = house.written();
    TenantContext others =
        acme.limitedTo(
            ScopeSet.of(
                Stream.of("secrets:read", "secrets:use", "secrets:write", "livekit:*", "audit:read")
                    .filter(scope -> !scope.equals(operation.scope().value()))
                    .toArray(String[]::new)));
    TenantContext none = acme.limitedTo(ScopeSet.none());

    for (TenantContext context : List.of(others, none)) {
      assertThatThrownBy(() -> operation.call().on(vault, context, REF))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("scope missing: " + operation.scope());
      Throwable unknown = catchThrowable(() -> operation.call().on(vault, context, ref("no")));
      assertThat(unknown).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(house.written()).isEqualTo(before);

    TenantContext enough = acme.limitedTo(ScopeSet.of(operation.scope().value()));
    assertThat(operation.call().on(vault, enough, REF)).isNotNull();
  }

  /** Else whoever may handle secrets could send every participant to a server of their own. */
  @ParameterizedTest
  @MethodSource("operationsOnARef")
  void livekitsOwnPlaceNeedsItsOwnScopeToo(VaultCalls.Operation operation) {
    SecretRef server = SecretRef.of("livekit", REF.environment(), "server");
    vault.put(acme, server, value("s3cret"));
    List<Object> before = house.written();

    TenantContext secretsOnly = acme.limitedTo(ScopeSet.of("secrets:*"));
    assertThatThrownBy(() -> operation.call().on(vault, secretsOnly, server))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("scope missing: livekit:connect");
    assertThat(house.written()).isEqualTo(before);

    TenantContext both = acme.limitedTo(ScopeSet.of("secrets:*", "livekit:connect"));
    assertThat(operation.call().on(vault, both, server)).isNotNull();
  }

  /** A live key reaches production, a test key development and staging; neither the other's. */
  @ParameterizedTest
  @MethodSource("operationsOnARef")
  void keysReachTheSecretsOfTheirOwnEnvironments(VaultCalls.Operation operation) {
    TenantContext live = ofKey(NewApiKey.live("live").scopes("secrets:*"));
    TenantContext test = ofKey(NewApiKey.test("test").scopes("secrets:*"));
    assertThat(live.environments()).containsExactly(Environment.PRODUCTION);
    for (Environment environment : Environment.values()) {
      SecretRef there = SecretRef.of("app", environment, "key");
      vault.put(acme, there, value("of " + environment));
    }
    for (Environment environment : Environment.values()) {
      SecretRef there = SecretRef.of("app", environment, "key");
      SecretRef unknown = SecretRef.of("app", environment, "unknown");
      TenantContext allowed = environment == Environment.PRODUCTION ? live : test;
      TenantContext outside = environment == Environment.PRODUCTION ? test : live;
      List<Object> before = house.written();

      assertThatThrownBy(() -> operation.call().on(vault, outside, there))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("environment out of reach: " + environment);
      assertThatThrownBy(() -> operation.call().on(vault, outside, unknown))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("environment out of reach: " + environment);

      assertThat(house.written()).isEqualTo(before);
      assertThat(operation.call().on(vault, allowed, there)).isNotNull();
    }
  }

  @Test
  void listShowsAKeyTheSecretsOfItsEnvironmentsOnly() {
    for (Environment environment : Environment.values()) {
      vault.put(
          acme,
          SecretRef.of("app", environment, "key"),
          NewSecret.of(value("v")).sharedWith(Sharing.withOrganization()));
    }
    assertThat(house.listed(ofKey(NewApiKey.live("live").scopes("secrets:read"))))
        .extracting(secret -> secret.ref().environment())
        .containsExactly(Environment.PRODUCTION);
    assertThat(house.listed(ofKey(NewApiKey.test("test").scopes("secrets:read"))))
        .extracting(secret -> secret.ref().environment())
        .containsExactlyInAnyOrder(Environment.DEVELOPMENT, Environment.STAGING);
    assertThat(house.listed(acme.within(Set.of(Environment.STAGING)))).hasSize(1);
  }

  @Test
  void theEventOfAUseByKeyNamesTheKey() {
    vault.put(acme, REF, NewSecret.of(value("s3cret")).sharedWith(Sharing.withOrganization()));
    TenantContext live = ofKey(NewApiKey.live("live").scopes("secrets:use"));
    vault.use(live, REF, "by key", secret -> 1);
    assertThat(house.last(acme).actor()).isEqualTo(live.actor());
    assertThat(live.actor().kind()).isEqualTo(io.tenantkit.tenant.Actor.Kind.API_KEY);
  }

  @Test
  void putsAndDeletesCommitWithTheHostsTransaction() {
    vault.put(acme, ref("doomed"), value("doomed"));
    house.storage.join(
        acme,
        joined -> {
          vault.put(joined, REF, value("one"));
          vault.put(joined, REF, value("two"));
          vault.destroy(joined, ref("doomed"));
          assertThat(vault.get(joined, REF).currentVersion()).isEqualTo(2);
          assertThat(vault.list(joined, io.tenantkit.PageRequest.first(10)).items()).hasSize(1);
          return 1;
        });
    assertThat(house.reveal(acme, REF)).isEqualTo("two");
    assertThat(house.reveal(acme, REF, 1)).isEqualTo("one");
    assertThat(house.listed(acme)).hasSize(1);
    assertThat(house.actions(acme))
        .contains("secret.created", "secret.version_added", "secret.destroyed");
  }

  @Test
  void putsAndDeletesAreUndoneWithTheHostsTransaction() {
    vault.put(acme, REF, value("one"));
    vault.put(acme, ref("kept"), value("kept"));
    List<Object> before = house.written();
    IllegalStateException mine = new IllegalStateException("the host rolls back");

    assertThatThrownBy(
            () ->
                house.storage.join(
                    acme,
                    joined -> {
                      vault.put(joined, REF, value("two"));
                      vault.put(joined, ref("new"), value("new"));
                      vault.destroy(joined, ref("kept"));
                      throw mine;
                    }))
        .isSameAs(mine);

    assertThat(house.written()).isEqualTo(before);
    assertThat(house.reveal(acme, REF)).isEqualTo("one");
    assertThat(house.reveal(acme, ref("kept"))).isEqualTo("kept");
    vault.put(acme, REF, value("two again"));
    assertThat(house.reveal(acme, REF, 2)).isEqualTo("two again");
  }

  @Test
  void usesAndRevealsAreRefusedInAJoinedTransaction() {
    vault.put(acme, REF, value("s3cret"));
    List<Object> before = house.written();
    for (VaultCalls.Operation operation : VaultCalls.onASecret()) {
      if (!operation.scope().value().equals("secrets:use")) {
        continue;
      }
      for (SecretRef ref : List.of(REF, ref("unknown"))) {
        house.storage.join(
            acme,
            joined -> {
              assertThatThrownBy(() -> operation.call().on(vault, joined, ref))
                  .as(operation.name())
                  .isInstanceOfSatisfying(
                      TenantkitException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
              assertThatThrownBy(
                      () ->
                          operation
                              .call()
                              .on(vault, joined.within(Set.of(Environment.PRODUCTION)), ref))
                  .as("a narrowed context is still joined")
                  .isInstanceOfSatisfying(
                      TenantkitException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
              return 1;
            });
      }
    }
    assertThat(house.written()).isEqualTo(before);
  }

  /** The organization's first key was made in a transaction that the host rolled back. */
  @Test
  void aRolledBackFirstKeyIsNeverUsedAgain() {
    IllegalStateException mine = new IllegalStateException("the host rolls back");
    List<Object> before = house.written();
    assertThatThrownBy(
            () ->
                house.storage.join(
                    acme,
                    joined -> {
                      vault.put(joined, REF, value("lost"));
                      assertThat(house.rows().organizationKeys().newest(joined)).isPresent();
                      throw mine;
                    }))
        .isSameAs(mine);
    assertThat(house.written()).isEqualTo(before);
    assertThat(house.rows().organizationKeys().newest(acme)).isEmpty();

    vault.put(acme, REF, value("kept"));

    assertThat(house.reveal(acme, REF)).isEqualTo("kept");
    assertThat(VaultHouse.reveal(house.freshVault(), acme, REF)).isEqualTo("kept");
    assertThat(house.actions(acme)).filteredOn("organization_key.created"::equals).hasSize(1);
  }

  /** As above within a savepoint: the outer transaction goes on and commits. */
  @Test
  void aFirstKeyUndoneWithASavepointIsNeverUsedAgain() {
    house.storage.join(
        acme,
        outer -> {
          assertThatThrownBy(
                  () ->
                      house.storage.join(
                          outer,
                          inner -> {
                            vault.put(inner, ref("lost"), value("lost"));
                            throw new IllegalStateException("savepoint");
                          }))
              .hasMessage("savepoint");
          vault.put(outer, REF, value("kept"));
          return 1;
        });
    assertThat(house.listed(acme)).hasSize(1);
    assertThat(VaultHouse.reveal(house.freshVault(), acme, REF)).isEqualTo("kept");
  }

  @Test
  void aContextWhoseTransactionHasEndedIsRefused() {
    TenantContext[] kept = new TenantContext[1];
    house.storage.join(acme, joined -> kept[0] = joined);
    List<Object> before = house.written();
    assertThatThrownBy(() -> vault.put(kept[0], REF, value("late")))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
    assertThat(house.written()).isEqualTo(before);
  }

  private TenantContext ofKey(NewApiKey wanted) {
    try (IssuedApiKey issued = house.plane.apiKeys().create(acme, wanted)) {
      Verdict verdict =
          house.plane.apiKeys().verify(VaultHouse.text(issued.secret()), ScopeQuery.none());
      return ((Verdict.Valid) verdict).tenant();
    }
  }
}
