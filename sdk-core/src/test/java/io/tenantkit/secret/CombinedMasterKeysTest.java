package io.tenantkit.secret;

import static io.tenantkit.secret.Rejections.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CombinedMasterKeysTest {
  private static final byte[] KEY =
      "thirty-two bytes of a tenant key".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ACME = "acme".getBytes(StandardCharsets.US_ASCII);
  private static final String SERVICE = "service:one";

  private final SecureRandom random = new SecureRandom();
  private final MasterKeys local = MasterKeys.of(key(1), key(2));
  private final MasterKeys service = new Service();

  @Test
  void theFirstWrapsAndEachRecordGoesToWhoKnowsIt() {
    MasterKeys there = MasterKeys.combined(service, local);
    MasterKeys back = MasterKeys.combined(local, service);
    byte[] old = local.wrap(KEY, ACME, random);
    byte[] fresh = there.wrap(KEY, ACME, random);

    assertThat(there.currentId()).isEqualTo(SERVICE);
    assertThat(there.ids()).containsExactly(SERVICE, key(1).id(), key(2).id());
    assertThat(back.ids()).containsExactly(key(1).id(), key(2).id(), SERVICE);
    assertThat(service.knows(fresh)).isTrue();
    assertThat(local.knows(fresh)).isFalse();
    assertThat(local.knows(back.wrap(KEY, ACME, random))).isTrue();
    for (MasterKeys both : List.of(there, back)) {
      assertThat(both.knows(old)).isTrue();
      assertThat(both.knows(fresh)).isTrue();
      assertThat(both.unwrap(old, ACME)).isEqualTo(KEY);
      assertThat(both.unwrap(fresh, ACME)).isEqualTo(KEY);
      assertRejected("other data", () -> both.unwrap(old, KEY));
      assertRejected("none's", () -> both.unwrap(new byte[0], ACME));
      assertRejected(
          "unknown key", () -> both.unwrap(MasterKeys.of(key(3)).wrap(KEY, ACME, random), ACME));
      assertThat(both.knows(MasterKeys.of(key(3)).wrap(KEY, ACME, random))).isFalse();
      assertThat(both.knows(new byte[0])).isFalse();
    }
    assertRejected("the service's", () -> local.unwrap(fresh, ACME));
  }

  @Test
  void eachIdIsAnsweredByItsOwner() {
    MasterKeys both = MasterKeys.combined(service, local);
    assertThat(both.checkValue(SERVICE)).isEqualTo("ab");
    assertThat(both.checkValue(key(2).id())).isEqualTo(key(2).checkValue());
    assertThat(both.matches(SERVICE, "any")).as("as the service answers").isTrue();
    assertThat(both.matches(key(2).id(), key(2).checkValue())).isTrue();
    assertThat(both.matches(key(2).id(), key(1).checkValue())).isFalse();
    for (String unknown : List.of("mk-0000000000000000", "")) {
      assertThatThrownBy(() -> both.checkValue(unknown)).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> both.matches(unknown, "ab"))
          .isInstanceOf(InvalidInputException.class);
    }
    assertThat(both)
        .hasToString(
            "MasterKeys[" + SERVICE + ", " + key(1).id() + ", " + key(2).id() + ", redacted]");
  }

  @Test
  void anIdOfTwoIsRefused() {
    for (MasterKeys again : List.of(local, MasterKeys.of(key(2)))) {
      assertThatThrownBy(() -> MasterKeys.combined(service, local, again))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
          .hasMessageContaining("is twice");
    }
  }

  @Test
  void theFileOfAnyPartIsTold(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("keys");
    Files.writeString(file, "raw:another-key-of-32-characters-abc");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(MasterKeys.combined(service, local).location()).isEmpty();
    assertThat(MasterKeys.combined(service, MasterKeys.fromFile(file)).location())
        .contains(file.toRealPath());
  }

  private static MasterKey key(int seed) {
    byte[] bytes = new byte[32];
    new FixedRandom(seed).nextBytes(bytes);
    return MasterKey.of(bytes);
  }

  /** A stand-in for a key management service: it seals nothing, and puts a mark in front. */
  private static final class Service implements MasterKeys {
    @Override
    public String currentId() {
      return SERVICE;
    }

    @Override
    public List<String> ids() {
      return List.of(SERVICE);
    }

    @Override
    public String checkValue(String id) {
      return "ab";
    }

    @Override
    public boolean matches(String id, String storedCheckValue) {
      return true;
    }

    @Override
    public boolean knows(byte[] record) {
      return record.length > 0 && record[0] == '!';
    }

    @Override
    public byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random) {
      byte[] record = new byte[key.length + 1];
      record[0] = '!';
      System.arraycopy(key, 0, record, 1, key.length);
      return record;
    }

    @Override
    public byte[] unwrap(byte[] record, byte[] associatedData) {
      return Arrays.copyOfRange(record, 1, record.length);
    }

    @Override
    public Optional<Path> location() {
      return Optional.empty();
    }
  }
}
