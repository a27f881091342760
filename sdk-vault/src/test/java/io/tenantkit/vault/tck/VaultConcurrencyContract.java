package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Eight threads on one vault: of those that want one thing one gets it, the others all do. */
public abstract class VaultConcurrencyContract extends VaultContract {
  private static final int CALLS = 64;

  @Test
  void ofManyCreationsOfOneNameOneWins() {
    List<Boolean> won =
        Race.of(
            CALLS,
            i ->
                create(
                    acme,
                    rows.secret(ACME, numbered(i), ref("name")),
                    rows.version(ACME, 1, "content " + i + " "),
                    samples.event(ACME, "created")));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    int winner = won.indexOf(true);
    Secret kept = secrets.find(acme, ref("name")).orElseThrow();
    assertThat(kept.id().value()).isEqualTo(numbered(winner));
    assertThat(actions(acme)).containsExactly("created");
    assertThat(contents(acme, kept))
        .containsExactly(VaultSamples.shown(rows.version(ACME, 1, "content " + winner + " ")));
  }

  @Test
  void ofManyVersionsAfterOneOneWins() {
    Secret first = addSecret(acme, "sec_1", ref("name"));

    List<Boolean> won =
        Race.of(
            CALLS,
            i ->
                add(
                    acme,
                    rows.changed(first),
                    1,
                    rows.version(ACME, 2, "content " + i + " "),
                    samples.event(ACME, "added")));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(secrets.versions(acme, first.id()).stream().map(SecretVersion::number))
        .containsExactly(1L, 2L);
    assertThat(actions(acme)).containsExactly("secret.created", "added");
    assertThat(contents(acme, rows.changed(first)))
        .endsWith(VaultSamples.shown(rows.version(ACME, 2, "content " + won.indexOf(true) + " ")));
  }

  @Test
  void ofManyFirstKeysOneWins() {
    List<Boolean> won =
        Race.of(
            CALLS,
            i ->
                organizationKeys.insert(
                    acme,
                    rows.organizationKey(2, Samples.hash("key " + i).hex().substring(0, 32)),
                    samples.event(ACME, "added")));

    assertThat(Collections.frequency(won, true)).isEqualTo(1);
    assertThat(organizationKeys.newest(acme).orElseThrow().keyId())
        .isEqualTo(Samples.hash("key " + won.indexOf(true)).hex().substring(0, 32));
    assertThat(actions(acme)).containsExactly("added");
  }

  @Test
  void secretsOfOneNewProjectShareTheProjectThatWasThereFirst() {
    List<Boolean> won =
        Race.of(
            CALLS,
            i -> {
              Secret sample =
                  rows.secret(
                      ACME, numbered(i), SecretRef.of("fresh", Environment.STAGING, "name" + i));
              boolean first =
                  create(
                      acme,
                      VaultSamples.inProject(sample, "prj_" + i),
                      rows.version(ACME, 1, "content"),
                      samples.event(ACME, "created"));
              String there = secrets.findProject(acme, "fresh").orElseThrow();
              return first
                  || create(
                      acme,
                      VaultSamples.inProject(sample, there),
                      rows.version(ACME, 1, "content"),
                      samples.event(ACME, "created"));
            });

    assertThat(won).doesNotContain(false);
    List<Secret> kept = secrets.list(acme, null, 2 * CALLS);
    assertThat(kept).hasSize(CALLS);
    assertThat(kept.stream().map(Secret::projectId).distinct()).hasSize(1);
    assertThat(actions(acme)).hasSize(CALLS);
  }

  @Test
  void eachOpeningHasItsEvent() {
    addSecret(acme, "sec_1", ref("name"));

    List<Boolean> opened = Race.of(CALLS, i -> open(acme, ref("name")).isPresent());

    assertThat(opened).doesNotContain(false);
    assertThat(Collections.frequency(actions(acme), "secret.opened")).isEqualTo(CALLS);
  }

  private static String numbered(int i) {
    return String.format(Locale.ROOT, "sec_%04d", i);
  }
}
