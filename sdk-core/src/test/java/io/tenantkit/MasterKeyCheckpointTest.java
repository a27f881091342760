package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.tck.Race;
import io.tenantkit.testing.TickingClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MasterKeyCheckpointTest {
  private static final Instant START = Instant.parse("2026-11-21T12:00:00.123456Z");
  private static final MasterKey FIRST = key(1);
  private static final MasterKey SECOND = key(2);
  private static final MasterKey THIRD = key(3);

  private final Storage storage = InMemoryStorage.create();
  private final MasterKeyStore store = storage.stores(CoreStores.class).orElseThrow().masterKeys();

  @Test
  void firstStartRecordsTheKeysByIdAndCheckValue() {
    open(MasterKeys.of(FIRST));

    assertThat(store.list())
        .containsExactly(new MasterKeyCheck(FIRST.id(), FIRST.checkValue(), START));
  }

  @Test
  void laterStartWithTheSameKeysChangesNothing() {
    open(MasterKeys.of(FIRST));
    List<MasterKeyCheck> before = store.list();

    open(MasterKeys.of(FIRST));

    assertThat(store.list()).isEqualTo(before);
  }

  @Test
  void anotherKeyIsRefusedAndNothingIsWritten() {
    open(MasterKeys.of(FIRST));
    List<MasterKeyCheck> before = store.list();

    refused(MasterKeys.of(SECOND), FIRST.id());
    refused(MasterKeys.of(SECOND, THIRD), FIRST.id());

    assertThat(store.list()).isEqualTo(before);
    open(MasterKeys.of(FIRST));
  }

  @Test
  void keyThatTheStorageKnowsAsAnotherOneIsRefused() {
    store.recordIfAbsent(new MasterKeyCheck(FIRST.id(), "00".repeat(32), START));

    refused(MasterKeys.of(FIRST), FIRST.id());

    assertThat(store.list()).hasSize(1);
  }

  @Test
  void newKeyWithTheOldOneAsPreviousIsAcceptedAndRecorded() {
    open(MasterKeys.of(FIRST));

    open(MasterKeys.of(SECOND, FIRST));

    assertThat(store.list().stream().map(MasterKeyCheck::id))
        .containsExactlyInAnyOrder(FIRST.id(), SECOND.id());
    refused(MasterKeys.of(SECOND), FIRST.id());
    refused(MasterKeys.of(FIRST), SECOND.id());
    open(MasterKeys.of(FIRST, SECOND));
  }

  /** A service that rotates a key by itself has another check value then, and knows the old one. */
  @Test
  void whatWasStoredIsMatchedByTheKeysThemselves() {
    MasterKeys keys = MasterKeys.of(FIRST);
    store.recordIfAbsent(new MasterKeyCheck(FIRST.id(), "of its first version", START));
    refused(keys, FIRST.id());

    open(new Matching(keys, "of its first version"));

    assertThat(store.list()).hasSize(1);
    refused(new Matching(keys, "of another key"), FIRST.id());
  }

  @Test
  void refusalNamesIdsAndNoKey() {
    open(MasterKeys.of(FIRST));

    assertThatThrownBy(() -> open(MasterKeys.of(SECOND)))
        .hasMessageContaining(FIRST.id())
        .hasMessageContaining(SECOND.id())
        .hasMessageNotContaining(FIRST.checkValue())
        .hasMessageNotContaining("0203");
  }

  @Test
  void manyPlanesWithOneKeyStartAtOnce() {
    List<Boolean> opened =
        Race.of(
            Race.THREADS,
            i -> {
              open(MasterKeys.of(FIRST));
              return true;
            });

    assertThat(opened).doesNotContain(false);
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void ofPlanesWithDifferentKeysThatStartAtOnceNoTwoRun() {
    for (int round = 0; round < 50; round++) {
      Storage fresh = InMemoryStorage.create();
      List<MasterKey> given = List.of(FIRST, SECOND, THIRD);

      List<Boolean> opened =
          Race.of(
              3,
              i -> {
                try {
                  ControlPlane.builder(fresh, MasterKeys.of(given.get(i))).build();
                  return true;
                } catch (TenantkitException e) {
                  assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH);
                  return false;
                }
              });

      assertThat(Collections.frequency(opened, true)).isLessThanOrEqualTo(1);
    }
  }

  private void open(MasterKeys keys) {
    ControlPlane.builder(storage, keys).clock(TickingClock.at(START)).build();
  }

  private void refused(MasterKeys keys, String namedId) {
    assertThatThrownBy(() -> open(keys))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH))
        .hasMessageContaining(namedId);
  }

  /** Not a key of anything: ascending bytes. */
  private static MasterKey key(int first) {
    byte[] bytes = new byte[32];
    IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) (first + i));
    return MasterKey.of(bytes);
  }

  private record Matching(MasterKeys keys, String accepted) implements MasterKeys {
    @Override
    public boolean matches(String id, String storedCheckValue) {
      return storedCheckValue.equals(accepted);
    }

    @Override
    public String currentId() {
      return keys.currentId();
    }

    @Override
    public List<String> ids() {
      return keys.ids();
    }

    @Override
    public String checkValue(String id) {
      return keys.checkValue(id);
    }

    @Override
    public byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random) {
      return keys.wrap(key, associatedData, random);
    }

    @Override
    public byte[] unwrap(byte[] record, byte[] associatedData) {
      return keys.unwrap(record, associatedData);
    }

    @Override
    public Optional<Path> location() {
      return keys.location();
    }
  }
}
