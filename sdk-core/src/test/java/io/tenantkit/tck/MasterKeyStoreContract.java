package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage's {@link MasterKeyStore} must do. */
public abstract class MasterKeyStoreContract extends StorageContract {
  private static final MasterKeyCheck FIRST = new MasterKeyCheck("mk-1", "00aa", Samples.NOW);

  private MasterKeyStore store;

  @BeforeEach
  final void openStore() {
    store = stores.masterKeys();
  }

  @Test
  void newStorageKnowsNoMasterKey() {
    assertThat(store.list()).isEmpty();
  }

  @Test
  void recordedKeysAreListed() {
    MasterKeyCheck second =
        new MasterKeyCheck("MK-1", "ff".repeat(32), Instant.parse("2026-04-04T13:30:00.123456Z"));
    store.recordIfAbsent(FIRST);
    store.recordIfAbsent(second);

    assertThat(store.list()).containsExactlyInAnyOrder(FIRST, second);
  }

  @Test
  void keyThatIsThereAlreadyStaysAsItWasFirstRecorded() {
    store.recordIfAbsent(FIRST);
    store.recordIfAbsent(new MasterKeyCheck("mk-1", "bbbb", Samples.NOW.plusSeconds(1)));

    assertThat(store.list()).containsExactly(FIRST);
  }

  @Test
  void ofManyThatRecordOneIdAtOnceOneIsKeptAndNoneFails() {
    List<Boolean> done =
        Race.of(
            Race.THREADS,
            i -> {
              store.recordIfAbsent(new MasterKeyCheck("mk-1", "check" + i, Samples.NOW));
              return true;
            });

    assertThat(done).hasSize(Race.THREADS);
    assertThat(store.list()).hasSize(1);
    assertThat(store.list().get(0).checkValue()).startsWith("check");
  }

  @Test
  void keysAreRecordedOnlyByWhoSawWhatIsThere() {
    MasterKeyCheck second = new MasterKeyCheck("mk-2", "00bb", Samples.NOW);
    assertThat(store.record(List.of(FIRST), Set.of())).isTrue();
    assertThat(store.record(List.of(second), Set.of())).isFalse();
    assertThat(store.list()).containsExactly(FIRST);
    assertThat(store.record(List.of(second), Set.of("mk-1"))).isTrue();
    assertThat(store.list()).containsExactlyInAnyOrder(FIRST, second);
  }

  @Test
  void ofManyFirstStartsWithKeysOfTheirOwnOneIsFirst() {
    List<Boolean> first =
        Race.of(
            Race.THREADS,
            i -> store.record(List.of(new MasterKeyCheck("mk-" + i, "aa", Samples.NOW)), Set.of()));

    assertThat(first.stream().filter(each -> each)).hasSize(1);
    assertThat(store.list().stream().map(MasterKeyCheck::id))
        .containsExactly("mk-" + first.indexOf(true));
  }

  @Test
  void retiredKeyIsKnownAsSuchAndNotListed() {
    store.recordIfAbsent(FIRST);

    assertThat(store.retire(operator, "mk-1", Samples.NOW.plusSeconds(1))).isTrue();
    assertThat(store.retire(operator, "mk-1", Samples.NOW.plusSeconds(2))).isFalse();

    assertThat(store.list()).isEmpty();
    assertThat(store.retired())
        .containsExactly(
            new MasterKeyStore.RetiredMasterKey(
                FIRST, Samples.NOW.plusSeconds(1), operator.actor().id(), operator.reason()));
  }
}
