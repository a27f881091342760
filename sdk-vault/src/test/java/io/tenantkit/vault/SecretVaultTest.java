package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.ACME;
import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.START;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.text;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the vault does for one tenant when all goes well, and its plain refusals. */
class SecretVaultTest {
  private final VaultHouse house = new VaultHouse();
  private final SecretVault vault = house.vault;
  private final TenantContext acme = house.acme;

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void putMakesTheFirstVersion() {
    Secret secret = vault.put(acme, REF, value("first"));

    assertThat(secret.id().value()).startsWith("sec_");
    assertThat(secret.projectId()).startsWith("prj_");
    assertThat(secret.organization()).isEqualTo(ACME);
    assertThat(secret.ref()).isEqualTo(REF);
    assertThat(secret.type()).isEqualTo(Secret.PLAIN);
    assertThat(secret.currentVersion()).isEqualTo(1);
    assertThat(secret.createdBy()).isEqualTo("acme-host");
    assertThat(secret.createdAt()).isEqualTo(START);
    assertThat(secret.updatedAt()).isEqualTo(START);
    assertThat(vault.get(acme, REF)).isEqualTo(secret);
    assertThat(house.reveal(acme, REF)).isEqualTo("first");
  }

  @Test
  void putOnAnExistingSecretAddsAVersionAndKeepsTheOld() {
    Secret first = vault.put(acme, REF, value("first"));
    house.clock.tick(Duration.ofMinutes(5));
    TenantContext other = TenantContext.trusted(ACME, "colleague");
    Secret second = vault.put(other, REF, value("second"));

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.projectId()).isEqualTo(first.projectId());
    assertThat(second.currentVersion()).isEqualTo(2);
    assertThat(second.createdBy()).isEqualTo("acme-host");
    assertThat(second.createdAt()).isEqualTo(START);
    assertThat(second.updatedAt()).isEqualTo(START.plus(Duration.ofMinutes(5)));
    assertThat(vault.get(acme, REF)).isEqualTo(second);
    assertThat(vault.versions(acme, REF))
        .containsExactly(
            shown(1, Stage.PREVIOUS, "acme-host", START),
            shown(2, Stage.CURRENT, "colleague", START.plus(Duration.ofMinutes(5))));
    assertThat(house.reveal(acme, REF)).isEqualTo("second");
    assertThat(house.reveal(acme, REF, 1)).isEqualTo("first");
    assertThat(house.reveal(acme, REF, 2)).isEqualTo("second");
  }

  @Test
  void useLendsTheCurrentValueAndAnswersWhatTheCodeAnswers() {
    vault.put(acme, REF, value("old"));
    vault.put(acme, REF, value("s3cret"));

    int length = vault.use(acme, REF, "count it", secret -> text(secret).length() * 10);

    assertThat(length).isEqualTo(60);
  }

  @Test
  void useWipesTheValueWhenTheCodeReturned() {
    vault.put(acme, REF, value("s3cret"));

    SecretValue kept = vault.use(acme, REF, "keep it, which is forbidden", secret -> secret);

    assertThatThrownBy(() -> kept.bytes(SecretAccess.get()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(kept::length).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void useFieldsWipesEveryField() {
    vault.put(acme, REF, twoFields("AKIA", "s3cret"));

    List<SecretValue> kept =
        vault.useFields(
            acme,
            REF,
            Purpose.of("keep them"),
            fields -> List.of(fields.field("access_key_id"), fields.field("secret_access_key")));

    assertThat(kept)
        .hasSize(2)
        .allSatisfy(
            each ->
                assertThatThrownBy(() -> each.bytes(SecretAccess.get()))
                    .isInstanceOf(IllegalStateException.class));
  }

  @Test
  void useMayAnswerNull() {
    vault.put(acme, REF, value("s3cret"));
    Object answer = vault.use(acme, REF, "nothing", secret -> null);
    assertThat(answer).isNull();
  }

  @Test
  void severalFieldsGoInAndComeOutUnderTheirNames() {
    Secret put = vault.put(acme, REF, twoFields("AKIA", "s3cret"));

    assertThat(put.type()).isEqualTo("aws");
    try (SecretFields fields = vault.reveal(acme, REF)) {
      assertThat(fields.secret()).isEqualTo(put);
      assertThat(fields.names()).containsExactlyInAnyOrder("access_key_id", "secret_access_key");
      assertThat(text(fields.field("access_key_id"))).isEqualTo("AKIA");
      assertThat(text(fields.field("secret_access_key"))).isEqualTo("s3cret");
      assertThatThrownBy(() -> fields.field("Access_Key_Id"))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("secret field not found");
      assertThatThrownBy(fields::value).isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void closingTheRevealedFieldsWipesThem() {
    vault.put(acme, REF, twoFields("AKIA", "s3cret"));
    SecretFields fields = vault.reveal(acme, REF);
    SecretValue one = fields.field("access_key_id");
    SecretValue other = fields.field("secret_access_key");
    fields.close();
    fields.close();
    assertThatThrownBy(() -> one.bytes(SecretAccess.get()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> other.bytes(SecretAccess.get()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theValueGivenToPutStaysTheCallersAndOpen() {
    SecretValue mine = value("s3cret");
    vault.put(acme, REF, mine);
    assertThat(text(mine)).isEqualTo("s3cret");
    mine.close();
    assertThat(house.reveal(acme, REF)).isEqualTo("s3cret");
  }

  @Test
  void bytesComeBackAsTheyWere() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    vault.put(acme, ref("binary"), SecretValue.copyOf(all));
    vault.put(acme, ref("empty"), value(""));
    vault.put(acme, ref("unicode"), value("pässwörd İıß 🔐"));
    byte[] largest = new byte[SecretValue.MAX_BYTES];
    largest[largest.length - 1] = 42;
    vault.put(acme, ref("largest"), SecretValue.copyOf(largest));

    try (SecretFields fields = vault.reveal(acme, ref("binary"))) {
      assertThat(fields.value().bytes(SecretAccess.get())).isEqualTo(all);
    }
    assertThat(house.reveal(acme, ref("empty"))).isEmpty();
    try (SecretFields fields = vault.reveal(acme, ref("unicode"))) {
      assertThat(fields.value().bytes(SecretAccess.get()))
          .isEqualTo("pässwörd İıß 🔐".getBytes(StandardCharsets.UTF_8));
    }
    try (SecretFields fields = vault.reveal(acme, ref("largest"))) {
      assertThat(fields.value().bytes(SecretAccess.get())).isEqualTo(largest);
    }
  }

  @Test
  void theTypeCannotChange() {
    vault.put(acme, REF, twoFields("AKIA", "s3cret"));
    List<Object> before = house.written();

    assertThatThrownBy(() -> vault.put(acme, REF, value("plain")))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));

    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void aPutOnlyForANewSecretIsRefusedWhenThereIsOne() {
    NewSecret onlyNew = NewSecret.of(value("first")).onlyNew();
    assertThat(vault.put(acme, REF, onlyNew).currentVersion()).isEqualTo(1);
    List<Object> before = house.written();

    assertConflict(() -> vault.put(acme, REF, onlyNew));

    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void anExpectedVersionMustBeTheCurrentOne() {
    vault.put(acme, REF, value("one"));
    assertThat(vault.put(acme, REF, NewSecret.of(value("two")).onlyAfter(1)).currentVersion())
        .isEqualTo(2);
    List<Object> before = house.written();

    assertConflict(() -> vault.put(acme, REF, NewSecret.of(value("stale")).onlyAfter(1)));
    assertConflict(() -> vault.put(acme, REF, NewSecret.of(value("ahead")).onlyAfter(3)));
    assertConflict(() -> vault.put(acme, ref("absent"), NewSecret.of(value("x")).onlyAfter(1)));
    assertConflict(
        () -> vault.put(acme, REF, NewSecret.of(value("ahead")).onlyAfter(Long.MAX_VALUE)));

    assertThat(house.written()).isEqualTo(before);
    assertThat(house.reveal(acme, REF)).isEqualTo("two");
  }

  @Test
  void deleteEndsTheSecretAndALaterOneIsAnother() {
    Secret first = vault.put(acme, REF, value("first"));
    vault.put(acme, REF, value("second"));
    vault.destroy(acme, REF);

    assertNotFound(() -> vault.get(acme, REF));
    assertNotFound(() -> vault.versions(acme, REF));
    assertNotFound(() -> vault.reveal(acme, REF));
    assertNotFound(() -> vault.reveal(acme, REF, 1));
    assertNotFound(() -> vault.use(acme, REF, "gone", secret -> 1));
    assertNotFound(() -> vault.destroy(acme, REF));
    assertThat(house.listed(acme)).isEmpty();

    Secret later = vault.put(acme, REF, NewSecret.of(value("later")).onlyNew());
    assertThat(later.id()).isNotEqualTo(first.id());
    assertThat(later.currentVersion()).isEqualTo(1);
    assertThat(later.projectId()).isEqualTo(first.projectId());
    assertThat(vault.versions(acme, REF)).hasSize(1);
    assertThat(house.reveal(acme, REF)).isEqualTo("later");
    assertNotFound(() -> vault.reveal(acme, REF, 2));
  }

  @Test
  void aVersionThatIsNotThereIsNotFoundAndLeavesNoEvent() {
    vault.put(acme, REF, value("first"));
    List<Object> before = house.written();
    for (long version : new long[] {0, -1, 2, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertNotFound(() -> vault.reveal(acme, REF, version));
    }
    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void sameNameInOtherEnvironmentsAndProjectsIsAnotherSecret() {
    Set<SecretId> ids = new java.util.HashSet<>();
    for (Environment environment : Environment.values()) {
      for (String project : List.of("app", "App", "web")) {
        SecretRef ref = SecretRef.of(project, environment, "name");
        ids.add(vault.put(acme, ref, value(project + environment)).id());
      }
    }
    ids.add(vault.put(acme, SecretRef.of("app", Environment.STAGING, "NAME"), value("up")).id());

    assertThat(ids).hasSize(10);
    for (Environment environment : Environment.values()) {
      for (String project : List.of("app", "App", "web")) {
        SecretRef ref = SecretRef.of(project, environment, "name");
        assertThat(house.reveal(acme, ref)).isEqualTo(project + environment);
      }
    }
    assertThat(house.listed(acme).stream().filter(s -> s.ref().project().equals("app")).toList())
        .extracting(Secret::projectId)
        .hasSize(4)
        .containsOnly(
            vault.get(acme, SecretRef.of("app", Environment.STAGING, "NAME")).projectId());
  }

  @Test
  void listGivesEverySecretOnceInPagesInTheOrderOfIds() {
    Set<String> put = new TreeSet<>();
    for (int i = 0; i < 25; i++) {
      put.add(vault.put(acme, ref("secret-" + i), value("v")).id().value());
    }
    vault.put(house.globex, REF, value("not acme's"));

    List<String> seen = new ArrayList<>();
    PageRequest request = PageRequest.first(10);
    Page<Secret> page = vault.list(acme, request);
    List<Integer> sizes = new ArrayList<>();
    while (true) {
      sizes.add(page.items().size());
      page.items().forEach(secret -> seen.add(secret.id().value()));
      if (page.next().isEmpty()) {
        break;
      }
      page = vault.list(acme, request.after(page.next().get()));
    }

    assertThat(sizes).containsExactly(10, 10, 5);
    assertThat(seen).containsExactlyElementsOf(put);
    assertThat(vault.list(acme, PageRequest.first(25)).next()).isEmpty();
  }

  @Test
  void aCursorStaysGoodWhenItsRowIsDeleted() {
    for (int i = 0; i < 4; i++) {
      vault.put(acme, ref("secret-" + i), value("v"));
    }
    Page<Secret> first = vault.list(acme, PageRequest.first(2));
    vault.destroy(acme, first.items().get(1).ref());
    vault.destroy(acme, ref("secret-2"));

    Page<Secret> second = vault.list(acme, PageRequest.first(2).after(first.next().orElseThrow()));

    assertThat(second.items())
        .extracting(secret -> secret.ref().name())
        .containsExactly("secret-3");
  }

  @Test
  void listHidesEnvironmentsOutOfReachAndStillFillsItsPages() {
    for (int i = 0; i < 6; i++) {
      vault.put(acme, SecretRef.of("app", Environment.PRODUCTION, "p" + i), value("v"));
      vault.put(acme, SecretRef.of("app", Environment.DEVELOPMENT, "d" + i), value("v"));
    }
    TenantContext developer = acme.within(Set.of(Environment.DEVELOPMENT));

    Page<Secret> first = vault.list(developer, PageRequest.first(4));
    Page<Secret> second =
        vault.list(developer, PageRequest.first(4).after(first.next().orElseThrow()));

    assertThat(first.items())
        .extracting(secret -> secret.ref().name())
        .containsExactly("d0", "d1", "d2", "d3");
    assertThat(second.items())
        .extracting(secret -> secret.ref().name())
        .containsExactly("d4", "d5");
    assertThat(second.next()).isEmpty();
  }

  private static NewSecret twoFields(String id, String key) {
    return NewSecret.of("aws", Map.of("access_key_id", value(id), "secret_access_key", value(key)));
  }

  private static void assertConflict(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  private static void assertNotFound(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(NotFoundException.class)
        .isInstanceOf(TenantkitException.class)
        .hasMessage("secret not found");
  }

  private static SecretVersion shown(long number, Stage stage, String by, Instant at) {
    return new SecretVersion(
        number,
        SecretVersion.State.ACTIVE,
        Optional.of(stage),
        Optional.empty(),
        Destination.none(),
        by,
        at);
  }

  @Test
  void whoMaySeeItIsAPartOfWhatIsPut() {
    NewSecret one = NewSecret.of(value("v"));
    assertThat(one.sharedWith(Sharing.withOrganization())).isNotEqualTo(one);
    assertThat(one.sharedWith(Sharing.withOrganization()))
        .isEqualTo(one.sharedWith(Sharing.withOrganization()));
    assertThat(one.sharedWith(Sharing.withOrganization()))
        .hasSameHashCodeAs(one.sharedWith(Sharing.withOrganization()));
  }
}
