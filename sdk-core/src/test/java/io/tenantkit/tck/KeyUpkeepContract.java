package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.KeyUpkeepStore.Notice;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What time does to keys: who is due, who gives the notice, and what is revoked as unused. */
public abstract class KeyUpkeepContract extends StorageContract {
  private static final OrganizationId BARE = OrganizationId.of("bare");
  private static final Instant NOW = Samples.NOW.plusSeconds(10);
  private static final Instant NEVER = Instant.EPOCH;

  private final TenantContext bare = TenantContext.trusted(BARE, "contract");
  private KeyUpkeepStore upkeep;

  @BeforeEach
  final void addOrganizationWithoutPolicy() {
    upkeep = stores.keyUpkeep();
    Organization added =
        new Organization(
            BARE,
            "Bare",
            Organization.Status.ACTIVE,
            OrganizationSettings.defaults(),
            Samples.NOW,
            Samples.NOW,
            1);
    stores.organizations().insert(operator, added, samples.event(BARE, Samples.CREATED_BY_SETUP));
  }

  @Test
  void organizationsAreThoseWithAPolicyAndThoseWithAKeyThatEndsInTime() {
    assertThat(organizations(null, 10)).containsExactly(ACME, GLOBEX);
    add(bare, "key_1", Optional.of(NOW), 1);
    add(bare, "key_2", Optional.of(NOW.plusSeconds(61)), 2);
    assertThat(organizations(null, 10)).containsExactly(ACME, GLOBEX);

    add(bare, "key_3", Optional.of(NOW.plusSeconds(60)), 3);

    assertThat(organizations(null, 10)).containsExactly(ACME, BARE, GLOBEX);
    assertThat(organizations(null, 2)).containsExactly(ACME, BARE);
    assertThat(organizations("acme", 1)).containsExactly(BARE);
    assertThat(organizations("globex", 10)).isEmpty();
  }

  @Test
  void organizationIsNotNamedForAKeyThatIsRevoked() {
    StoredApiKey key = add(bare, "key_1", Optional.of(NOW.plusSeconds(30)), 1);
    assertThat(organizations("acme", 1)).containsExactly(BARE);

    stores.apiKeys().update(bare, revoked(key), 1, samples.event(BARE, "revoked"));

    assertThat(organizations("acme", 1)).containsExactly(GLOBEX);
  }

  @Test
  void dueKeysAreThoseOfTheTenantWithinTheBoundInOrder() {
    add(acme, "key_1", Optional.of(NOW.plusSeconds(60)), 1);
    add(acme, "key_2", Optional.of(NOW.plusSeconds(61)), 2);
    add(acme, "key_3", Optional.of(NOW), 3);
    add(acme, "key_4", Optional.empty(), 4);
    add(acme, "key_5", Optional.of(NOW.plusSeconds(1)), 5);
    add(globex, "key_6", Optional.of(NOW.plusSeconds(1)), 6);
    Instant bound = NOW.plusSeconds(60);

    assertThat(due(Notice.NEAR_EXPIRY, bound, null, 10)).containsExactly("key_1", "key_5");
    assertThat(due(Notice.NEAR_EXPIRY, bound, null, 1)).containsExactly("key_1");
    assertThat(due(Notice.NEAR_EXPIRY, bound, "key_1", 10)).containsExactly("key_5");
    assertThat(due(Notice.ROTATION_DUE, Samples.NOW, null, 10))
        .containsExactly("key_1", "key_2", "key_4", "key_5");
    assertThat(due(Notice.ROTATION_DUE, Samples.NOW.minusNanos(1_000), null, 10)).isEmpty();
    assertThat(due(Notice.UNUSED, Samples.NOW, null, 10)).isEmpty();
    assertThat(due(Notice.UNUSED, Samples.NOW.plusNanos(1_000), null, 2))
        .containsExactly("key_1", "key_2");
    assertThat(due(Notice.OLD_KEY_USED, NOW, null, 10)).isEmpty();
  }

