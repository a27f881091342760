package io.tenantkit.secret;

import static io.tenantkit.secret.Rejections.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class MasterKeysTest {
  private final SecureRandom random = new SecureRandom();
  private final MasterKey first = key(1);
  private final MasterKey second = key(2);
  private final byte[] organizationKey = "thirty-two bytes of a tenant key".getBytes(US_ASCII);
  private final byte[] acme = "acme".getBytes(US_ASCII);

  private static final java.nio.charset.Charset US_ASCII = StandardCharsets.US_ASCII;

  @Test
  void theCurrentKeyWrapsAndAnyKeyUnwraps() {
    MasterKeys before = MasterKeys.of(first);
    MasterKeys during = MasterKeys.of(second, first);
    MasterKeys after = MasterKeys.of(second);
    byte[] old = before.wrap(organizationKey, acme, random);
    byte[] fresh = during.wrap(organizationKey, acme, random);

    assertThat(during.unwrap(old, acme)).isEqualTo(organizationKey);
    assertThat(during.unwrap(fresh, acme)).isEqualTo(organizationKey);
    assertThat(after.unwrap(fresh, acme)).isEqualTo(organizationKey);
    assertRejected("unknown key", () -> after.unwrap(old, acme));
    assertRejected("unknown key", () -> before.unwrap(fresh, acme));
    assertRejected("other organization", () -> during.unwrap(old, "globex".getBytes(US_ASCII)));
    assertRejected("no record", () -> during.unwrap(new byte[0], acme));
    for (int bit = 0; bit < old.length * 8; bit++) {
      byte[] flipped = old.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertRejected("bit " + bit, () -> during.unwrap(flipped, acme));
    }
    byte[] idSwapped = old.clone();
    System.arraycopy(fresh, 2, idSwapped, 2, 16);
    assertRejected("the other key's id", () -> during.unwrap(idSwapped, acme));
  }

  @Test
  void idsAndCheckValuesAreThoseOfTheKeys() {
    MasterKeys keys = MasterKeys.of(second, first);
    assertThat(keys.currentId()).isEqualTo(second.id());
    assertThat(keys.ids()).containsExactly(second.id(), first.id());
    assertThat(keys.checkValue(first.id())).isEqualTo(first.checkValue());
    assertThat(keys.checkValue(second.id())).isEqualTo(second.checkValue()).hasSize(64);
    assertThat(keys.location()).isEmpty();
    assertThatThrownBy(() -> keys.checkValue("mk-0000000000000000"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("master key id: one of " + keys.ids());
    assertThat(keys).hasToString("MasterKeys[" + second.id() + ", " + first.id() + ", redacted]");
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    assertThatThrownBy(() -> MasterKeys.of(first, second, key(1)))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
        .hasMessageContaining(first.id());
  }

  private static MasterKey key(int seed) {
    byte[] bytes = new byte[32];
    new FixedRandom(seed).nextBytes(bytes);
    return MasterKey.of(bytes);
  }
}
