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
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OrganizationKeyEnvelopeTest {
  private static final byte[] AAD = "aad".getBytes(UTF_8);
  private static final byte[] PLAIN = "plain".getBytes(UTF_8);

  private final SecureRandom random = new SecureRandom();
  private final MasterKey oldMaster = MasterKey.parse("raw:abcdefghijklmnopqrstuvwxyz012345");
  private final MasterKey newMaster = MasterKey.parse("raw:another-master-key-32-characters");
  private final OrganizationKeyEnvelope envelope = over(MasterKeys.of(oldMaster));
  private final WrappedOrganizationKey wrapped = envelope.generate("acme", 7);

  @Test
  void generatesADifferentKeyEachTime() {
    SealingKey key = envelope.open(wrapped);
    assertThat(key.layer()).isEqualTo(KeyLayer.ORGANIZATION);
    assertThat(key.id()).isEqualTo(wrapped.keyId());
    assertThat(wrapped.record()).hasSize(78 + 32);
    assertThat(wrapped.record()[1]).isEqualTo(KeyLayer.MASTER.code());
    byte[] record = key.seal(PLAIN, AAD, random);
    assertThat(envelope.open(wrapped).open(record, AAD)).isEqualTo(PLAIN);
    WrappedOrganizationKey another = envelope.generate("acme", 7);
    assertThat(another.keyId()).isNotEqualTo(wrapped.keyId());
    assertRejected("another key", () -> envelope.open(another).open(record, AAD));
  }

  @Test
  void opensInItsOwnPlaceOnly() {
    byte[] id = wrapped.keyId();
    byte[] record = wrapped.record();
    byte[] otherId = envelope.generate("acme", 7).keyId();
    for (WrappedOrganizationKey moved :
        new WrappedOrganizationKey[] {
          new WrappedOrganizationKey("globex", 7, id, record),
          new WrappedOrganizationKey("ACME", 7, id, record),
          new WrappedOrganizationKey("acme", 8, id, record),
          new WrappedOrganizationKey("acme", 7, otherId, record),
          new WrappedOrganizationKey("acme", 7, id, envelope.generate("acme", 7).record()),
          new WrappedOrganizationKey("acme", 7, id, new byte[0])
        }) {
      assertRejected(moved.toString(), () -> envelope.open(moved));
      assertRejected(moved.toString(), () -> envelope.rewrap(moved));
    }
    for (int bit = 0; bit < record.length * 8; bit++) {
      byte[] flipped = record.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertRejected(
          "bit " + bit, () -> envelope.open(new WrappedOrganizationKey("acme", 7, id, flipped)));
    }
  }

  @Test
  void rewrapFollowsTheMasterKeyAndKeepsTheKey() {
    byte[] sealed = envelope.open(wrapped).seal(PLAIN, AAD, random);
    OrganizationKeyEnvelope during = over(MasterKeys.of(newMaster, oldMaster));
    OrganizationKeyEnvelope after = over(MasterKeys.of(newMaster));
    assertRejected("not yet rewrapped", () -> after.open(wrapped));
    WrappedOrganizationKey moved = during.rewrap(wrapped);
    assertThat(moved.keyId()).isEqualTo(wrapped.keyId());
    assertThat(moved.number()).isEqualTo(7);
    assertThat(after.open(moved).open(sealed, AAD)).isEqualTo(PLAIN);
    assertThat(during.open(wrapped).open(sealed, AAD)).isEqualTo(PLAIN);
    assertRejected("old master key", () -> envelope.open(moved));
  }

  @Test
  void isAValueWithCheckedParts() {
    byte[] id = wrapped.keyId();
    assertThat(new WrappedOrganizationKey("acme", 7, id, wrapped.record()))
        .isEqualTo(wrapped)
        .hasSameHashCodeAs(wrapped);
    Arrays.fill(id, (byte) 0);
    Arrays.fill(wrapped.record(), (byte) 0);
    assertThat(envelope.open(wrapped).layer()).isEqualTo(KeyLayer.ORGANIZATION);
    assertThatThrownBy(() -> new WrappedOrganizationKey("", 7, id, id))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new WrappedOrganizationKey("acme", 0, id, id))
        .hasMessage("key number: 1 to " + Long.MAX_VALUE);
    assertThatThrownBy(() -> new WrappedOrganizationKey("acme", 1, new byte[17], id))
        .hasMessage("key id: exactly 16 bytes");
    assertThatThrownBy(() -> envelope.generate("", 1)).hasMessageStartingWith("organization: ");
  }

  private OrganizationKeyEnvelope over(MasterKeys masterKeys) {
    return OrganizationKeyEnvelope.of(SealingKeys.create(), masterKeys, random);
  }
}
