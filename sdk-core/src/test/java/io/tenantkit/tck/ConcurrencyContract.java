package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ConflictException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many threads on one storage: of those that want one thing one gets it, the others all do. */
public abstract class ConcurrencyContract extends StorageContract {
  private static final int CALLS = 100;

  private ApiKeyStore keys;

  @BeforeEach
  final void openStore() {
    keys = stores.apiKeys();
  }

  @Test
  void ofManyRotationsOfOneKeyOneWins() {
    StoredApiKey old = addKey(acme, "key_old");

    List<Boolean> won =
        Race.of(
            CALLS,
            CALLS,
            i -> {
              StoredApiKey successor = samples.key(ACME, numbered("key_next", i));
              return keys.rotate(
                  acme,
                  samples.retired(old, successor.key().id()),
                  1,
                  successor,
                  samples.event(ACME, "rotated"));
            });

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    ApiKeyId winner = ApiKeyId.of(numbered("key_next", won.indexOf(true)));
    assertThat(keyIds(acme)).containsExactly(winner.value(), "key_old");
    assertThat(stored(acme, old).key().successor()).contains(winner);
    assertThat(actions(acme)).containsExactly("key.added", "rotated");
  }

  @Test
  void ofManyInsertsOfOneHashOneWinsAcrossOrganizations() {
    KeyHash hash = Samples.hash("contended");

    List<Boolean> won =
        Race.of(
            CALLS,
            i -> {
              TenantContext context = i % 2 == 0 ? acme : globex;
              OrganizationId organization = context.organization();
              return inserted(context, samples.key(organization, numbered("key", i), hash));
            });

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(keyIds(acme).size() + keyIds(globex).size()).isEqualTo(1);
    assertThat(actions(acme).size() + actions(globex).size()).isEqualTo(1);
    assertThat(keys.lookup(hash).orElseThrow().key().id().value())
        .isEqualTo(numbered("key", won.indexOf(true)));
  }

  @Test
  void ofManyInsertsOfOneIdOneWins() {
    List<Boolean> won =
        Race.of(
            CALLS,
            i -> inserted(acme, samples.key(ACME, "key_same", Samples.hash("contended" + i))));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(keyIds(acme)).containsExactly("key_same");
    assertThat(found(Samples.hash("contended" + won.indexOf(true)))).isTrue();
    assertThat(actions(acme)).containsExactly("added");
  }

  @Test
  void ofManyUpdatesAtOneVersionOneWins() {
    StoredApiKey before = addKey(acme, "key_1");

    List<Boolean> won =
        Race.of(
            CALLS,
            i ->
                keys.update(
                    acme,
                    samples.renamed(before, "name " + i),
                    1,
                    samples.event(ACME, "update " + i)));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    int winner = won.indexOf(true);
    assertThat(stored(acme, before).key().name()).isEqualTo("name " + winner);
    assertThat(actions(acme)).containsExactly("key.added", "update " + winner);
  }

  @Test
  void ofManyOrganizationsOfOneIdOneWins() {
    OrganizationId id = OrganizationId.of("initech");

    List<Boolean> won =
        Race.of(
            CALLS,
            i -> {
              try {
                stores
                    .organizations()
                    .insert(
                        operator,
                        samples.organization(id, "Initech " + i),
                        samples.event(id, "added"));
                return true;
              } catch (ConflictException e) {
                return false;
              }
            });

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(stores.organizations().find(operator, id).orElseThrow().name())
        .isEqualTo("Initech " + won.indexOf(true));
    assertThat(actions(TenantContext.trusted(id, "contract"))).containsExactly("added");
  }

  @Test
  void ofManyUpdatesOfOneOrganizationAtOneVersionOneWins() {
    Organization before = stores.organizations().find(acme).orElseThrow();

    List<Boolean> won =
        Race.of(
            CALLS,
            i ->
                stores
                    .organizations()
                    .update(
                        operator,
                        before.withStatus(
                            Organization.Status.SUSPENDED, Samples.NOW.plusSeconds(i)),
                        1,
                        samples.event(ACME, "suspended")));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(stores.organizations().find(acme).orElseThrow().updatedAt())
        .isEqualTo(Samples.NOW.plusSeconds(won.indexOf(true)));
    assertThat(actions(acme)).containsExactly("suspended");
  }

  @Test
  void unrelatedInsertsOfTwoTenantsAllLand() {
    List<Boolean> won =
        Race.of(
            2 * CALLS,
            i -> {
              TenantContext context = i % 2 == 0 ? acme : globex;
              return inserted(context, samples.key(context.organization(), numbered("key", i)));
            });

    assertThat(won).doesNotContain(false);
    assertThat(keyIds(acme)).hasSize(CALLS);
    assertThat(keyIds(globex)).hasSize(CALLS);
    assertThat(actions(acme)).hasSize(CALLS).containsOnly("added");
    assertThat(actions(globex)).hasSize(CALLS).containsOnly("added");
  }

  @Test
  void eachAcknowledgedChangeHasItsOneEventAndNoOther() {
    StoredApiKey contended = addKey(acme, "key_contended");
    Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
    acknowledged.add(trail(acme).get(0).id());

    Race.of(
        4 * CALLS,
        i -> {
          AuditEvent event = samples.event(ACME, "change");
          boolean done =
              switch (i % 4) {
                case 0 -> tryInsert(samples.key(ACME, numbered("key", i / 8)), event);
                case 1 ->
                    keys.update(
                        acme,
                        samples.renamed(stored(acme, contended), "name " + i),
                        1 + i % 3,
                        event);
                case 2 -> renamedOnce(contended, "name " + i, event);
                default -> {
                  stores.audit().append(acme, event);
                  yield true;
                }
              };
          if (done) {
            acknowledged.add(event.id());
          }
          return done;
        });

    List<String> written = trail(acme).stream().map(AuditEvent::id).toList();
    assertThat(written).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(acknowledged);
    long changes = stored(acme, contended).key().version() - 1;
    assertThat(changes).isPositive();
  }

  @Test
  void readersSeeARotationWholeOrNotAtAll() {
    StoredApiKey old = addKey(acme, "key_old");
    StoredApiKey successor = samples.key(ACME, "key_next");

    List<Boolean> consistent =
        Race.of(
            CALLS,
            i -> {
              if (i == CALLS / 2) {
                return keys.rotate(
                    acme,
                    samples.retired(old, successor.key().id()),
                    1,
                    successor,
                    samples.event(ACME, "rotated"));
              }
              List<StoredApiKey> seen = keys.list(acme, null, 10);
              boolean retired = seen.stream().anyMatch(row -> row.key().successor().isPresent());
              return seen.size() == (retired ? 2 : 1);
            });

    assertThat(consistent).doesNotContain(false);
  }

  private boolean renamedOnce(StoredApiKey key, String name, AuditEvent event) {
    StoredApiKey now = stored(acme, key);
    return keys.update(acme, samples.renamed(now, name), now.key().version(), event);
  }

  private boolean inserted(TenantContext context, StoredApiKey key) {
    try {
      keys.insert(context, key, samples.event(context.organization(), "added"));
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }

  private boolean tryInsert(StoredApiKey key, AuditEvent event) {
    try {
      keys.insert(acme, key, event);
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }

  private static String numbered(String stem, int number) {
    return String.format(Locale.ROOT, "%s_%04d", stem, number);
  }
}
