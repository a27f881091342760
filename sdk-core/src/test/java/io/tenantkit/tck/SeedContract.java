package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.LossyStorage;
import io.tenantkit.LossyStorage.Loss;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.SeededKeys;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.seed.OrganizationSeed;
import io.tenantkit.seed.OrganizationSeed.Report;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a seed does to a storage, with two control planes on it as two nodes would have. */
public abstract class SeedContract extends StorageContract {
  private static final OrganizationId INITECH = OrganizationId.of("initech");
  private static final String HANDED_OUT_ELSEWHERE = "a key of another system";
  private static final String SEED =
      """
      [ { "id": "initech", "name": "Initech",
          "metadata": { "description": "A sample", "tier": "enterprise",
            "apiKeys": [
              { "name": "Backend", "description": "Of the backend",
                "scopes": ["flows:read", "livekit:*"],
                "rateLimit": { "requestsPerMinute": 100, "requestsPerHour": 5000 } },
              { "name": "Worker", "scopes": ["flows:execute"] },
              { "name": "Old", "scopes": ["flows:read"], "keyHash": "%s" } ] } },
        { "id": "acme", "name": "Another name", "metadata": { "tier": "pro",
            "apiKeys": [ { "name": "Backend" } ] } } ]\
      """
          .formatted(Samples.hash(HANDED_OUT_ELSEWHERE).hex());

  private ControlPlane plane;
  private ControlPlane otherNode;
  private final Map<String, String> handedOut = new ConcurrentHashMap<>();
  private final List<String> twice = new ArrayList<>();

  @BeforeEach
  final void openPlanes() {
    plane = newPlane();
    otherNode = newPlane();
  }

  @AfterEach
  final void closePlanes() {
    plane.close();
    otherNode.close();
  }

  private ControlPlane newPlane() {
    return newPlane(harness.storage());
  }

  private static ControlPlane newPlane(Storage storage) {
    return ControlPlane.builder(
            storage, MasterKeys.of(MasterKey.parse("hex:" + Samples.hash("master").hex())))
        .manualMaintenance()
        .build();
  }

  private Report seed(ControlPlane node) {
    return OrganizationSeed.load(
        node,
        operator,
        SEED,
        KeyMode.TEST,
        issued -> {
          String key = issued.secret().string(SecretAccess.get());
          String name = issued.key().organization() + "/" + issued.key().name();
          if (handedOut.putIfAbsent(name, key) != null) {
            twice.add(name);
          }
        });
  }

  @Test
  final void what_is_missing_is_made() {
    assertThat(seed(plane)).isEqualTo(new Report(1, 3, 1));

    assertThat(handedOut.keySet())
        .containsExactlyInAnyOrder("initech/Backend", "initech/Worker", "acme/Backend");
    handedOut.forEach(
        (name, key) ->
            assertThat(plane.apiKeys().verify(key, ScopeQuery.none()))
                .as(name)
                .isInstanceOf(Verdict.Valid.class));
    assertThat(plane.apiKeys().verify(HANDED_OUT_ELSEWHERE, ScopeQuery.none()))
        .isInstanceOf(Verdict.Valid.class);
    var organization = plane.organizations().get(operator, INITECH);
    assertThat(organization.name()).isEqualTo("Initech");
    assertThat(organization.settings().plan()).isEqualTo("enterprise");
    assertThat(organization.settings().metadata()).isEqualTo(Map.of("description", "A sample"));
    ApiKey key =
        plane.apiKeys().get(TenantContext.trusted(INITECH, "host"), SeededKeys.id("Backend"));
    assertThat(key.mode()).isEqualTo(KeyMode.TEST);
    assertThat(key.description()).contains("Of the backend");
    assertThat(key.scopes()).hasToString("[flows:read, livekit:*]");
    assertThat(key.grants().limits())
        .extracting(limit -> limit.limit())
        .containsExactly(100L, 5_000L);
    assertThat(actions(TenantContext.trusted(INITECH, "host")))
        .contains("api_key.created", "api_key.imported");
  }

  @Test
  final void what_is_there_stays_as_it_is() {
    Organization before = plane.organizations().get(operator, ACME);
    seed(plane);

    assertThat(plane.organizations().get(operator, ACME)).isEqualTo(before);
  }

  @Test
  final void a_second_run_changes_nothing_and_hands_out_nothing() {
    seed(plane);
    plane.apiKeys().revoke(acme, SeededKeys.id("Backend"), "test");
    plane.organizations().rename(operator, INITECH, "Renamed");
    TenantContext initech = TenantContext.trusted(INITECH, "host");
    List<Object> before = List.of(everything(acme), everything(initech));

    assertThat(seed(otherNode)).isEqualTo(new Report(0, 0, 0));

    assertThat(List.of(everything(acme), everything(initech))).isEqualTo(before);
    assertThat(twice).isEmpty();
  }

