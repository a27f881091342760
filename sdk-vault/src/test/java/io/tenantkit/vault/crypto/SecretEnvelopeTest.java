package io.tenantkit.vault.crypto;

import static io.tenantkit.secret.Rejections.assertRejected;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.KeyLayer;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretEnvelopeTest {
  private static final SecretAccess ACCESS = SecretAccess.get();
  private static final SecretVersionId ID =
      new SecretVersionId("acme", "billing", "production", "stripe", 1);
  private static final AssociatedData HERE = AssociatedData.of(ID);

  private final SecureRandom random = new SecureRandom();
  private final SealingKeys keys = SealingKeys.create();
  private final OrganizationKeyEnvelope organizationKeys =
      OrganizationKeyEnvelope.of(
          keys, MasterKeys.of(MasterKey.parse("raw:abcdefghijklmnopqrstuvwxyz012345")), random);
  private final SealingKey acme = organizationKeys.open(organizationKeys.generate("acme", 1));
  private final SecretEnvelope envelope = SecretEnvelope.of(keys, random);
  private final SealedVersion sealed = envelope.seal(acme, HERE, credentials("sk-1"));

  @Test
  void opensWhatItSealed() {
    Map<String, SecretValue> opened = envelope.openAll(acme, HERE, sealed);
    assertThat(opened).containsExactlyEntriesOf(credentials("sk-1"));
    assertThat(opened.keySet()).containsExactly("api_key", "api_secret");
    assertThat(envelope.open(acme, HERE, sealed, "api_secret").string(ACCESS))
        .isEqualTo("sk-1-secret");
    assertThatThrownBy(() -> envelope.open(acme, HERE, sealed, "password"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("field: one of the version's fields");
  }

  @Test
  void recordsAreAtTheirLayersUnderTheirKeys() {
    assertThat(sealed.wrappedDataKey()).hasSize(78 + 48);
    assertThat(sealed.wrappedDataKey()[1]).isEqualTo(KeyLayer.ORGANIZATION.code());
    assertThat(SealingKey.keyIdOf(sealed.wrappedDataKey())).isEqualTo(acme.id());
    byte[] dataKeyId = SealingKey.keyIdOf(sealed.fields().get("api_key"));
    assertThat(SealingKey.keyIdOf(sealed.fields().get("api_secret"))).isEqualTo(dataKeyId);
    assertThat(sealed.fields().get("api_key")[1]).isEqualTo(KeyLayer.DATA.code());
    SealedVersion again = envelope.seal(acme, HERE, credentials("sk-1"));
    assertThat(SealingKey.keyIdOf(again.fields().get("api_key")))
        .as("a data key of its own for each version")
        .isNotEqualTo(dataKeyId);
  }

  @Test
  void everyFlippedBitAndCutIsRejectedOnBothLayers() {
    byte[] wrapped = sealed.wrappedDataKey();
    byte[] field = sealed.fields().get("api_key");
    for (int bit = 0; bit < wrapped.length * 8; bit++) {
      SealedVersion changed = sealed.withWrappedDataKey(flip(wrapped, bit));
      assertRejected("data key", () -> envelope.open(acme, HERE, changed, "api_key"));
      assertRejected("data key, all", () -> envelope.openAll(acme, HERE, changed));
      assertRejected("data key, rewrap", () -> envelope.rewrap(acme, acme, HERE, changed));
    }
    for (int bit = 0; bit < field.length * 8; bit++) {
      SealedVersion changed = withField(sealed, "api_key", flip(field, bit));
      assertRejected("field", () -> envelope.open(acme, HERE, changed, "api_key"));
      assertRejected("field, all", () -> envelope.openAll(acme, HERE, changed));
      assertThat(envelope.open(acme, HERE, changed, "api_secret").length()).isPositive();
    }
    for (int length = 0; length < wrapped.length; length++) {
      SealedVersion changed = sealed.withWrappedDataKey(Arrays.copyOf(wrapped, length));
      assertRejected("cut data key", () -> envelope.open(acme, HERE, changed, "api_key"));
    }
    for (int length = 0; length < field.length; length++) {
      SealedVersion changed = withField(sealed, "api_key", Arrays.copyOf(field, length));
      assertRejected("cut field", () -> envelope.open(acme, HERE, changed, "api_key"));
    }
  }

  /** With the right key in hand, any one other id is enough: on the data key and on the field. */
  @Test
  void everyPartOfTheAssociatedDataCounts() {
    Map<String, AssociatedData> elsewhere = new LinkedHashMap<>();
    elsewhere.put("organization", at("globex", "billing", "production", "stripe", 1));
    elsewhere.put("project", at("acme", "billing2", "production", "stripe", 1));
    elsewhere.put("environment", at("acme", "billing", "development", "stripe", 1));
    elsewhere.put("secret", at("acme", "billing", "production", "stripe2", 1));
    elsewhere.put("case", at("acme", "billing", "production", "Stripe", 1));
    elsewhere.put("version", at("acme", "billing", "production", "stripe", 2));
    elsewhere.put("binding", HERE.withBinding("api.stripe.com".getBytes(UTF_8)));
    elsewhere.put("shifted", at("acmeb", "illing", "production", "stripe", 1));
    SealingKey data = dataKeyOf(sealed, HERE);
    byte[] field = sealed.fields().get("api_key");
    assertThat(data.open(field, HERE.forField("api_key"))).isNotEmpty();
    elsewhere.forEach(
        (what, there) -> {
          assertRejected(what, () -> envelope.open(acme, there, sealed, "api_key"));
          assertRejected(what, () -> envelope.rewrap(acme, acme, there, sealed));
          // The outer layer alone would have stopped all of the above; so each layer by itself:
          assertRejected(
              what + ", data key",
              () -> acme.open(sealed.wrappedDataKey(), there.forDataKey(sealed.fields().keySet())));
          assertRejected(what + ", field", () -> data.open(field, there.forField("api_key")));
        });
    assertRejected("field name", () -> data.open(field, HERE.forField("api_secret")));
    assertRejected(
        "the other layer's", () -> data.open(field, HERE.forDataKey(sealed.fields().keySet())));
    AssociatedData bound = HERE.withBinding("api.stripe.com".getBytes(UTF_8));
    SealedVersion boundVersion = envelope.seal(acme, bound, credentials("sk-2"));
    assertThat(envelope.openAll(acme, bound, boundVersion)).hasSize(2);
    assertRejected("unbound", () -> envelope.openAll(acme, HERE, boundVersion));
  }

  /** The fields that are there still open by themselves; what is missing or new must be noticed. */
  @Test
  void aFieldTakenAwayOrAddedIsRejected() {
    Map<String, byte[]> fewer = new LinkedHashMap<>(sealed.fields());
    fewer.remove("api_key");
    Map<String, byte[]> more = new LinkedHashMap<>(sealed.fields());
    more.put("extra", sealed.fields().get("api_key"));
    assertThat(fewer).isNotEmpty();
    for (Map<String, byte[]> changed : List.of(fewer, more)) {
      SealedVersion version = new SealedVersion(sealed.wrappedDataKey(), changed);
      assertRejected("fields " + changed.keySet(), () -> envelope.openAll(acme, HERE, version));
      String left = fewer.keySet().iterator().next();
      assertRejected("one of them", () -> envelope.open(acme, HERE, version, left));
    }
  }

  /** Whatever is swapped between two places that one forger can write to, nothing opens wrongly. */
  @Test
  void rowsSwappedBetweenTenantsSecretsVersionsFieldsAndLayers() {
    SealingKey globex = organizationKeys.open(organizationKeys.generate("globex", 1));
    record Place(SealingKey key, AssociatedData at, SealedVersion sealed) {}
    List<Place> places = new ArrayList<>();
    for (AssociatedData there :
        List.of(
            HERE,
            at("acme", "billing", "production", "stripe", 2),
            at("acme", "billing", "production", "other", 1),
            at("acme", "billing", "staging", "stripe", 1),
            at("globex", "billing", "production", "stripe", 1))) {
      SealingKey key = there.id().organization().equals("globex") ? globex : acme;
      places.add(new Place(key, there, envelope.seal(key, there, credentials("sk-1"))));
    }
    for (Place a : places) {
      for (Place b : places) {
        if (a.at.equals(b.at)) {
          assertThat(envelope.openAll(a.key, a.at, a.sealed)).hasSize(2);
          continue;
        }
        assertRejected("whole row", () -> envelope.openAll(a.key, a.at, b.sealed));
        SealedVersion theirDataKey = a.sealed.withWrappedDataKey(b.sealed.wrappedDataKey());
        assertRejected("data key", () -> envelope.openAll(a.key, a.at, theirDataKey));
        SealedVersion theirField = withField(a.sealed, "api_key", b.sealed.fields().get("api_key"));
        assertRejected("field", () -> envelope.open(a.key, a.at, theirField, "api_key"));
      }
    }
    byte[] apiKey = sealed.fields().get("api_key");
    SealedVersion fieldsSwapped =
        withField(
            withField(sealed, "api_key", sealed.fields().get("api_secret")), "api_secret", apiKey);
    assertRejected("fields", () -> envelope.open(acme, HERE, fieldsSwapped, "api_key"));
    assertRejected("fields", () -> envelope.open(acme, HERE, fieldsSwapped, "api_secret"));
    SealedVersion layersSwapped =
        withField(sealed, "api_key", sealed.wrappedDataKey()).withWrappedDataKey(apiKey);
    assertRejected("layers", () -> envelope.open(acme, HERE, layersSwapped, "api_key"));
  }

  @Test
  void rewrapMovesTheDataKeyOnly() {
    SealingKey next = organizationKeys.open(organizationKeys.generate("acme", 2));
    SealedVersion moved = envelope.rewrap(acme, next, HERE, sealed);
    assertThat(SealingKey.keyIdOf(moved.wrappedDataKey())).isEqualTo(next.id());
    assertThat(moved.fields().get("api_key")).isEqualTo(sealed.fields().get("api_key"));
    assertThat(envelope.openAll(next, HERE, moved)).containsExactlyEntriesOf(credentials("sk-1"));
    assertRejected("old key", () -> envelope.openAll(acme, HERE, moved));
    assertRejected("new key, old row", () -> envelope.openAll(next, HERE, sealed));
  }

  @Test
  void boundsAreRefusedBeforeAnythingIsSealed() {
    Map<String, SecretValue> many = new HashMap<>();
    for (int i = 0; i < 65; i++) {
      many.put("field" + i, SecretValue.of("x"));
    }
    for (Map<String, SecretValue> bad : List.of(Map.<String, SecretValue>of(), many)) {
      assertThatThrownBy(() -> envelope.seal(acme, HERE, bad))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("fields: 1 to 64");
    }
    assertThatThrownBy(() -> envelope.seal(acme, HERE, Map.of("", SecretValue.of("x"))))
        .hasMessage("field: 1 to 256 bytes of UTF-8");
    SealingKey wrongLayer = dataKeyOf(sealed, HERE);
    String bound = "organization key: a key of the organization layer";
    assertThatThrownBy(() -> envelope.seal(wrongLayer, HERE, credentials("x"))).hasMessage(bound);
    assertThatThrownBy(() -> envelope.openAll(wrongLayer, HERE, sealed)).hasMessage(bound);
    assertThatThrownBy(() -> envelope.rewrap(acme, wrongLayer, HERE, sealed)).hasMessage(bound);
    assertThatThrownBy(() -> envelope.rewrap(wrongLayer, acme, HERE, sealed)).hasMessage(bound);
    acme.close();
    assertThatThrownBy(() -> envelope.openAll(acme, HERE, sealed))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void largestAndEmptyValues() {
    SecretValue large = SecretValue.takeOver(new byte[1_048_576]);
    Map<String, SecretValue> values = Map.of("large", large, "empty", SecretValue.of(""));
    SealedVersion version = envelope.seal(acme, HERE, values);
    assertThat(envelope.openAll(acme, HERE, version)).isEqualTo(values);
  }

  @Test
  void aSealedVersionKeepsItsArraysToItself() {
    SealedVersion copy = new SealedVersion(sealed.wrappedDataKey(), sealed.fields());
    assertThat(copy).isEqualTo(sealed).hasSameHashCodeAs(sealed);
    Arrays.fill(copy.wrappedDataKey(), (byte) 0);
    copy.fields().values().forEach(record -> Arrays.fill(record, (byte) 0));
    copy.fields().clear();
    assertThat(copy).isEqualTo(sealed);
    assertThat(copy).hasToString("SealedVersion[api_key, api_secret]");
  }

  private SealingKey dataKeyOf(SealedVersion version, AssociatedData at) {
    byte[] unwrapped =
        acme.open(version.wrappedDataKey(), at.forDataKey(version.fields().keySet()));
    return keys.key(
        KeyLayer.DATA, Arrays.copyOf(unwrapped, 16), Arrays.copyOfRange(unwrapped, 16, 48));
  }

  private static Map<String, SecretValue> credentials(String start) {
    Map<String, SecretValue> fields = new LinkedHashMap<>();
    fields.put("api_key", SecretValue.of(start + "-key"));
    fields.put("api_secret", SecretValue.of(start + "-secret"));
    return fields;
  }

  private static AssociatedData at(
      String organization, String project, String environment, String secret, long version) {
    return AssociatedData.of(
        new SecretVersionId(organization, project, environment, secret, version));
  }

  private static SealedVersion withField(SealedVersion version, String name, byte[] record) {
    Map<String, byte[]> fields = version.fields();
    fields.put(name, record);
    return new SealedVersion(version.wrappedDataKey(), fields);
  }

  private static byte[] flip(byte[] bytes, int bit) {
    byte[] flipped = bytes.clone();
    flipped[bit / 8] ^= (byte) (1 << bit % 8);
    return flipped;
  }
}
