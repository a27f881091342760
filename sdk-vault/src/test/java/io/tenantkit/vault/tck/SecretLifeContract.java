package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretStatus;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every storage must do with descriptions, stages, states and expiry, and with searches. */
public abstract class SecretLifeContract extends VaultContract {
  private static final Instant LATER = Samples.NOW.plus(Duration.ofDays(1));
  private static final SecretDescription SAID =
      SecretDescription.of(
          "für alle – \"quoted\" \\",
          List.of("b", "a:1", "team.x_y-z"),
          Map.of("k.1", "v ü", "e", ""));

  @Test
  void allThatARowHoldsComesBack() {
    Secret secret =
        Secret.planned(
                new SecretId("sec_1"),
                ACME,
                "prj_project",
                ref("name"),
                "livekit",
                new Actor(Actor.Kind.API_KEY, "key_1"),
                Samples.NOW)
            .saying(SAID, 7)
            .withNextVersion(false, Optional.of(LATER), Samples.NOW);
    StoredSecretVersion version =
        version(1, Destination.hosts("api.example.com", "*.example.org"), Optional.of(LATER));
    assertThat(create(acme, secret, version, samples.event(ACME, "secret.created"))).isTrue();

    assertThat(secrets.find(acme, secret.ref())).contains(secret);
    assertThat(secrets.list(acme, null, 10)).containsExactly(secret);
    assertThat(secrets.findAll(acme, List.of(ref("no"), secret.ref()))).containsExactly(secret);
    OpenedSecret opened = open(acme, secret.ref()).orElseThrow();
    assertThat(opened.secret()).isEqualTo(secret);
    assertThat(VaultSamples.shown(opened.version())).isEqualTo(VaultSamples.shown(version));
    assertThat(secrets.versions(acme, secret.id()))
        .containsExactly(
            new SecretVersion(
                1,
                State.ACTIVE,
                Optional.of(Stage.CURRENT),
                Optional.of(LATER),
                Destination.hosts("*.example.org", "api.example.com"),
                "contract",
                Samples.NOW));
  }

  @Test
  void versionsAreOpenedByStage() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    assertThat(stage(Stage.PENDING)).isEmpty();
    assertThat(stage(Stage.PREVIOUS)).isEmpty();
    Secret second = addVersion(acme, first, "second");
    Secret third = second.withNextVersion(true, Optional.empty(), Samples.NOW);
    assertThat(add(acme, third, 2, rows.version(ACME, 3, "third"), samples.event(ACME, "x")))
        .isTrue();

    assertThat(stage(Stage.PENDING)).contains(3L);
    assertThat(stage(Stage.CURRENT)).contains(2L);
    assertThat(stage(Stage.PREVIOUS)).contains(1L);
    assertThat(secrets.versions(acme, first.id()).stream().map(SecretVersion::stage))
        .containsExactly(
            Optional.of(Stage.PREVIOUS), Optional.of(Stage.CURRENT), Optional.of(Stage.PENDING));

