package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.ErasureStore.StoredErasure;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.OrganizationKeyStore.Rewrapped;
import io.tenantkit.vault.spi.SecretRewrapStore;
import io.tenantkit.vault.spi.SecretRewrapStore.WrappedVersion;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage does for rotation, re-wrap and erasure; each tenant has key 1 already. */
public abstract class VaultKeyStoresContract extends VaultContract {
  private static final String SECOND = "0123456789abcdef0123456789abcdef";

  private SecretRewrapStore rewraps;
  private ErasureStore erasures;

  @BeforeEach
  final void openKeyStores() {
    VaultStores vault = harness.storage().stores(VaultStores.class).orElseThrow();
    rewraps = vault.secretRewraps();
    erasures = vault.erasures();
  }

  private void addSecondKey(TenantContext context) {
    assertThat(
            organizationKeys.insert(
                context,
                rows.organizationKey(2, SECOND),
                samples.event(context.organization(), "rotated")))
        .isTrue();
  }

  private static StoredOrganizationKey under(StoredOrganizationKey key, String text) {
    return new StoredOrganizationKey(
        key.number(),
        key.keyId(),
        VaultSamples.MASTER_KEY,
        VaultSamples.bytes(text),
        key.createdAt());
  }

  @Test
  void aKeyWhoseRowChangedMeanwhileIsNotRewrapped() {
    StoredOrganizationKey read = organizationKeys.newest(acme).orElseThrow();
    AuditEvent first = samples.event(ACME, "first");
    assertThat(organizationKeys.rewrap(acme, List.of(new Rewrapped(read, under(read, "b"))), first))
        .isTrue();

    boolean again =
        organizationKeys.rewrap(
            acme, List.of(new Rewrapped(read, under(read, "c"))), samples.event(ACME, "second"));

    assertThat(again).isFalse();
    assertThat(organizationKeys.newest(acme).orElseThrow().wrapped())
        .isEqualTo(VaultSamples.bytes("b"));
    assertThat(trail(acme)).containsExactly(first);
    StoredOrganizationKey theirs = organizationKeys.newest(globex).orElseThrow();
    assertRefused(
        () ->
            organizationKeys.rewrap(
                acme,
                List.of(new Rewrapped(theirs, under(theirs, "d"))),
                samples.event(ACME, "x")));
    assertThat(VaultSamples.shown(organizationKeys.newest(globex).orElseThrow()))
        .isEqualTo(VaultSamples.shown(theirs));
  }

