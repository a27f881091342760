package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every storage's {@link OrganizationStore} must do. */
public abstract class OrganizationStoreContract extends StorageContract {
  private static final OrganizationId INITECH = OrganizationId.of("initech");

  private OrganizationStore store;

  @BeforeEach
  final void openStore() {
    store = stores.organizations();
  }

  @Test
  void insertedOrganizationIsFoundByOperatorAndByItsOwnContext() {
    assertThat(store.find(operator, ACME)).contains(samples.organization(ACME, "Name of acme"));
    assertThat(store.find(acme)).contains(samples.organization(ACME, "Name of acme"));
  }

  @Test
  void unknownOrganizationIsNotFound() {
    assertThat(store.find(operator, NOBODY)).isEmpty();
    assertThat(store.find(nobody)).isEmpty();
  }

  @Test
  void insertWritesItsEventIntoTheNewTrail() {
    AuditEvent event = samples.event(INITECH, "organization.added").with("name", "Initech");

    store.insert(operator, samples.organization(INITECH, "Initech"), event);

    assertThat(stores.audit().list(contextOf(INITECH), null, 10)).containsExactly(event);
  }

  @Test
  void insertOfTakenIdIsAConflictAndWritesNothing() {
    List<Object> before = everything(acme);

    assertThatThrownBy(
            () ->
                store.insert(
                    operator,
                    samples.organization(ACME, "Another acme"),
                    samples.event(ACME, "organization.added")))
        .isInstanceOf(ConflictException.class);

    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void updateAtExpectedVersionReplacesTheRowAndWritesTheEvent() {
    Organization before = store.find(acme).orElseThrow();
    Organization after =
        before.withStatus(Organization.Status.SUSPENDED, Samples.NOW.plusNanos(1_000));
    AuditEvent event = samples.event(ACME, "organization.suspended");

    assertThat(store.update(operator, after, 1, event)).isTrue();

    assertThat(store.find(acme)).contains(after);
    assertThat(trail(acme)).containsExactly(event);
    assertThat(store.find(globex)).contains(samples.organization(GLOBEX, "Name of globex"));
  }

  @Test
  void updateAtAnotherVersionIsFalseAndWritesNothing() {
    Organization before = store.find(acme).orElseThrow();
    Organization after = before.withStatus(Organization.Status.SUSPENDED, Samples.NOW);

    assertThat(store.update(operator, after, 0, samples.event(ACME, "organization.suspended")))
        .isFalse();
    assertThat(store.update(operator, after, 2, samples.event(ACME, "organization.suspended")))
        .isFalse();

    assertThat(store.find(acme)).contains(before);
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void updateOfAnUnknownOrganizationIsFalseAndWritesNothing() {
    boolean updated =
        store.update(
            operator,
            samples.organization(NOBODY, "Nobody"),
            1,
            samples.event(NOBODY, "organization.suspended"));

    assertThat(updated).isFalse();
    assertThat(store.find(operator, NOBODY)).isEmpty();
    assertThat(trail(nobody)).isEmpty();
  }

  @Test
  void secondUpdateAtTheSameVersionIsFalse() {
    Organization before = store.find(acme).orElseThrow();
    Organization suspended = before.withStatus(Organization.Status.SUSPENDED, Samples.NOW);
    assertThat(store.update(operator, suspended, 1, samples.event(ACME, "first"))).isTrue();

    assertThat(store.update(operator, suspended, 1, samples.event(ACME, "second"))).isFalse();

    assertThat(actions(acme)).containsExactly("first");
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesComeBackAsTheyWere(String name) {
    store.insert(
        operator,
        samples.organization(INITECH, name),
        samples.event(INITECH, "organization.added"));

    assertThat(store.find(operator, INITECH).orElseThrow().name()).isEqualTo(name);
  }

  static Stream<String> names() {
    return Texts.awkwardNames().stream();
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesComeBackToTheMicrosecond(Instant time) {
    Organization added =
        new Organization(
            INITECH, "Initech", Organization.Status.ACTIVE, Samples.SETTINGS, time, time, 1);
    store.insert(operator, added, samples.event(INITECH, "organization.added"));

    assertThat(store.find(operator, INITECH)).contains(added);
  }

  static Stream<Instant> times() {
    return Texts.awkwardTimes().stream();
  }

  @Test
  void longestIdIsStored() {
    OrganizationId longest = OrganizationId.of("x".repeat(OrganizationId.MAX_LENGTH));
    addOrganization(longest);

    assertThat(store.find(contextOf(longest)).orElseThrow().id()).isEqualTo(longest);
  }

  @Test
  void listGoesByIdInAsciiOrderWhateverTheCollation() {
    List<String> ids =
        new ArrayList<>(List.of("a-b", "a_b", "ab", "a0", "0a", "9", "10", "z", "a", "a--", "a__"));
    ids.forEach(id -> addOrganization(OrganizationId.of(id)));
    ids.add("acme");
    ids.add("globex");
    ids.sort(String::compareTo);

    assertThat(listedIds(null, 100)).isEqualTo(ids);
  }

  @Test
  void pagesOfTwoVisitEveryOrganizationOnce() {
    List.of("b_1", "b-1", "b1", "b", "c").forEach(id -> addOrganization(OrganizationId.of(id)));

    List<String> visited = new ArrayList<>();
    List<String> page = listedIds(null, 2);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(2);
      visited.addAll(page);
      page = listedIds(page.get(page.size() - 1), 2);
    }

    assertThat(visited).containsExactly("acme", "b", "b-1", "b1", "b_1", "c", "globex");
  }

  @Test
  void listStartsAfterAnIdThatNeedNotExist() {
    assertThat(listedIds("acme", 10)).containsExactly("globex");
    assertThat(listedIds("b", 10)).containsExactly("globex");
    assertThat(listedIds("' OR 1=1 --", 10)).containsExactly("acme", "globex");
    assertThat(listedIds("zzz", 10)).isEmpty();
  }

  private List<String> listedIds(String afterId, int limit) {
    return store.list(operator, afterId, limit).stream().map(row -> row.id().value()).toList();
  }

  private static TenantContext contextOf(OrganizationId id) {
    return TenantContext.trusted(id, "contract");
  }
}
