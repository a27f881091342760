package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarkStore.CredentialCheck;
import io.tenantkit.vault.spi.CredentialMarkStore.Kind;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarkStore.SharedMark;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.ErasureStore.StoredErasure;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The marks of credentials: whose they are, for how long, and that nobody else gets them. */
public abstract class CredentialMarkStoreContract extends VaultContract {
  private static final Instant NOW = Samples.NOW;
  private static final Instant LATER = NOW.plusSeconds(3_600);

  private CredentialMarkStore marks;
  private ErasureStore erasures;

  @BeforeEach
  final void openMarks() {
    VaultStores vault = harness.storage().stores(VaultStores.class).orElseThrow();
    marks = vault.credentialMarks();
    erasures = vault.erasures();
  }

  /** As of a key and a secret on a server. */
  private static CredentialMarks of(String server, String key, String secret) {
    return new CredentialMarks(
        Samples.hash("key " + key).hex(),
        Samples.hash("server " + server).hex(),
        Samples.hash("pair " + key + " " + secret).hex(),
        Samples.hash("server-secret " + server + " " + secret).hex(),
        secret.length() < 8);
  }

  private static final CredentialMarks FIRST = of("one", "key", "a good secret");
  private static final CredentialMarks SECOND = of("two", "key-2", "another secret");

  private Secret put(TenantContext context, String id, SecretRef ref, CredentialMarks claimed) {
    Secret secret = rows.secret(context.organization(), id, ref);
    assertThat(
            secrets.write(
                context,
                SecretWrite.create(
                        secret,
                        rows.version(context.organization(), 1, id),
                        samples.event(context.organization(), "put"))
                    .claiming(Optional.of(CredentialClaim.of(claimed)))))
        .isTrue();
    return secret;
  }

  private Secret put(TenantContext context, String id, CredentialMarks claimed) {
    return put(context, id, ref("server"), claimed);
  }

  private Secret replace(
      TenantContext context, Secret before, CredentialMarks claimed, Optional<Instant> overlap) {
    Secret changed = rows.changed(before);
    assertThat(
            secrets.write(
                context,
                SecretWrite.add(
                        before,
                        changed,
                        rows.version(context.organization(), changed.currentVersion(), "next"),
                        samples.event(context.organization(), "replaced"))
                    .claiming(Optional.of(new CredentialClaim(claimed, overlap)))))
        .isTrue();
    return changed;
  }

