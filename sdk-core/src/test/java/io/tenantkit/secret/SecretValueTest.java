package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SecretValueTest {
  private static final SecretAccess ACCESS = SecretAccess.get();

  @Test
  void givesBackWhatWentIn() {
    String text = "grüße, 秘密 🔑";
    try (SecretValue value = SecretValue.of(text)) {
      assertThat(value.string(ACCESS)).isEqualTo(text);
      assertThat(value.bytes(ACCESS)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
      assertThat(value.length()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
    }
    assertThat(SecretValue.of("").length()).isZero();
    assertThat(SecretValue.of("").string(ACCESS)).isEmpty();
  }

  @Test
  void copiesInAndOut() {
    byte[] mine = {1, 2, 3};
    SecretValue value = SecretValue.copyOf(mine);
    mine[0] = 9;
    value.bytes(ACCESS)[1] = 9;
    assertThat(value.bytes(ACCESS)).containsExactly(1, 2, 3);
  }

  @Test
  void closeWipesTheArrayItself() {
    byte[] given = {1, 2, 3};
    SecretValue value = SecretValue.takeOver(given);
    assertThat(value.bytes(ACCESS)).containsExactly(1, 2, 3);
    value.close();
    value.close();
    assertThat(given).containsOnly(0);
    assertThatThrownBy(() -> value.bytes(ACCESS)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> value.string(ACCESS)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(value::length).isInstanceOf(IllegalStateException.class);
    assertThat(value).hasToString("SecretValue[redacted]");
  }

  @Test
  void equalityIsOfTheBytesUntilClosed() {
    SecretValue a = SecretValue.of("same");
    SecretValue b = SecretValue.copyOf("same".getBytes(StandardCharsets.UTF_8));
    SecretValue other = SecretValue.of("Same");
    assertThat(a.equals(b)).isTrue();
    assertThat(a.equals(other)).isFalse();
    assertThat(a.equals(SecretValue.of("same1"))).isFalse();
    assertThat(a.equals(null)).isFalse();
    assertThat(a.hashCode()).isEqualTo(b.hashCode()).isEqualTo(other.hashCode());
    b.close();
    SecretValue empty = SecretValue.of("");
    SecretValue alsoClosed = SecretValue.of("x");
    alsoClosed.close();
    assertThat(a.equals(b)).isFalse();
    assertThat(b.equals(a)).isFalse();
    assertThat(b.equals(b)).isTrue();
    assertThat(b.equals(alsoClosed)).isFalse();
    assertThat(empty.equals(b)).isFalse();
    assertThat(b.equals(empty)).isFalse();
  }

  @Test
  void boundsAreStated() {
    assertThat(SecretValue.takeOver(new byte[1_048_576]).length()).isEqualTo(1_048_576);
    byte[] tooLong = new byte[1_048_577];
    Arrays.fill(tooLong, (byte) 'x');
    String bound = "secret: at most 1048576 bytes";
    assertThatThrownBy(() -> SecretValue.copyOf(tooLong))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(bound);
    assertThatThrownBy(() -> SecretValue.takeOver(tooLong)).hasMessage(bound);
    assertThat(tooLong).as("refused, but given away: wiped").containsOnly(0);
    assertThatThrownBy(() -> SecretValue.of("x".repeat(1_048_577))).hasMessage(bound);
    assertThatThrownBy(() -> SecretValue.of("ä".repeat(524_289))).hasMessage(bound);
    assertThat(SecretValue.of("ä".repeat(524_288)).length()).isEqualTo(1_048_576);
  }

  @Test
  void nothingIsMangledSilently() {
    assertThatThrownBy(() -> SecretValue.of("half \ud83d pair"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("secret: well-formed Unicode text");
    assertThatThrownBy(() -> SecretValue.of("half pair \ud83d"))
        .isInstanceOf(InvalidInputException.class);
    SecretValue binary = SecretValue.copyOf(new byte[] {(byte) 0xff, 1});
    assertThatThrownBy(() -> binary.string(ACCESS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the secret is not UTF-8 text; read it as bytes");
    assertThat(binary.bytes(ACCESS)).containsExactly(0xff, 1);
  }

  @Test
  @SuppressWarnings({"DataFlowIssue", "NullAway"})
  void plaintextNeedsTheToken() {
    SecretValue value = SecretValue.of("x");
    assertThatThrownBy(() -> value.bytes(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> value.string(null)).isInstanceOf(NullPointerException.class);
  }
}
