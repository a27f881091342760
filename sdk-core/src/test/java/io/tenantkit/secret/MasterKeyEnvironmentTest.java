package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterKeyEnvironmentTest {
  private static final String CURRENT = "API_KEY_ENCRYPTION_KEY";
  private static final String OLD = "API_KEY_ENCRYPTION_KEY_PREVIOUS";
  private static final String OLDER = "API_KEY_ENCRYPTION_KEY_PREVIOUS_2";
  private static final String ONE = "raw:Xq7!canary-ABCDEFGHIJKLMNOPQRSTU";
  private static final String TWO = "hex:" + "000102030405060708090a0b0c0d0e0f".repeat(2);

  @Test
  void currentAndPreviousComeFromTheNamedVariables() {
    Map<String, String> environment = Map.of(CURRENT, ONE, OLD, TWO, "OTHER", "raw:x");
    MasterKeys keys = MasterKeys.fromEnvironment(environment, CURRENT, OLD, OLDER);
    assertThat(keys.ids()).containsExactly(MasterKey.parse(ONE).id(), MasterKey.parse(TWO).id());
    assertThat(keys.currentId()).isEqualTo(MasterKey.parse(ONE).id());
    assertThat(keys.location()).as("no file").isEmpty();
    assertThat(MasterKeys.fromEnvironment(environment, OLD).ids())
        .containsExactly(MasterKey.parse(TWO).id());
    assertThat(MasterKeys.fromEnvironment(Map.of(CURRENT, ONE, OLD, ""), CURRENT, OLD).ids())
        .as("an empty variable is as good as none")
        .hasSize(1);
  }

  @Test
  void aMissingCurrentKeyIsRefusedByItsName() {
    for (Map<String, String> environment :
        List.of(Map.of(OLD, TWO), Map.of(CURRENT, "", OLD, TWO))) {
      refused(
          () -> MasterKeys.fromEnvironment(environment, CURRENT, OLD),
          "environment variable " + CURRENT + ": is not set");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Xq7!canary-ABCDEFGHIJKLMNOPQRSTU",
        "raw:Xq7!canary",
        "raw:Xq7!canary-ABCDEFGHIJKLMNOPQRSTU\n",
        "base64:WHE3",
        "hex:5871",
        "passphrase:Xq7!canary-ABCDEFGHIJKLMNOPQRSTU"
      })
  void aTextThatIsNoKeyIsRefusedByFormAndBoundOnly(String text) {
    for (Map<String, String> environment :
        List.of(Map.of(CURRENT, text), Map.of(CURRENT, TWO, OLD, text))) {
      Throwable thrown =
          catchThrowable(() -> MasterKeys.fromEnvironment(environment, CURRENT, OLD));
      assertThat(thrown)
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
          .hasMessageStartingWith("environment variable " + CURRENT)
          .hasMessageContaining("32")
          .hasNoCause();
      assertThat(thrown.getMessage()).doesNotContain("Xq7", "canary", "WHE3", "5871");
    }
  }

  @Test
  void oneKeyTwiceIsRefused() {
    refused(
        () -> MasterKeys.fromEnvironment(Map.of(CURRENT, ONE, OLD, ONE), CURRENT, OLD),
        "master keys: each key once, " + MasterKey.parse(ONE).id() + " is twice");
  }

  /** A host may hand over the variable's text where its name belongs. */
  @ParameterizedTest
  @ValueSource(strings = {ONE, "", "1ST", "A-B", "A B", "Ä"})
  void whatIsNoNameIsNotQuoted(String name) {
    for (String[] previous : new String[][] {{}, {name}}) {
      assertThatThrownBy(
              () ->
                  MasterKeys.fromEnvironment(
                      Map.of(CURRENT, ONE), previous.length == 0 ? name : CURRENT, previous))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "environment variable: a letter or underscore, then at most 127 letters, digits,"
                  + " underscores")
          .hasNoCause();
    }
  }

  @Test
  void aReaderOfMoreFormsIsAsked() {
    MasterKeys keys =
        MasterKeys.fromEnvironment(
            Map.of(CURRENT, "another form", OLD, TWO),
            text -> MasterKey.parse("another form".contentEquals(text) ? ONE : text),
            CURRENT,
            OLD);
    assertThat(keys.ids()).containsExactly(MasterKey.parse(ONE).id(), MasterKey.parse(TWO).id());
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
        .hasMessage(message);
  }
}