  private void assertTaken(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_TAKEN);
              assertThat(e.getMessage()).doesNotContain("acme").doesNotContain("globex");
            });
  }

  private List<Long> counting(TenantContext context, Secret secret, Instant at) {
    return marks.find(context, secret.id()).stream()
        .filter(each -> each.countsAt(at))
        .map(MarkedVersion::version)
        .toList();
  }

  @Test
  void marksComeBackWithTheirVersionAndGoWithTheirSecret() {
    Secret secret = put(acme, "sec_1", FIRST);

    assertThat(marks.find(acme, secret.id()))
        .containsExactly(new MarkedVersion(1, FIRST, Optional.empty(), Optional.empty()));
    assertThat(marks.find(globex, secret.id())).isEmpty();
    assertThat(marks.find(nobody, secret.id())).isEmpty();
    assertThat(secrets.destroy(acme, secret, samples.event(ACME, "destroyed"))).isTrue();
    assertThat(marks.find(acme, secret.id())).isEmpty();
    assertThat(marks.isHeld(globex, FIRST, NOW)).isFalse();
    put(globex, "sec_2", FIRST);
  }

  @Test
  void pairAndServerWithSecretAreOneOrganizationsAndAKeyAloneIsNobodys() {
    put(acme, "sec_1", FIRST);

    for (CredentialMarks same :
        List.of(
            FIRST, of("elsewhere", "key", "a good secret"), of("one", "other", "a good secret"))) {
      List<Object> before = everythingKept(globex);
      assertThat(marks.isHeld(globex, same, NOW)).isTrue();
      assertTaken(() -> put(globex, "sec_2", same));
      assertThat(everythingKept(globex)).isEqualTo(before);
    }
    for (CredentialMarks other :
        List.of(of("one", "key", "another secret"), of("two", "key", "yet another"))) {
      assertThat(marks.isHeld(globex, other, NOW)).isFalse();
    }
    put(globex, "sec_3", of("one", "key", "another secret"));
    assertThat(marks.isHeld(acme, FIRST, NOW)).as("one's own").isFalse();
  }

  @Test
  void oneOrganizationHasThemInSeveralEnvironments() {
    Secret production = put(acme, "sec_1", FIRST);
    SecretRef staging = SecretRef.of("project", Environment.STAGING, "server");
    put(acme, "sec_2", staging, FIRST);

    assertThat(marks.owners(FIRST.key(), NOW, null, 10))
        .containsExactly(
            new Owner(ACME, Environment.PRODUCTION), new Owner(ACME, Environment.STAGING));
    assertThat(secrets.destroy(acme, production, samples.event(ACME, "x"))).isTrue();
    assertTaken(() -> put(globex, "sec_3", FIRST));
  }

  @Test
  void replacedOnesAreFreeAtOnceOrWhenTheirOverlapEnds() {
    Secret first = put(acme, "sec_1", FIRST);
    Secret second = replace(acme, first, SECOND, Optional.empty());
    assertThat(counting(acme, second, NOW)).containsExactly(2L);
    Secret theirs = put(globex, "sec_2", FIRST);

    replace(globex, theirs, of("three", "k", "a third secret"), Optional.of(LATER));

    assertThat(marks.find(globex, theirs.id()))
        .extracting(MarkedVersion::version, MarkedVersion::until)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(2L, Optional.empty()),
            org.assertj.core.groups.Tuple.tuple(1L, Optional.of(LATER)));
    assertThat(marks.isHeld(acme, FIRST, LATER.minusMillis(1))).isTrue();
    assertThat(marks.isHeld(acme, FIRST, LATER)).isFalse();
    assertThat(marks.owners(FIRST.key(), LATER.minusMillis(1), null, 10)).hasSize(1);
    assertThat(marks.owners(FIRST.key(), LATER, null, 10)).isEmpty();
    assertThat(marks.claim(acme, second, FIRST, LATER.minusMillis(1))).isFalse();
    assertThat(marks.find(acme, second.id())).extracting(MarkedVersion::marks).contains(SECOND);
    assertThat(marks.claim(acme, second, FIRST, LATER)).isTrue();
    assertThat(marks.isHeld(globex, FIRST, LATER)).isTrue();
    assertThat(counting(globex, theirs, LATER)).containsExactly(2L);
  }

  @Test
  void fewReplacedOnesCountAndAnEndEndsThemAll() {
    Secret secret = put(acme, "sec_1", FIRST);
    for (int i = 2; i <= 6; i++) {
      secret =
          replace(
              acme,
              secret,
              of("s" + i, "k" + i, "a secret " + i),
              Optional.of(LATER.plusSeconds(i)));
    }
    assertThat(counting(acme, secret, NOW)).containsExactly(6L, 5L, 4L, 3L);

    Secret last = replace(acme, secret, SECOND, Optional.empty());

    assertThat(counting(acme, last, NOW)).containsExactly(7L);
    assertThat(marks.isHeld(globex, of("s6", "k6", "a secret 6"), NOW)).isFalse();
  }

  @Test
  void aSecretThatCameByAnotherWayIsClaimedOnceItIsSeen() {
    Secret bare = addSecret(acme, "sec_1", ref("server"));
    put(globex, "sec_2", FIRST);

    assertThat(marks.claim(acme, bare, FIRST, NOW)).isFalse();
    assertThat(marks.find(acme, bare.id())).isEmpty();
    assertThat(marks.claim(acme, bare, SECOND, NOW)).isTrue();
    assertThat(marks.claim(acme, bare, SECOND, NOW)).as("again").isTrue();
    assertThat(marks.find(acme, bare.id())).hasSize(1);
    assertThatThrownBy(() -> marks.claim(acme, rows.secret(ACME, "sec_9", ref("x")), FIRST, NOW))
        .isInstanceOf(NotFoundException.class);
    assertRefused(() -> marks.claim(globex, bare, of("x", "y", "z"), NOW));
  }

  @Test
  void aClaimThatComesAfterTheNextVersionTakesNothingFromIt() {
    Secret first = put(acme, "sec_1", FIRST);
    Secret second = replace(acme, first, SECOND, Optional.empty());

    assertThatThrownBy(() -> marks.claim(acme, first, FIRST, NOW))
        .isInstanceOf(ConflictException.class);

    assertThat(counting(acme, second, NOW)).containsExactly(2L);
    assertThat(marks.claim(acme, second, SECOND, NOW)).as("it has them").isTrue();
  }

  @Test
  void ofManyThatClaimTheSameAtOnceOneHasIt() {
    List<Secret> bare = new ArrayList<>();
    for (int i = 0; i < Race.THREADS; i++) {
      OrganizationId id = OrganizationId.of("tenant-" + i);
      addOrganization(id);
      TenantContext context = TenantContext.trusted(id, "contract");
      assertThat(
              organizationKeys.insert(
                  context,
                  rows.organizationKey(1, VaultSamples.keyId(id)),
                  samples.event(id, "key")))
          .isTrue();
      bare.add(addSecret(context, "sec_" + i, ref("server")));
    }
    for (int round = 0; round < 5; round++) {
      CredentialMarks wanted = of("server " + round, "key " + round, "the secret of all " + round);
      List<Boolean> claimed =
          Race.of(
              Race.THREADS,
              i ->
                  marks.claim(
                      TenantContext.trusted(bare.get(i).organization(), "contract"),
                      bare.get(i),
                      wanted,
                      NOW));

      assertThat(claimed).containsOnlyOnce(true);
      assertThat(marks.owners(wanted.key(), NOW, null, 100)).hasSize(1);
    }
  }

  @Test
  void ofManyThatPutTheSameAtOnceOneHasIt() {
    List<Boolean> put =
        Race.of(
            2,
            i -> {
              TenantContext context = i == 0 ? acme : globex;
              try {
                put(context, "sec_" + i, FIRST);
                return true;
              } catch (TenantkitException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_TAKEN);
                return false;
              }
            });

    assertThat(put).containsOnlyOnce(true);
    assertThat(secrets.list(acme, null, 9).size() + secrets.list(globex, null, 9).size())
        .isEqualTo(1);
  }

  @Test
  void erasureFreesAllThatAnOrganizationHad() {
    Secret secret = put(acme, "sec_1", FIRST);
    replace(acme, secret, SECOND, Optional.of(LATER));

    assertThat(
            erasures.eraseOrganization(
                acme,
                new StoredErasure(ACME, "era_1", "", NOW, "record"),
                samples.event(ACME, "erased")))
        .isPresent();

    assertThat(marks.find(acme, secret.id())).isEmpty();
    assertThat(marks.owners(FIRST.key(), NOW, null, 10)).isEmpty();
    put(globex, "sec_2", FIRST);
    assertThat(marks.claim(globex, addSecret(globex, "sec_3", ref("x")), SECOND, NOW)).isTrue();
  }

  @Test
  void howACheckEndedIsKeptWithTheVersionAlone() {
    Secret secret = put(acme, "sec_1", FIRST);
    CredentialCheck check = new CredentialCheck(NOW, "CONNECTED", "m".repeat(300), 12);

    assertThat(marks.checked(globex, secret.id(), 1, check)).isFalse();
    assertThat(marks.checked(acme, secret.id(), 2, check)).isFalse();
    assertThat(marks.checked(acme, secret.id(), 1, check)).isTrue();

    assertThat(marks.find(acme, secret.id()).get(0).check()).contains(check);
    replace(acme, secret, SECOND, Optional.of(LATER));
    assertThat(marks.find(acme, secret.id()))
        .extracting(MarkedVersion::check)
        .containsExactly(Optional.empty(), Optional.of(check));
  }

  @Test
  void ownersComeInPagesAndNameNoOtherKeys() {
    put(acme, "sec_1", FIRST);
    put(globex, "sec_2", of("one", "key", "another secret"));
    put(globex, "sec_3", SecretRef.of("project", Environment.STAGING, "x"), SECOND);

    List<Owner> first = marks.owners(FIRST.key(), NOW, null, 1);
    assertThat(first).containsExactly(new Owner(ACME, Environment.PRODUCTION));
    assertThat(marks.owners(FIRST.key(), NOW, first.get(0), 10))
        .containsExactly(new Owner(GLOBEX, Environment.PRODUCTION));
    assertThat(marks.owners(SECOND.key(), NOW, null, 10))
        .containsExactly(new Owner(GLOBEX, Environment.STAGING));
    assertThat(marks.owners(Samples.hash("nobody's").hex(), NOW, null, 10)).isEmpty();
  }

  @Test
  void theOperatorSeesWhatOrganizationsShareAndWhoseSecretsAreShort() {
    put(acme, "sec_1", FIRST);
    put(acme, "sec_2", SecretRef.of("project", Environment.STAGING, "x"), FIRST);
    put(globex, "sec_3", of("one", "key", "short"));
    put(globex, "sec_4", SecretRef.of("project", Environment.STAGING, "x"), SECOND);
    Owner theirs = new Owner(GLOBEX, Environment.PRODUCTION);

    List<SharedMark> all = marks.shared(operator, NOW, null, 100);

    List<Owner> sharing =
        List.of(
            new Owner(ACME, Environment.PRODUCTION), new Owner(ACME, Environment.STAGING), theirs);
    List<SharedMark> expected = new ArrayList<>();
    sharing.forEach(owner -> expected.add(new SharedMark(Kind.KEY, FIRST.key(), owner)));
    sharing.forEach(owner -> expected.add(new SharedMark(Kind.SERVER, FIRST.server(), owner)));
    assertThat(all).isEqualTo(expected);
    List<SharedMark> paged = new ArrayList<>(marks.shared(operator, NOW, null, 2));
    for (int i = 0; i < 4; i++) {
      paged.addAll(marks.shared(operator, NOW, paged.get(paged.size() - 1), 1));
    }
    assertThat(paged).isEqualTo(expected);
    assertThat(marks.shared(operator, NOW, paged.get(5), 9)).isEmpty();
    assertThat(marks.shortSecrets(operator, NOW, null, 10)).containsExactly(theirs);
    assertThat(marks.shortSecrets(operator, NOW, theirs, 10)).isEmpty();
  }

  private static WrappedKey key(String id, String masterKey) {
    return new WrappedKey(id, masterKey, VaultSamples.bytes(id), NOW);
  }

  @Test
  void ofManyNodesThatMakeTheKeyOneDoes() {
    Race.of(
        Race.THREADS,
        i -> {
          marks.addFirstKey(key("key_" + i, VaultSamples.MASTER_KEY));
          return true;
        });

    assertThat(marks.keys().all()).hasSize(1);
  }

  @Test
  void theKeyIsWrappedAnewAndItsMasterKeyStaysAsLongAsItIsNeeded() {
    stores.masterKeys().recordIfAbsent(new MasterKeyCheck("mk-2", "00bb", NOW));
    stores.masterKeys().recordIfAbsent(new MasterKeyCheck("mk-3", "00cc", NOW));
    marks.addFirstKey(key("one", "mk-2"));
    marks.addFirstKey(key("two", "mk-3"));
    assertThat(marks.keys().all()).extracting(WrappedKey::id).containsExactly("one");
    marks.keys().add(key("one", "mk-3"));
    marks.keys().add(key("one", "mk-3"));
    assertThat(marks.keys().all()).extracting(WrappedKey::masterKeyId).contains("mk-2", "mk-3");

    assertThat(stores.masterKeys().retire(operator, "mk-2", NOW)).isFalse();
    marks.keys().remove(operator, List.of(new WrappedKey("one", "mk-2", new byte[] {9}, NOW)));
    assertThat(marks.keys().all()).as("as they were read").hasSize(2);
    marks.keys().remove(operator, List.of(key("one", "mk-2")));
    assertThat(stores.masterKeys().retire(operator, "mk-2", NOW)).isTrue();
    assertThatThrownBy(() -> marks.keys().add(key("one", "mk-2")))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    marks.addFirstKey(key("three", VaultSamples.MASTER_KEY));
    assertThat(Set.copyOf(marks.keys().all().stream().map(WrappedKey::id).toList()))
        .containsExactly("one");
  }
}
