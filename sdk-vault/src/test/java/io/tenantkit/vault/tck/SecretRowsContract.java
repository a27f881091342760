package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Samples;
import io.tenantkit.tck.Texts;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That secrets' rows come back as they were, in order, and belong to the store alone. */
public abstract class SecretRowsContract extends VaultContract {
  private static final int RECORD_OVERHEAD = 256;

  @Test
  void everyByteOfALargestRecordComesBack() {
    byte[] large = new byte[1_048_576 + RECORD_OVERHEAD];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) i;
    }

    StoredSecretVersion opened = stored(version(Map.of("value", large), large));

    assertThat(opened.fields().get("value")).isEqualTo(large);
    assertThat(opened.wrappedDataKey()).isEqualTo(large);
  }

  @Test
  void mostFieldsComeBackUnderTheirOwnNames() {
    Map<String, byte[]> fields = new TreeMap<>();
    for (int i = 0; i < NewSecret.MAX_FIELDS - 2; i++) {
      fields.put(String.format(Locale.ROOT, "field-%02d", i), VaultSamples.bytes("content " + i));
    }
    fields.put("x".repeat(SecretRef.MAX_LENGTH), VaultSamples.bytes("long"));
    fields.put("Field-00", VaultSamples.bytes("another case"));

    StoredSecretVersion opened = stored(version(fields, new byte[] {0, -1, 127, -128}));

    assertThat(opened.fields().keySet()).isEqualTo(fields.keySet());
    fields.forEach((name, bytes) -> assertThat(opened.fields().get(name)).isEqualTo(bytes));
    assertThat(opened.wrappedDataKey()).containsExactly(0, -1, 127, -128);
  }

  @Test
  void arraysHandedInStayTheCallersToChange() {
    byte[] dataKey = VaultSamples.bytes("data key");
    byte[] field = VaultSamples.bytes("field");
    StoredSecretVersion version = version(Map.of("value", field), dataKey);
    create(rows.secret(ACME, "sec_1", ref("name")), version);
    Secret second = rows.changed(rows.secret(ACME, "sec_1", ref("name")));
    add(
        acme,
        second,
        1,
        new StoredSecretVersion(
            2, version.organizationKeyId(), dataKey, version.fields(), "contract", Samples.NOW),
        samples.event(ACME, "x"));

    Arrays.fill(dataKey, (byte) 'x');
    Arrays.fill(field, (byte) 'x');

    for (Object shown : contents(acme, second)) {
      assertThat(shown.toString())
          .contains(hex("data key"))
          .contains(hex("field"))
          .doesNotContain("78787878");
    }
  }

  @Test
  void arraysHandedOutAreTheCallersToWipe() {
    addSecret(acme, "sec_1", ref("name"));
    StoredSecretVersion opened = open(acme, ref("name")).orElseThrow().version();

    Arrays.fill(opened.wrappedDataKey(), (byte) 0);
    opened.fields().values().forEach(bytes -> Arrays.fill(bytes, (byte) 0));

    assertThat(VaultSamples.shown(open(acme, ref("name")).orElseThrow().version()))
        .isEqualTo(VaultSamples.shown(rows.version(ACME, 1, "sec_1")));
  }

  @ParameterizedTest
  @MethodSource("names")
  void actorsComeBackAsTheyWere(String actor) {
    Secret secret = timed("sec_1", actor, Samples.NOW);
    create(secret, rows.version(ACME, 1, "content"));

    assertThat(secrets.find(acme, secret.ref())).contains(secret);
  }

  static Stream<String> names() {
    return Texts.awkwardNames().stream();
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesComeBackToTheMicrosecond(Instant time) {
    Secret secret = timed("sec_1", "contract", time);
    StoredSecretVersion sample = rows.version(ACME, 1, "content");
    StoredSecretVersion version =
        new StoredSecretVersion(
            1,
            sample.organizationKeyId(),
            sample.wrappedDataKey(),
            sample.fields(),
            "contract",
            time);
    create(secret, version);

    assertThat(secrets.find(acme, secret.ref())).contains(secret);
    assertThat(secrets.versions(acme, secret.id()).get(0).createdAt()).isEqualTo(time);
    assertThat(open(acme, secret.ref()).orElseThrow().version().createdAt()).isEqualTo(time);
  }

  static Stream<Instant> times() {
    return Texts.awkwardTimes().stream();
  }

  @Test
  void longestNamesAndAnotherTypeComeBack() {
    String longest = "N".repeat(SecretRef.MAX_LENGTH);
    Secret sample =
        rows.secret(
            ACME,
            "i".repeat(64),
            SecretRef.of("P".repeat(SecretRef.MAX_LENGTH), Environment.STAGING, longest));
    Secret secret =
        Secret.planned(
                sample.id(),
                ACME,
                "prj_1",
                sample.ref(),
                "livekit",
                Actor.host("contract"),
                Samples.NOW)
            .withNextVersion(false, Optional.empty(), Samples.NOW);
    create(secret, rows.version(ACME, 1, "content"));

    assertThat(secrets.find(acme, secret.ref())).contains(secret);
  }

  @Test
  void listGoesByIdInAsciiOrderInPages() {
    List<String> ids = new ArrayList<>(Texts.awkwardIds());
    for (int i = 0; i < ids.size(); i++) {
      addSecret(acme, ids.get(i), ref("name-" + i));
    }
    ids.sort(String::compareTo);

    List<String> visited = new ArrayList<>();
    List<Secret> page = secrets.list(acme, null, 5);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(5);
      page.forEach(secret -> visited.add(secret.id().value()));
      page = secrets.list(acme, visited.get(visited.size() - 1), 5);
    }

    assertThat(visited).isEqualTo(ids);
  }

  @Test
  void listHoldsOnlyTheEnvironmentsInReachAndFillsItsPages() {
    List<Environment> all = List.of(Environment.values());
    for (int i = 0; i < 9; i++) {
      addSecret(acme, "sec_" + i, SecretRef.of("project", all.get(i % 3), "name-" + i));
    }

    TenantContext one = acme.within(Set.of(all.get(1)));
    TenantContext two = acme.within(Set.of(all.get(0), all.get(2)));

    assertThat(listed(one, null, 2)).containsExactly("sec_1", "sec_4");
    assertThat(listed(one, "sec_4", 2)).containsExactly("sec_7");
    assertThat(listed(two, null, 10))
        .containsExactly("sec_0", "sec_2", "sec_3", "sec_5", "sec_6", "sec_8");
    assertThat(listed(acme, null, 10)).hasSize(9);
  }

  private List<String> listed(TenantContext context, String afterId, int limit) {
    return secrets.list(context, afterId, limit).stream().map(s -> s.id().value()).toList();
  }

  private void create(Secret secret, StoredSecretVersion first) {
    assertThat(create(acme, secret, first, samples.event(ACME, "secret.created"))).isTrue();
  }

  private StoredSecretVersion stored(StoredSecretVersion first) {
    create(rows.secret(ACME, "sec_1", ref("name")), first);
    return open(acme, ref("name")).orElseThrow().version();
  }

  private static StoredSecretVersion version(Map<String, byte[]> fields, byte[] dataKey) {
    return new StoredSecretVersion(
        1, VaultSamples.keyId(ACME), dataKey, fields, "contract", Samples.NOW);
  }

  private static Secret timed(String id, String actor, Instant time) {
    return Secret.planned(
            new SecretId(id),
            ACME,
            "prj_project",
            ref("name"),
            Secret.PLAIN,
            Actor.host(actor),
            time)
        .withNextVersion(false, Optional.empty(), time);
  }

  private static String hex(String text) {
    return java.util.HexFormat.of().formatHex(VaultSamples.bytes(text));
  }
}