  @Test
  final void on_two_nodes_at_once_each_key_is_made_once() {
    List<Report> reports = Race.of(16, number -> seed(number % 2 == 0 ? plane : otherNode));

    assertThat(reports).extracting(Report::organizationsCreated).containsOnlyOnce(1);
    assertThat(reports.stream().mapToInt(Report::keysCreated).sum()).isEqualTo(3);
    assertThat(reports.stream().mapToInt(Report::keysImported).sum()).isEqualTo(1);
    assertThat(twice).isEmpty();
    assertThat(handedOut).hasSize(3);
    handedOut
        .values()
        .forEach(
            key ->
                assertThat(plane.apiKeys().verify(key, ScopeQuery.none()))
                    .isInstanceOf(Verdict.Valid.class));
    assertThat(trail(TenantContext.trusted(INITECH, "host")))
        .extracting(AuditEvent::action)
        .filteredOn(action -> action.equals("api_key.created"))
        .hasSize(2);
  }

  @Test
  final void a_refused_file_writes_nothing() {
    String broken = SEED.replace("\"pro\"", "\"No Plan\"");

    assertThatThrownBy(
            () -> OrganizationSeed.load(plane, operator, broken, KeyMode.LIVE, issued -> {}))
        .hasMessageContaining("/1/metadata/tier");
    assertThat(stores.organizations().find(operator, INITECH)).isEmpty();
    assertThat(actions(acme)).isEmpty();
  }

  @Test
  final void a_hash_that_another_tenant_has_is_refused_in_general_words() {
    stores
        .apiKeys()
        .insert(
            globex,
            samples.key(GLOBEX, "key_1", Samples.hash(HANDED_OUT_ELSEWHERE)),
            samples.event(GLOBEX, "key.added"));

    assertThatThrownBy(() -> seed(plane))
        .isInstanceOf(ConflictException.class)
        .hasMessageNotContaining("globex");
  }

  @Test
  final void the_organizations_policy_names_and_ends_keys() {
    Duration longest = Duration.ofDays(30);
    plane
        .organizations()
        .create(
            operator,
            INITECH,
            "Initech",
            OrganizationSettings.defaults()
                .withKeys(KeyPolicy.none().withPrefixName("ini").withLongestLifetime(longest)));

    seed(plane);

    assertThat(handedOut.get("initech/Backend")).startsWith("ini_test_");
    TenantContext initech = TenantContext.trusted(INITECH, "host");
    for (String name : List.of("Backend", "Worker", "Old")) {
      ApiKey key = plane.apiKeys().get(initech, SeededKeys.id(name));
      assertThat(key.expiresAt()).as(name).contains(key.createdAt().plus(longest));
    }
  }

  @Test
  final void a_lost_answer_is_settled_and_the_key_handed_out_once() {
    for (Loss loss : List.of(Loss.BEFORE, Loss.AFTER)) {
      LossyStorage lossy = new LossyStorage(harness.storage());
      ControlPlane node = newPlane(lossy);
      try {
        String id = loss == Loss.BEFORE ? "lost-before" : "lost-after";
        lossy.writes(loss, Loss.NONE, loss);
        String seed =
            """
            { "id": "%s", "name": "Lost", "metadata": { "apiKeys": [
                { "name": "Backend" }, { "name": "Old", "keyHash": "%s" } ] } }\
            """
                .formatted(id, Samples.hash(id).hex());

        List<String> keys = new ArrayList<>();
        Report report =
            OrganizationSeed.load(
                node,
                operator,
                seed,
                KeyMode.LIVE,
                issued -> keys.add(issued.secret().string(SecretAccess.get())));

        assertThat(lossy.isDone()).isTrue();
        assertThat(report).isEqualTo(new Report(1, 1, 1));
        keys.add(id);
        assertThat(keys)
            .hasSize(2)
            .allSatisfy(
                key ->
                    assertThat(plane.apiKeys().verify(key, ScopeQuery.none()))
                        .isInstanceOf(Verdict.Valid.class));
        assertThat(actions(TenantContext.trusted(OrganizationId.of(id), "host")))
            .containsExactlyInAnyOrder("api_key.created", "api_key.imported");
      } finally {
        node.close();
      }
    }
  }

  /** Of a key that was refused a moment ago, this process learns as every other does. */
  @Test
  final void an_imported_key_that_was_just_refused_is_accepted_with_the_next_changes() {
    plane.runDue(Instant.now());
    assertThat(plane.apiKeys().verify(HANDED_OUT_ELSEWHERE, ScopeQuery.none()))
        .isInstanceOf(Verdict.Refused.class);

    seed(plane);
    plane.runDue(Instant.now().plusSeconds(60));

    assertThat(plane.apiKeys().verify(HANDED_OUT_ELSEWHERE, ScopeQuery.none()))
        .isInstanceOf(Verdict.Valid.class);
  }

  @Test
  final void a_callback_that_fails_leaves_the_rest_to_the_next_run() {
    assertThatThrownBy(
            () ->
                OrganizationSeed.load(
                    plane,
                    operator,
                    SEED,
                    KeyMode.LIVE,
                    issued -> {
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);

    assertThat(seed(plane)).isEqualTo(new Report(0, 2, 1));
  }

  @Test
  final void a_joined_transaction_is_refused() {
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    operator,
                    joined ->
                        OrganizationSeed.load(plane, joined, SEED, KeyMode.LIVE, issued -> {})))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
  }
}
