package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Actor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every storage's {@link AuditStore} must do. */
public abstract class AuditStoreContract extends StorageContract {
  private AuditStore store;

  @BeforeEach
  final void openStore() {
    store = stores.audit();
  }

  @Test
  void appendedEventComesBackWhole() {
    AuditEvent event =
        samples
            .event(ACME, "secret.revealed")
            .with("name", "livekit")
            .with("empty", "")
            .with("quotes", "a \"b\" 'c' \\ \t \n \r {} [] ${x} \uD83D\uDE80");

    store.append(acme, event);

    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void mostAndLongestDetailsComeBack() {
    Map<String, String> details = new TreeMap<>();
    for (int i = 0; i < AuditEvent.MAX_DETAILS; i++) {
      details.put("detail" + i, "\u6771".repeat(AuditEvent.MAX_DETAIL_LENGTH));
    }
    AuditEvent event = event("evt_full", Samples.NOW, Actor.host("contract"), details);

    store.append(acme, event);

    assertThat(trail(acme)).containsExactly(event);
  }

  @ParameterizedTest
  @MethodSource("names")
  void detailsAndActorsComeBackAsTheyWere(String text) {
    AuditEvent event =
        event("evt_text", Samples.NOW, Actor.host(text), Map.of("name", text, text, "value"));

    store.append(acme, event);

    assertThat(trail(acme)).containsExactly(event);
  }

  static Stream<String> names() {
    return Texts.awkwardNames().stream();
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesComeBackToTheMicrosecond(Instant time) {
    AuditEvent event = event("evt_time", time, Actor.host("contract"), Map.of());

    store.append(acme, event);

    assertThat(trail(acme)).containsExactly(event);
  }

  static Stream<Instant> times() {
    return Texts.awkwardTimes().stream();
  }

  @ParameterizedTest
  @EnumSource(Actor.Kind.class)
  void everyKindOfActorComesBack(Actor.Kind kind) {
    AuditEvent event = event("evt_kind", Samples.NOW, new Actor(kind, "somebody"), Map.of());

    store.append(acme, event);

    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void mapHandedInStaysTheCallersToChange() {
    Map<String, String> details = new TreeMap<>(Map.of("name", "before"));
    AuditEvent event = event("evt_map", Samples.NOW, Actor.host("contract"), details);
    store.append(acme, event);

    details.put("name", "after");

    assertThat(trail(acme).get(0).details()).containsOnly(Map.entry("name", "before"));
  }

  @Test
  void appendForAnUnknownOrganizationIsNotFoundAndWritesNothing() {
    assertThatThrownBy(() -> store.append(nobody, samples.event(NOBODY, "secret.revealed")))
        .isInstanceOf(NotFoundException.class);

    assertThat(store.list(nobody, null, 10)).isEmpty();
  }

  @Test
  void eventIsNeverReplacedByAnotherOfTheSameId() {
    AuditEvent first = event("evt_same", Samples.NOW, Actor.host("first"), Map.of());
    store.append(acme, first);

    assertThatThrownBy(
            () ->
                store.append(
                    acme, event("evt_same", Samples.NOW, Actor.host("second"), Map.of("x", "y"))))
        .isInstanceOf(TenantkitException.class);

    assertThat(trail(acme)).containsExactly(first);
  }

  @Test
  void mutationWhoseEventCannotBeWrittenIsNotDone() {
    AuditEvent first = event("evt_same", Samples.NOW, Actor.host("first"), Map.of());
    store.append(acme, first);
    StoredApiKey old = addKey(acme, "key_1");
    StoredApiKey key = samples.key(ACME, "key_2");
    List<Object> before = everything(acme);
    AuditEvent same = event("evt_same", Samples.NOW, Actor.host("second"), Map.of());

    assertThatThrownBy(() -> stores.apiKeys().insert(acme, key, same))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> stores.apiKeys().update(acme, samples.renamed(old, "n"), 1, same))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(
            () -> stores.apiKeys().rotate(acme, samples.retired(old, key.key().id()), 1, key, same))
        .isInstanceOf(TenantkitException.class);

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(found(key.hash())).isFalse();
  }

  @Test
  void pagesGoByTheOrderOfCommitsWhateverTheIds() {
    List<String> ids = Texts.awkwardIds();
    for (String id : ids) {
      store.append(acme, event(id, Samples.NOW, Actor.host("contract"), Map.of()));
    }

    List<String> visited = new ArrayList<>();
    List<AuditRecord> page = store.records(acme, 0, 5);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(5);
      page.forEach(row -> visited.add(row.event().id()));
      page = store.records(acme, page.get(page.size() - 1).seq(), 5);
    }

    visited.removeIf(id -> id.startsWith("evt_"));
    assertThat(visited).isEqualTo(ids);
  }

  @Test
  void manyEventsOfOneTimeKeepTheOrderInWhichTheyWereWritten() {
    for (int i = 0; i < 50; i++) {
      store.append(acme, samples.event(ACME, "step" + i));
    }

    assertThat(actions(acme))
        .isEqualTo(Stream.iterate(0, i -> i + 1).limit(50).map(i -> "step" + i).toList());
  }

  private static AuditEvent event(String id, Instant at, Actor actor, Map<String, String> details) {
    return new AuditEvent(id, ACME, at, actor, "sample.done", "sample", "sample-1", details);
  }
}
