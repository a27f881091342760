package io.tenantkit.vault.masterkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseKeyTest {
  private static final byte[] SALT = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
  private static final Argon2idSettings SETTINGS = Argon2idSettings.recommended(SALT);
  private static final String PASSPHRASE = "correct horse battery staple";

  /** Computed by golang.org/x/crypto/argon2, another implementation; kept for ever. */
  private static final String KEY =
      "hex:853b272a44db1421c02962669a55eb0994f3cab385ed1c4c79253eee19bab49e";

  /** RFC 9106 §5.3. */
  @Test
  void theVectorOfTheRfc() {
    Argon2Parameters parameters =
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(32)
            .withIterations(3)
            .withParallelism(4)
            .withSalt(filled(16, 2))
            .withSecret(filled(8, 3))
            .withAdditional(filled(12, 4))
            .build();
    assertThat(PassphraseKey.hash(filled(32, 1), parameters))
        .isEqualTo(
            HexFormat.of()
                .parseHex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
  }

  @Test
  void aPassphraseIsAlwaysTheSameKey() {
    MasterKey key = PassphraseKey.derive(PASSPHRASE.toCharArray(), SETTINGS);
    assertThat(key).isEqualTo(MasterKey.parse(KEY));
    assertThat(key.id()).isEqualTo(MasterKey.parse(KEY).id());
    assertThat(PassphraseKey.parse("passphrase:" + PASSPHRASE, SETTINGS)).isEqualTo(key);
    assertThat(PassphraseKey.parse(KEY, SETTINGS)).as("other forms too").isEqualTo(key);
  }

  @Test
  void anotherSaltOrPassphraseIsAnotherKey() {
    MasterKey key = MasterKey.parse(KEY);
    byte[] otherSalt = SALT.clone();
    otherSalt[15]++;
    assertThat(
            PassphraseKey.derive(PASSPHRASE.toCharArray(), Argon2idSettings.recommended(otherSalt)))
        .isNotEqualTo(key);
    assertThat(PassphraseKey.derive((PASSPHRASE + ".").toCharArray(), SETTINGS)).isNotEqualTo(key);
  }

  /** As typed on a Mac and on a PC; the key by golang.org/x/crypto/argon2. */
  @Test
  void compositionMakesNoDifference() {
    Argon2idSettings settings = Argon2idSettings.of(65_544, 4, 1, SALT);
    MasterKey composed =
        PassphraseKey.derive("Gr\u00fc\u00dfe aus dem S\u00fcden".toCharArray(), settings);
    MasterKey decomposed =
        PassphraseKey.derive("Gru\u0308\u00dfe aus dem Su\u0308den".toCharArray(), settings);
    assertThat(composed).isEqualTo(decomposed);
    assertThat(composed)
        .isEqualTo(
            MasterKey.parse(
                "hex:7839c2bf706606536f6393e9f930582ec3e0e42600c8d419f5c86f287a2559d4"));
  }

  @Test
  void theCallersCharactersAreLeftToTheCaller() {
    char[] mine = PASSPHRASE.toCharArray();
    PassphraseKey.derive(mine, SETTINGS);
    assertThat(mine).containsExactly(PASSPHRASE.toCharArray());
  }

  static List<String> passphrasesOutOfBounds() {
    return List.of(
        "",
        "canary-15-chars",
        "ca\u0301n\u0301a\u0301r\u0301y\u0301-chars",
        "canary canary canary\n",
        "canary canary\tcanary",
        "canary canary canary ",
        " canary canary canary",
        "\u00a0canary canary canary",
        "canary\u0000canary canary",
        "canary canary \ud800 canary",
        "canary canary canary\udc00",
        "cccccccccccccccccccccccc",
        "canary".repeat(171),
        "canary".repeat(1_000));
  }

  @ParameterizedTest
  @MethodSource("passphrasesOutOfBounds")
  void outOfBoundsItIsRefusedWithoutBeingQuoted(String passphrase) {
    for (Throwable thrown :
        List.of(
            catchThrowable(() -> PassphraseKey.derive(passphrase.toCharArray(), SETTINGS)),
            catchThrowable(() -> PassphraseKey.parse("passphrase:" + passphrase, SETTINGS)))) {
      assertThat(thrown)
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
          .hasMessageStartingWith("master key: passphrase: 16 to 1024 characters")
          .hasNoCause();
      assertThat(thrown.getMessage()).doesNotContain("canary", "ccc");
    }
  }

  /** Sixteen characters, each of two chars: counted as people count. */
  @Test
  void charactersOfOtherPlanesCountOnce() {
    assertThat(PassphraseKey.derive("\ud83d\udd11\ud83d\udd12".repeat(8).toCharArray(), SETTINGS))
        .isNotNull();
    assertThat(
            catchThrowable(
                () ->
                    PassphraseKey.derive(
                        ("\ud83d\udd11\ud83d\udd12".repeat(7) + "x").toCharArray(), SETTINGS)))
        .isInstanceOf(TenantkitException.class);
  }

  @Test
  void variablesMayHoldPassphrases() {
    MasterKeys keys =
        MasterKeys.fromEnvironment(
            Map.of(
                "API_KEY_ENCRYPTION_KEY",
                "passphrase:" + PASSPHRASE,
                "API_KEY_ENCRYPTION_KEY_PREVIOUS",
                "raw:another-key-of-32-characters-abc"),
            PassphraseKey.reader(SETTINGS),
            "API_KEY_ENCRYPTION_KEY",
            "API_KEY_ENCRYPTION_KEY_PREVIOUS");
    assertThat(keys.ids()).hasSize(2);
    assertThat(keys.currentId()).isEqualTo(MasterKey.parse(KEY).id());
    assertThat(keys.location()).isEmpty();
    assertThatThrownBy(
            () ->
                MasterKeys.fromEnvironment(
                    Map.of("KEY", "passphrase:canary"), PassphraseKey.reader(SETTINGS), "KEY"))
        .hasMessageStartingWith("environment variable KEY: master key: passphrase: 16 to 1024")
        .hasMessageNotContaining("canary");
  }

  @Test
  void settingsAreWrittenAndReadAsText() {
    assertThat(SETTINGS.text())
        .isEqualTo("$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw")
        .isEqualTo(SETTINGS.toString());
    assertThat(Argon2idSettings.parse(SETTINGS.text()))
        .isEqualTo(SETTINGS)
        .hasSameHashCodeAs(SETTINGS);
    Argon2idSettings dearer = Argon2idSettings.of(1_048_576, 16, 16, new byte[64]);
    assertThat(Argon2idSettings.parse(dearer.text())).isEqualTo(dearer).isNotEqualTo(SETTINGS);
    Argon2idSettings made = Argon2idSettings.generate(new SecureRandom());
    assertThat(made.salt()).hasSize(16).isNotEqualTo(new byte[16]);
    assertThat(Argon2idSettings.generate(new SecureRandom())).isNotEqualTo(made);
    assertThat(made.memoryKib()).isEqualTo(65_536);
    assertThat(made.iterations()).isEqualTo(3);
    assertThat(made.parallelism()).isEqualTo(4);
    made.salt()[0]++;
    assertThat(Argon2idSettings.parse(made.text())).isEqualTo(made);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "correct horse battery staple",
        "$argon2i$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=16$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw==",
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODx",
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$hash",
        "$argon2id$v=19$m=065536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw\n",
        "$argon2id$v=19$t=3,m=65536,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=3,p=4$A",
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0O",
        "$argon2id$v=19$m=65535,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=16777216,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=99999999999,t=3,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=2,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=17,p=4$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=3,p=0$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=65536,t=3,p=17$AAECAwQFBgcICQoLDA0ODw"
      })
  void otherSettingsAreRefused(String text) {
    assertThatThrownBy(() -> Argon2idSettings.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("argon2id")
        .hasMessageNotContaining("horse")
        .hasNoCause();
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