  @Test
  void anUnknownMasterKeyWrapsNothing() {
    StoredOrganizationKey read = organizationKeys.newest(acme).orElseThrow();
    StoredOrganizationKey other =
        new StoredOrganizationKey(1, read.keyId(), "mk-9", read.wrapped(), read.createdAt());
    assertThatThrownBy(
            () ->
                organizationKeys.rewrap(
                    acme, List.of(new Rewrapped(read, other)), samples.event(ACME, "x")))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    assertThatThrownBy(
            () ->
                organizationKeys.insert(
                    acme,
                    new StoredOrganizationKey(2, SECOND, "mk-9", read.wrapped(), Samples.NOW),
                    samples.event(ACME, "x")))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void reservationsAddUpOverThreads() {
    String keyId = VaultSamples.keyId(ACME);
    Race.of(Race.THREADS, i -> organizationKeys.reserve(acme, keyId, 10));

    assertThat(organizationKeys.reserve(acme, keyId, 1)).isEqualTo(Race.THREADS * 10L + 1);
    assertThat(organizationKeys.ring(acme).stream().map(Counted::encryptions))
        .containsExactly(Race.THREADS * 10L + 1);
    assertThat(organizationKeys.ring(globex).stream().map(Counted::encryptions))
        .containsExactly(0L);
    assertThat(organizationKeys.reserve(acme, VaultSamples.keyId(GLOBEX), 1)).isZero();
  }

  @Test
  void dueAreThoseWhoseNewestKeyIsOldOrMuchUsed() {
    assertThat(organizationKeys.due(Samples.NOW.minusSeconds(1), 100, null, 10)).isEmpty();
    assertThat(organizationKeys.due(Samples.NOW, 100, null, 10)).containsExactly(ACME, GLOBEX);
    assertThat(organizationKeys.due(Samples.NOW, 100, null, 1)).containsExactly(ACME);
    assertThat(organizationKeys.due(Samples.NOW, 100, "acme", 10)).containsExactly(GLOBEX);
    organizationKeys.reserve(globex, VaultSamples.keyId(GLOBEX), 100);
    assertThat(organizationKeys.due(Samples.NOW.minusSeconds(1), 100, null, 10))
        .containsExactly(GLOBEX);
    addSecondKey(globex);
    assertThat(organizationKeys.due(Samples.NOW.minusSeconds(1), 100, null, 10)).isEmpty();
  }

  @Test
  void aKeyGoesOnlyWhenNothingIsUnderItAndItIsNotTheNewest() {
    addSecret(acme, "sec_1", ref("name"));
    String first = VaultSamples.keyId(ACME);
    assertThat(organizationKeys.destroy(acme, first, samples.event(ACME, "x"))).isFalse();
    addSecondKey(acme);
    assertThat(organizationKeys.destroy(acme, first, samples.event(ACME, "x"))).isFalse();
    assertThat(organizationKeys.destroy(acme, SECOND, samples.event(ACME, "x"))).isFalse();

    rewrapAll(acme);
    assertThat(organizationKeys.destroy(globex, first, samples.event(GLOBEX, "x"))).isFalse();
    assertThat(organizationKeys.destroy(acme, first, samples.event(ACME, "destroyed"))).isTrue();

    assertThat(organizationKeys.find(acme, first)).isEmpty();
    assertThat(actions(acme))
        .containsExactly("secret.created", "rotated", "rewrapped", "destroyed");
  }

  @Test
  void aVersionWhoseDataKeyIsDestroyedIsUnderNoKey() {
    String first = VaultSamples.keyId(ACME);
    Secret two = addVersion(acme, addSecret(acme, "sec_1", ref("name")), "later");
    assertThat(rewraps.find(acme, "sec_1", 1).orElseThrow().fields())
        .containsExactlyInAnyOrder("value", "other");
    assertThat(rewraps.find(globex, "sec_1", 1)).isEmpty();
    assertThat(rewraps.find(acme, "sec_1", 3)).isEmpty();
    Secret one = VaultSamples.staged(two, two.stages());
    assertThat(
            secrets.write(
                acme,
                SecretWrite.change(two, one, samples.event(ACME, "destroyed one"))
                    .marking(1, SecretVersion.State.DESTROYED)))
        .isTrue();
    addSecondKey(acme);

    assertThat(rewraps.counts(acme)).isEqualTo(Map.of(first, 1L));
    assertThat(rewraps.counts(acme, "sec_1")).isEqualTo(Map.of(first, 1L));
    assertThat(rewraps.find(acme, "sec_1", 1)).isEmpty();
    assertThat(organizationKeys.destroy(acme, first, samples.event(ACME, "x"))).isFalse();
    assertThat(rewrapAll(acme)).isEqualTo(1);
    assertThat(rewraps.counts(acme)).isEqualTo(Map.of(SECOND, 1L));
    assertThat(organizationKeys.destroy(acme, first, samples.event(ACME, "destroyed"))).isTrue();

    assertThat(secrets.versions(acme, one.id()).stream().map(SecretVersion::state))
        .containsExactly(SecretVersion.State.DESTROYED, SecretVersion.State.ACTIVE);
  }

  private int rewrapAll(TenantContext context) {
    List<SecretRewrapStore.Rewrapped> versions =
        rewraps.notUnder(context, SECOND, null, 100).stream()
            .map(
                v ->
                    new SecretRewrapStore.Rewrapped(
                        v, v.under(SECOND, VaultSamples.bytes("again " + v.number()))))
            .toList();
    return rewraps.rewrap(
        context, versions, count -> samples.event(context.organization(), "rewrapped"));
  }

  @Test
  void pagesOfVersionsAreInOrderAndWhole() {
    for (String id : List.of("sec_3", "sec_1", "sec_2")) {
      addVersion(acme, addSecret(acme, id, ref(id)), "later " + id);
    }
    addSecret(globex, "sec_9", ref("theirs"));
    addSecondKey(acme);

    List<WrappedVersion> first = rewraps.notUnder(acme, SECOND, null, 3);
    List<WrappedVersion> second = rewraps.notUnder(acme, SECOND, first.get(2), 100);

    assertThat(first.stream().map(v -> v.secretId() + v.number()))
        .containsExactly("sec_11", "sec_12", "sec_21");
    assertThat(second.stream().map(v -> v.secretId() + v.number()))
        .containsExactly("sec_22", "sec_31", "sec_32");
    assertThat(first.get(0).fields()).containsExactlyInAnyOrder("value", "other");
    assertThat(first.get(0).projectId()).isEqualTo("prj_project");
    assertThat(first.get(0).environment()).isEqualTo("PRODUCTION");
    assertThat(first.get(0).wrappedDataKey()).isEqualTo(VaultSamples.bytes("data key sec_11"));
    assertThat(rewraps.notUnder(acme, VaultSamples.keyId(ACME), null, 100)).isEmpty();
    assertThat(rewraps.notUnder(nobody, SECOND, null, 100)).isEmpty();
    assertThat(rewraps.counts(acme)).isEqualTo(Map.of(VaultSamples.keyId(ACME), 6L));
    assertThat(rewraps.counts(acme, "sec_1")).isEqualTo(Map.of(VaultSamples.keyId(ACME), 2L));
    assertThat(rewraps.counts(globex, "sec_1")).isEmpty();
  }

  @Test
  void ofManyThatRewrapTheSameVersionsEachIsDoneOnce() {
    addVersion(acme, addSecret(acme, "sec_1", ref("name")), "later");
    addSecondKey(acme);
    List<WrappedVersion> read = rewraps.notUnder(acme, SECOND, null, 100);

    List<Integer> done =
        Race.of(
            Race.THREADS,
            i ->
                rewraps.rewrap(
                    acme,
                    read.stream()
                        .map(
                            v ->
                                new SecretRewrapStore.Rewrapped(
                                    v, v.under(SECOND, VaultSamples.bytes("by " + i))))
                        .toList(),
                    count -> samples.event(ACME, "rewrapped")));

    assertThat(done.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2);
    assertThat(Collections.frequency(actions(acme), "rewrapped"))
        .isEqualTo((int) done.stream().filter(count -> count > 0).count());
    assertThat(rewraps.counts(acme)).isEqualTo(Map.of(SECOND, 2L));
    assertThat(open(acme, ref("name")).orElseThrow().version().fields()).hasSize(2);
  }

  private StoredErasure erasure(TenantContext context, String id, String secretId) {
    return new StoredErasure(context.organization(), id, secretId, Samples.NOW, "text of " + id);
  }

  @Test
  void anErasedOrganizationHasNoKeyAndGetsNone() {
    addSecret(acme, "sec_1", ref("name"));
    addSecondKey(acme);
    StoredErasure erasure = erasure(acme, "ers_1", "");

    assertThat(erasures.isErased(acme)).isFalse();
    assertThat(erasures.eraseOrganization(acme, erasure, samples.event(ACME, "erased")))
        .contains(List.of(VaultSamples.keyId(ACME), SECOND));

    assertThat(erasures.isErased(acme)).isTrue();
    assertThat(erasures.isErased(globex)).isFalse();
    assertThat(organizationKeys.newest(acme)).isEmpty();
    assertThat(organizationKeys.find(acme, SECOND)).isEmpty();
    assertThat(organizationKeys.ring(acme)).isEmpty();
    assertThat(organizationKeys.due(Samples.NOW, 0, null, 10)).containsExactly(GLOBEX);
    assertThat(organizationKeys.newest(globex)).isPresent();
    assertThatThrownBy(
            () ->
                organizationKeys.insert(
                    acme, rows.organizationKey(3, "ff".repeat(16)), samples.event(ACME, "x")))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED));
    assertThat(erasures.eraseOrganization(acme, erasure, samples.event(ACME, "x"))).isEmpty();
    assertThat(erasures.list(acme)).containsExactly(erasure);
    assertThat(actions(acme)).containsExactly("secret.created", "rotated", "erased");
  }

  @Test
  void erasuresAreTheTenantsOwnAndTheOperatorsAll() {
    StoredErasure ours = erasure(acme, "ers_1", "sec_1");
    StoredErasure theirs = erasure(globex, "ers_0", "sec_2");
    addSecret(acme, "sec_1", ref("name"));
    assertThat(erasures.eraseSecret(acme, ours, samples.event(ACME, "erased"))).isTrue();
    assertThat(erasures.eraseSecret(acme, ours, samples.event(ACME, "again"))).isFalse();
    assertThat(erasures.eraseSecret(globex, theirs, samples.event(GLOBEX, "erased"))).isTrue();

    assertThat(secrets.find(acme, ref("name"))).isEmpty();
    assertThat(erasures.isErased(acme)).as("only a secret of it").isFalse();
    assertThat(erasures.list(acme)).containsExactly(ours);
    assertThat(erasures.list(globex)).containsExactly(theirs);
    assertThat(erasures.list(operator, null, 10)).containsExactly(ours, theirs);
    assertThat(erasures.list(operator, null, 1)).containsExactly(ours);
    assertThat(erasures.list(operator, ours, 10)).containsExactly(theirs);
    assertThatThrownBy(
            () ->
                erasures.eraseSecret(nobody, erasure(nobody, "e", "s"), samples.event(NOBODY, "x")))
        .isInstanceOf(NotFoundException.class);
    assertRefused(
        () -> erasures.eraseSecret(acme, erasure(globex, "e", "s"), samples.event(ACME, "x")));
  }

  @Test
  void aMasterKeyThatWrapsASigningKeyIsNotRetired() {
    stores.masterKeys().recordIfAbsent(new MasterKeyCheck("mk-2", "00bb", Samples.NOW));
    WrappedKey key = new WrappedKey("cHVi", "mk-2", VaultSamples.bytes("one"), Samples.NOW);
    erasures.keys().add(key);
    assertThat(stores.masterKeys().retire(operator, "mk-2", Samples.NOW)).isFalse();

    WrappedKey other = new WrappedKey("cHVi", "mk-2", VaultSamples.bytes("two"), Samples.NOW);
    erasures.keys().remove(operator, List.of(other));
    assertThat(erasures.keys().all()).hasSize(1);
    erasures.keys().remove(operator, List.of());
    erasures.keys().remove(operator, List.of(other, key));
    assertThat(erasures.keys().all()).isEmpty();

    assertThat(stores.masterKeys().retire(operator, "mk-2", Samples.NOW)).isTrue();
    assertThatThrownBy(() -> erasures.keys().add(key))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    assertThat(erasures.keys().all()).isEmpty();
  }

  @Test
  void signingKeysAreAddedOncePerMasterKey() {
    stores.masterKeys().recordIfAbsent(new MasterKeyCheck("mk-2", "00bb", Samples.NOW));
    WrappedKey key = new WrappedKey("cHVi", "mk-1", VaultSamples.bytes("one"), Samples.NOW);
    erasures.keys().add(key);
    erasures
        .keys()
        .add(new WrappedKey("cHVi", "mk-1", VaultSamples.bytes("two"), Samples.NOW.plusSeconds(1)));
    erasures
        .keys()
        .add(
            new WrappedKey(
                "cHVi", "mk-2", VaultSamples.bytes("three"), Samples.NOW.plusSeconds(2)));

    assertThat(
            erasures.keys().all().stream()
                .map(
                    k ->
                        k.masterKeyId()
                            + new String(k.wrapped(), java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly("mk-1one", "mk-2three");
  }
}