    Secret promoted =
        VaultSamples.staged(
            third, new SecretStages(3, 3, OptionalLong.empty(), OptionalLong.of(2)));
    assertThat(change(third, promoted)).isTrue();
    assertThat(stage(Stage.CURRENT)).contains(3L);
    assertThat(stage(Stage.PENDING)).isEmpty();
    assertThat(secrets.find(acme, ref("name"))).contains(promoted);
  }

  private Optional<Long> stage(Stage stage) {
    return secrets
        .open(acme, ref("name"), VersionChoice.at(stage), any -> samples.event(ACME, "opened"))
        .map(opened -> opened.version().number());
  }

  @Test
  void changeOfARowThatIsNotAtItsRevisionWritesNothing() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    List<Object> before = everythingKept(acme);
    for (long revision : new long[] {0, 2, Long.MAX_VALUE}) {
      Secret other = VaultSamples.atRevision(first, revision);
      assertThat(change(other, VaultSamples.deleted(other))).isFalse();
      assertThat(secrets.destroy(acme, other, samples.event(ACME, "x"))).isFalse();
    }
    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void destroyedVersionHasNothingLeftAndCannotBeMarkedAgain() {
    Secret second = addVersion(acme, addSecret(acme, "sec_1", ref("name")), "second");
    Secret third = mark(second, 1, State.DELETED);
    assertThat(state(1)).isEqualTo(State.DELETED);
    assertThat(contents(acme, third)).hasSize(2);
    Secret fourth = mark(mark(third, 1, State.ACTIVE), 1, State.DESTROYED);

    OpenedSecret opened = open(acme, ref("name"), OptionalLong.of(1)).orElseThrow();
    assertThat(opened.version().state()).isEqualTo(State.DESTROYED);
    assertThat(opened.version().fields()).isEmpty();
    assertThat(opened.version().wrappedDataKey()).isEmpty();
    assertThat(open(acme, ref("name")).orElseThrow().version().fields()).hasSize(2);
    List<Object> before = everythingKept(acme);
    for (State again : State.values()) {
      assertThat(secrets.write(acme, marking(fourth, 1, again))).isFalse();
    }
    assertThat(secrets.write(acme, marking(fourth, 9, State.DELETED))).isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void versionsBeyondTheMostAreDestroyedUnlessTheyHaveAStageAndThenForgotten() {
    Secret secret = rows.secret(ACME, "sec_1", ref("name")).saying(SecretDescription.none(), 2);
    assertThat(create(acme, secret, rows.version(ACME, 1, "x"), samples.event(ACME, "x"))).isTrue();
    for (int i = 0; i < 3; i++) {
      secret = put(secret, true);
    }
    // 1 is current, 4 pending; 2 lies behind the two that are kept, 3 does not.
    assertThat(states()).containsExactly("1 ACTIVE", "2 DESTROYED", "3 ACTIVE", "4 ACTIVE");
    secret = put(put(secret, false), false);
    assertThat(states())
        .containsExactly(
            "1 DESTROYED", "2 DESTROYED", "3 DESTROYED", "4 ACTIVE", "5 ACTIVE", "6 ACTIVE");
    for (int i = 0; i < 100; i++) {
      secret = put(secret, false);
    }
    assertThat(states())
        .hasSize(103)
        .startsWith("4 ACTIVE", "5 DESTROYED")
        .endsWith("104 DESTROYED", "105 ACTIVE", "106 ACTIVE");
  }

  private Secret put(Secret before, boolean pending) {
    Secret after = before.withNextVersion(pending, Optional.empty(), Samples.NOW);
    StoredSecretVersion version = rows.version(ACME, after.stages().newest(), "x");
    assertThat(
            secrets.write(acme, SecretWrite.add(before, after, version, samples.event(ACME, "x"))))
        .isTrue();
    return after;
  }

  private List<String> states() {
    return secrets.versions(acme, new SecretId("sec_1")).stream()
        .map(each -> each.number() + " " + each.state())
        .toList();
  }

  @Test
  void deletedSecretIsNotListedButFound() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    Secret deleted = VaultSamples.deleted(first);
    assertThat(change(first, deleted)).isTrue();

    assertThat(secrets.list(acme, null, 10)).isEmpty();
    assertThat(secrets.find(acme, ref("name"))).contains(deleted);
    assertThat(search(SecretQuery.all())).isEmpty();
    assertThat(search(SecretQuery.all().with(SecretStatus.DELETED))).containsExactly("sec_1");
    assertThat(open(acme, ref("name")).orElseThrow().secret()).isEqualTo(deleted);
  }

  @Test
  void allOfABatchIsWrittenOrNothing() {
    Secret there = addSecret(acme, "sec_0", ref("there"));
    SecretWrite add =
        SecretWrite.add(
            there, rows.changed(there), rows.version(ACME, 2, "x"), samples.event(ACME, "x"));
    List<Object> before = everythingKept(acme);

    assertThat(secrets.writeAll(acme, List.of(fresh("sec_1"), add, fresh("sec_0", "other"))))
        .as("the last has a taken id")
        .isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(secrets.findProject(acme, "fresh")).isEmpty();

    assertThat(secrets.writeAll(acme, List.of(fresh("sec_1"), add, fresh("sec_2")))).isTrue();
    assertThat(secrets.list(acme, null, 10)).hasSize(3);
    assertThat(secrets.find(acme, ref("there"))).contains(rows.changed(there));
  }

  private SecretWrite fresh(String id) {
    return fresh(id, id);
  }

  private SecretWrite fresh(String id, String name) {
    return SecretWrite.create(
        rows.secret(ACME, id, SecretRef.of("fresh", Environment.PRODUCTION, name)),
        rows.version(ACME, 1, id),
        samples.event(ACME, "x"));
  }

  @Test
  void everyFilterNarrowsAndPagesMeet() {
    List<Environment> environments = List.of(Environment.values());
    for (int i = 0; i < 24; i++) {
      String id = String.format(Locale.ROOT, "sec_%02d", i);
      SecretRef ref =
          SecretRef.of(
              i % 2 == 0 ? "even" : "odd",
              environments.get(i % 3),
              (i % 4 == 0 ? "db-" : "Db_") + (23 - i));
      Optional<Instant> expires =
          i % 5 == 0 ? Optional.of(Samples.NOW.plusSeconds(100 - i)) : Optional.empty();
      Secret secret =
          Secret.planned(
                  new SecretId(id),
                  ACME,
                  "prj_" + ref.project(),
                  ref,
                  i % 6 == 0 ? "livekit" : "secret",
                  Actor.host("contract"),
                  Samples.NOW)
              .saying(
                  SecretDescription.of(
                      "", i % 3 == 0 ? List.of("t", "n" + i % 2) : List.of(), Map.of()),
                  10)
              .withNextVersion(false, expires, Samples.NOW);
      assertThat(create(acme, secret, rows.version(ACME, 1, id), samples.event(ACME, "x")))
          .isTrue();
      addSecret(globex, id, ref);
    }
    SecretQuery all = SecretQuery.all();
    Instant mid = Samples.NOW.plusSeconds(90);
    for (SecretQuery query :
        List.of(
            all,
            all.inProject("even"),
            all.inProject("none"),
            all.in(Environment.STAGING),
            all.tagged("t"),
            all.tagged("t", "n1"),
            all.tagged("nobody"),
            all.ofType("livekit"),
            all.ofType("livekit").inProject("even").in(Environment.DEVELOPMENT),
            all.named("db-"),
            all.named("d"),
            all.named("Db_1"),
            all.named("db-").tagged("t"),
            all.with(SecretStatus.ACTIVE),
            all.with(SecretStatus.EXPIRED),
            all.with(SecretStatus.DELETED),
            all.expiringBefore(LATER),
            all.expiringBefore(mid),
            all.expiringBefore(LATER).named("Db"),
            all.expiringBefore(LATER).tagged("t"),
            all.expiringBefore(LATER).with(SecretStatus.EXPIRED))) {
      List<String> expected =
          secrets.list(acme, null, 100).stream()
              .filter(secret -> query.matches(secret, mid))
              .map(secret -> secret.id().value())
              .toList();
      List<Secret> found = new ArrayList<>();
      List<Secret> page = secrets.search(acme, query, mid, null, 3);
      while (!page.isEmpty()) {
        found.addAll(page);
        SecretPlace last = SecretPlace.of(query.order(), page.get(page.size() - 1));
        SecretPlace told = SecretPlace.parse(query.order(), last.text());
        page = secrets.search(acme, query, mid, told, 3);
      }
      assertThat(found.stream().map(secret -> secret.id().value()).sorted())
          .as(query.toString())
          .isEqualTo(expected);
      if (query.order() == SecretQuery.Order.NAME) {
        assertThat(found.stream().map(secret -> secret.ref().name())).isSorted();
      } else if (query.order() == SecretQuery.Order.EXPIRY) {
        assertThat(found.stream().map(secret -> secret.expiresAt().orElseThrow())).isSorted();
      } else {
        assertThat(found.stream().map(secret -> secret.id().value())).isSorted();
      }
    }
    TenantContext staging = acme.within(Set.of(Environment.STAGING));
    assertThat(secrets.search(staging, all, mid, null, 100))
        .hasSize(8)
        .allMatch(secret -> secret.ref().environment() == Environment.STAGING);
  }

  @Test
  void tagsAreFoundAsTheyAreNow() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    Secret tagged = says(first, SAID);
    assertThat(search(SecretQuery.all().tagged("a:1", "b"))).containsExactly("sec_1");
    Secret other = says(tagged, SAID.withTags(List.of("b", "c")));
    assertThat(search(SecretQuery.all().tagged("a:1"))).isEmpty();
    assertThat(search(SecretQuery.all().tagged("b", "c"))).containsExactly("sec_1");
    assertThat(secrets.destroy(acme, other, samples.event(ACME, "x"))).isTrue();
    addSecret(acme, "sec_1", ref("again"));
    assertThat(search(SecretQuery.all().tagged("b"))).isEmpty();
  }

  private Secret says(Secret before, SecretDescription description) {
    Secret after = VaultSamples.atRevision(before.saying(description, 10), before.revision() + 1);
    assertThat(change(before, after)).isTrue();
    return after;
  }

  @Test
  void expiredVersionsAreToldUntilTheyAreDestroyed() {
    OrganizationId initech = OrganizationId.of("initech");
    addOrganization(initech);
    Secret secret =
        rows.secret(ACME, "sec_1", ref("name"))
            .withNextVersion(false, Optional.of(LATER), Samples.NOW);
    Secret first = addSecret(acme, "sec_1", ref("name"));
    assertThat(
            add(
                acme,
                secret,
                first.revision(),
                version(2, Destination.none(), Optional.of(LATER)),
                samples.event(ACME, "x")))
        .isTrue();
    addSecret(globex, "sec_1", ref("name"));

    assertThat(secrets.organizationsWithExpired(LATER, null, 10)).as("not before").isEmpty();
    Instant after = LATER.plusMillis(1);
    assertThat(secrets.organizationsWithExpired(after, null, 10)).containsExactly(ACME);
    assertThat(secrets.organizationsWithExpired(after, "acme", 10)).isEmpty();
    assertThat(secrets.expired(globex, after, 10)).isEmpty();
    assertThat(secrets.expired(acme, after, 10))
        .containsExactly(new ExpiredVersion(ref("name"), 2));
    mark(mark(secret, 2, State.DELETED), 2, State.DESTROYED);
    assertThat(secrets.organizationsWithExpired(after, null, 10)).isEmpty();
    assertThat(secrets.expired(acme, after, 10)).isEmpty();
  }

  @Test
  void ofManyChangesOfOneRevisionOneWins() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    List<Boolean> won =
        Race.of(
            8,
            i ->
                i % 2 == 0
                    ? change(first, VaultSamples.deleted(first))
                    : secrets.write(acme, marking(first, 1, State.DELETED)));
    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(secrets.find(acme, ref("name")).orElseThrow().revision()).isEqualTo(2);
    assertThat(actions(acme)).hasSize(2);
  }

  @Test
  void anotherTenantsRowsAreNeitherFoundNorChanged() {
    Secret theirs = says2(addSecret(globex, "sec_1", ref("name")));
    List<Object> before = List.of(everythingKept(acme), everythingKept(globex));
    Secret asOurs = rows.secret(ACME, "sec_1", ref("name"));

    assertThat(secrets.findAll(acme, List.of(ref("name")))).isEmpty();
    assertThat(search(SecretQuery.all().tagged("b"))).isEmpty();
    assertThat(search(SecretQuery.all().named("n"))).isEmpty();
    assertThat(change(asOurs, VaultSamples.deleted(asOurs))).isFalse();
    assertThat(secrets.write(acme, marking(asOurs, 1, State.DESTROYED))).isFalse();
    assertThat(secrets.destroy(acme, asOurs, samples.event(ACME, "x"))).isFalse();
    assertThatThrownBy(
            () ->
                secrets.write(
                    acme,
                    SecretWrite.change(
                        theirs, VaultSamples.deleted(theirs), samples.event(ACME, "x"))))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));

    assertThat(List.of(everythingKept(acme), everythingKept(globex))).isEqualTo(before);
  }

  private Secret says2(Secret before) {
    Secret after = VaultSamples.atRevision(before.saying(SAID, 10), before.revision() + 1);
    assertThat(secrets.write(globex, SecretWrite.change(before, after, samples.event(GLOBEX, "x"))))
        .isTrue();
    return after;
  }

  private boolean change(Secret before, Secret after) {
    return secrets.write(acme, SecretWrite.change(before, after, samples.event(ACME, "changed")));
  }

  private SecretWrite marking(Secret before, long number, State state) {
    Secret after = VaultSamples.atRevision(before, before.revision() + 1);
    return SecretWrite.change(before, after, samples.event(ACME, "marked")).marking(number, state);
  }

  private Secret mark(Secret before, long number, State state) {
    SecretWrite write = marking(before, number, state);
    assertThat(secrets.write(acme, write)).isTrue();
    return write.secret();
  }

  private State state(long number) {
    return open(acme, ref("name"), OptionalLong.of(number)).orElseThrow().version().state();
  }

  private List<String> search(SecretQuery query) {
    return secrets.search(acme, query, Samples.NOW, null, 100).stream()
        .map(secret -> secret.id().value())
        .toList();
  }

  private StoredSecretVersion version(
      long number, Destination destination, Optional<Instant> expiresAt) {
    StoredSecretVersion sample = rows.version(ACME, number, "content");
    return new StoredSecretVersion(
        number,
        sample.organizationKeyId(),
        sample.wrappedDataKey(),
        sample.fields(),
        destination.canonical(),
        State.ACTIVE,
        expiresAt,
        "contract",
        Samples.NOW);
  }
}