  @Test
  void keysThatAreOffOrRevokedOrReplacedAreNotDue() {
    StoredApiKey revoked = add(acme, "key_1", Optional.empty(), 1);
    stores.apiKeys().update(acme, revoked(revoked), 1, samples.event(ACME, "revoked"));
    StoredApiKey replaced = add(acme, "key_2", Optional.empty(), 2);
    stores
        .apiKeys()
        .update(
            acme,
            samples.retired(replaced, ApiKeyId.of("key_3")),
            1,
            samples.event(ACME, "retired"));
    StoredApiKey off = add(acme, "key_4", Optional.empty(), 4);
    stores.apiKeys().update(acme, disabled(off), 1, samples.event(ACME, "disabled"));

    assertThat(due(Notice.ROTATION_DUE, NOW, null, 10)).isEmpty();
  }

  @Test
  void noticeIsClaimedOnceUntilItMayBeGivenAgain() {
    add(acme, "key_1", Optional.empty(), 1);
    ApiKeyId id = ApiKeyId.of("key_1");

    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW, NEVER)).isTrue();
    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW.plusSeconds(1), NEVER)).isFalse();
    assertThat(upkeep.claim(acme, id, Notice.NEAR_EXPIRY, NOW, NEVER)).isTrue();
    assertThat(due(Notice.UNUSED, NOW, null, 10)).isEmpty();

    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW.plusSeconds(60), NOW.minusNanos(1_000)))
        .isFalse();
    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW.plusSeconds(60), NOW)).isTrue();
    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW.plusSeconds(61), NOW)).isFalse();
    assertThat(
            upkeep.due(acme, Notice.UNUSED, NOW, NOW.plusSeconds(60), NOW, null, 10).stream()
                .map(key -> key.id().value()))
        .containsExactly("key_1");
  }

  @Test
  void noticeOfAnotherTenantsKeyOrOfNoneIsNobodys() {
    add(globex, "key_theirs", Optional.empty(), 1);

    for (String id : List.of("key_theirs", "key_unknown")) {
      assertThat(upkeep.claim(acme, ApiKeyId.of(id), Notice.UNUSED, NOW, NEVER)).isFalse();
    }
    assertThat(upkeep.claim(globex, ApiKeyId.of("key_theirs"), Notice.UNUSED, NOW, NEVER)).isTrue();
  }

  @Test
  void ofManyWhoClaimOneNoticeOneGivesIt() {
    add(acme, "key_1", Optional.empty(), 1);
    ApiKeyId id = ApiKeyId.of("key_1");

    List<Boolean> first =
        Race.of(64, i -> upkeep.claim(acme, id, Notice.UNUSED, NOW.plusSeconds(i), NEVER));
    List<Boolean> again =
        Race.of(
            64,
            i ->
                upkeep.claim(
                    acme, id, Notice.UNUSED, NOW.plusSeconds(1_000 + i), NOW.plusSeconds(100)));

    assertThat(Collections.frequency(first, true)).isEqualTo(1);
    assertThat(Collections.frequency(again, true)).isEqualTo(1);
  }

  @Test
  void unusedKeyIsRevokedWithItsEvent() {
    StoredApiKey key = add(acme, "key_1", Optional.empty(), 1);

    assertThat(revokeUnused(acme, revoked(key), NOW)).isTrue();

    assertThat(stored(acme, key).key().revocation()).contains(new ApiKey.Revocation(NOW, "unused"));
    assertThat(stored(acme, key).hash()).isEqualTo(key.hash());
    assertThat(actions(acme)).containsExactly("added", "unused");
  }

  @Test
  void keyUsedOrChangedMeanwhileIsLeftAndNothingIsWritten() {
    StoredApiKey key = add(acme, "key_1", Optional.empty(), 1);

    assertThat(revokeUnused(acme, revoked(key), Samples.NOW)).isFalse();
    stores.apiKeys().update(acme, disabled(key), 1, samples.event(ACME, "disabled"));
    assertThat(revokeUnused(acme, revoked(key), NOW)).isFalse();

    assertThat(stored(acme, key).key().revocation()).isEmpty();
    assertThat(actions(acme)).containsExactly("added", "disabled");
  }

  @Test
  void keyOfAnotherTenantIsNotRevokedAsUnused() {
    StoredApiKey theirs = add(globex, "key_theirs", Optional.empty(), 1);
    StoredApiKey asOurs = add(acme, "key_1", Optional.empty(), 2);
    List<Object> before = everything(globex);
    ApiKey key = revoked(asOurs).key();
    ApiKey forged =
        new ApiKey(
            theirs.key().id(),
            ACME,
            key.name(),
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants(),
            key.enabled(),
            key.createdBy(),
            key.createdAt(),
            key.updatedAt(),
            key.expiresAt(),
            key.revocation(),
            key.family(),
            key.successor(),
            key.use(),
            key.version());

    assertThat(revokeUnused(acme, new StoredApiKey(forged, asOurs.hash()), NOW)).isFalse();

    assertThat(everything(globex)).isEqualTo(before);
    assertThat(actions(acme)).containsExactly("added");
  }

  @Test
  void joinedVerbsAreUndoneWithTheHost() {
    StoredApiKey key = add(acme, "key_1", Optional.empty(), 1);
    ApiKeyId id = key.key().id();

    try {
      harness.inTransaction(
          acme,
          joined -> {
            assertThat(revokeUnused(joined, revoked(key), NOW)).isTrue();
            assertThat(upkeep.claim(joined, id, Notice.UNUSED, NOW, NEVER)).isTrue();
            throw new HostFailure();
          });
    } catch (HostFailure expected) {
      assertThat(expected).isNotNull();
    }

    assertThat(stored(acme, key)).isEqualTo(key);
    assertThat(upkeep.claim(acme, id, Notice.UNUSED, NOW, NEVER)).isTrue();
    assertThat(actions(acme)).containsExactly("added");
  }

  private List<OrganizationId> organizations(String afterId, int limit) {
    return upkeep.organizationsWithDueKeys(NOW, NOW.plus(Duration.ofMinutes(1)), afterId, limit);
  }

  private List<String> due(Notice notice, Instant bound, String afterId, int limit) {
    return upkeep.due(acme, notice, bound, NEVER, NOW, afterId, limit).stream()
        .map(key -> key.id().value())
        .toList();
  }

  private boolean revokeUnused(TenantContext context, StoredApiKey revoked, Instant since) {
    return upkeep.revokeUnused(context, revoked, 1, since, samples.event(ACME, "unused"));
  }

  /** A key that ends then, with a hash of its own. */
  private StoredApiKey add(
      TenantContext context, String id, Optional<Instant> expiresAt, int number) {
    StoredApiKey sample = samples.key(context.organization(), id, Samples.hash("upkeep " + number));
    StoredApiKey key = changed(sample, true, expiresAt, Optional.empty(), sample.key().version());
    stores.apiKeys().insert(context, key, samples.event(context.organization(), "added"));
    return key;
  }

  private static StoredApiKey revoked(StoredApiKey before) {
    return changed(
        before,
        true,
        before.key().expiresAt(),
        Optional.of(new ApiKey.Revocation(NOW, "unused")),
        2);
  }

  private static StoredApiKey disabled(StoredApiKey before) {
    return changed(before, false, before.key().expiresAt(), Optional.empty(), 2);
  }

  private static StoredApiKey changed(
      StoredApiKey before,
      boolean enabled,
      Optional<Instant> expiresAt,
      Optional<ApiKey.Revocation> revocation,
      long version) {
    ApiKey key = before.key();
    return new StoredApiKey(
        new ApiKey(
            key.id(),
            key.organization(),
            key.name(),
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants(),
            enabled,
            key.createdBy(),
            key.createdAt(),
            key.updatedAt(),
            expiresAt,
            revocation,
            key.family(),
            key.successor(),
            key.use(),
            version),
        before.hash());
  }
}
