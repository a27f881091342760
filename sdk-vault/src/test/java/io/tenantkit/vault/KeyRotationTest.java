package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation by count, and where erasures are kept beside the database. */
class KeyRotationTest {
  private final VaultHouse house = new VaultHouse();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    house.close();
  }

  private OrganizationKeyRing ring(long bound) {
    OrganizationKeyRing ring =
        new OrganizationKeyRing(
            house.plane.runtime(), house.rows().organizationKeys(), SealingKeys.create());
    ring.rotateAt(bound, KeySettings.DEFAULT_AGE);
    return ring;
  }

  private List<Counted> rows() {
    return house.rows().organizationKeys().ring(house.acme);
  }

  @Test
  void aKeyTakesAsManyEncryptionsAsItsBoundAndNoMore() {
    OrganizationKeyRing ring = ring(5);
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      used.add(ring.newest(house.acme).id());
    }
    assertThat(used).hasSize(1);
    used.add(ring.newest(house.acme).id());
    assertThat(used).hasSize(2);
    assertThat(rows().get(1).encryptions()).isEqualTo(1);
    assertThat(house.actions(house.acme))
        .containsExactly(
            "organization.created", "organization_key.created", "organization_key.rotated");
    assertThat(house.last(house.acme).details()).containsEntry("why", "encryptions");
  }

  /** Two nodes count one key; what one that died had reserved stays counted. */
  @Test
  void nodesReserveAheadAndNeverCountTooFew() {
    long bound = 4_096 * 10;
    ring(bound).newest(house.acme);
    assertThat(rows().get(0).encryptions()).as("one slice").isEqualTo(10);
    OrganizationKeyRing second = ring(bound);
    for (int i = 0; i < 10; i++) {
      second.newest(house.acme);
    }
    assertThat(rows().get(0).encryptions()).isEqualTo(20);
    second.newest(house.acme);
    assertThat(rows().get(0).encryptions()).isEqualTo(30);
  }

  @Test
  void whatAHostsTransactionReservedAndRolledBackIsNotTaken() {
    OrganizationKeyRing ring = ring(4_096 * 10);
    ring.rotate(house.acme, "asked");
    assertThatThrownBy(
            () ->
                house.storage.join(
                    house.acme,
                    joined -> {
                      ring.newest(joined);
                      throw new IllegalArgumentException("the host changed its mind");
                    }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(rows().get(0).encryptions()).isZero();
    ring.newest(house.acme);
    assertThat(rows().get(0).encryptions()).isEqualTo(10);
  }

  @Test
  void theDueWorkRotatesWhatWasMuchUsed() {
    OrganizationKeyRing ring = ring(5);
    ring.newest(house.acme, 5);
    ring.rotateDue(house.plane.runtime().now());
    ring.rotateDue(house.plane.runtime().now());
    assertThat(rows()).hasSize(2);
    assertThat(house.rows().organizationKeys().ring(house.globex)).isEmpty();
  }

  @Test
  void settingsHaveBounds() {
    KeySettings defaults = KeySettings.defaults();
    assertThat(defaults.withMaxEncryptions(1_000_000).maxEncryptions()).isEqualTo(1_000_000);
    for (Runnable wrong :
        List.<Runnable>of(
            () -> defaults.withMaxEncryptions(999_999),
            () -> defaults.withMaxEncryptions(3_865_470_567L),
            () -> defaults.withMaxAge(Duration.ofHours(23)),
            () -> defaults.withMaxAge(Duration.ofDays(36_501)))) {
      assertThatThrownBy(wrong::run).isInstanceOf(InvalidInputException.class);
    }
  }

  /** A row that somebody changed stays where it is, and does not hold up the others. */
  @Test
  void aVersionThatDoesNotOpenIsCountedAndLeft() {
    house.vault.put(house.acme, REF, value("good"));
    Secret bad = house.vault.put(house.acme, ref("bad"), value("bad"));
    StoredSecretVersion other =
        house
            .secretRows()
            .open(
                house.acme,
                REF,
                VersionChoice.CURRENT,
                any ->
                    house
                        .plane
                        .runtime()
                        .event(
                            house.acme,
                            VaultHouse.START,
                            "by.hand",
                            "secret",
                            any.secret().id().value()))
            .orElseThrow()
            .version();
    Secret changed = bad.withNextVersion(false, java.util.Optional.empty(), VaultHouse.START);
    house
        .secretRows()
        .write(
            house.acme,
            SecretWrite.add(
                bad,
                changed,
                new StoredSecretVersion(
                    2,
                    other.organizationKeyId(),
                    other.wrappedDataKey(),
                    other.fields(),
                    "hand",
                    VaultHouse.START),
                house
                    .plane
                    .runtime()
                    .event(house.acme, VaultHouse.START, "by.hand", "secret", "x")));
    VaultKeys keys = VaultKeys.of(house.vault);
    keys.rotate(house.acme);

    SecretsRewrap done = keys.rewrapSecrets(house.acme);

    assertThat(done.rewrapped()).isEqualTo(2);
    assertThat(done.failed()).isEqualTo(1);
    assertThat(house.actions(house.acme).stream().filter("secret.rejected"::equals))
        .as("told once, however many passes met it")
        .hasSize(1);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("good");
    assertThat(house.reveal(house.acme, ref("bad"), 1)).isEqualTo("bad");
  }

  private Erasure erasure() {
    return VaultKeys.of(house.vault)
        .eraseOrganization(
            io.tenantkit.tenant.Operator.trusted("ops", "why, and \"how\" é"), VaultHouse.ACME);
  }

  @Test
  void aFileKeepsRecordsAndPassesOverALineThatWasCutOff() throws Exception {
    Path file = folder.resolve("erasures.txt");
    ErasureList list = ErasureList.file(file);
    assertThat(list.read()).isEmpty();
    Erasure erasure = erasure();
    list.append(erasure);
    Files.writeString(
        file,
        erasure.text().substring(0, 40),
        StandardCharsets.US_ASCII,
        StandardOpenOption.APPEND);
    assertThat(list.read()).containsExactly(erasure);
    list.append(erasure);
    assertThat(list.read()).containsExactly(erasure, erasure);
    assertThat(Files.readString(file)).isEqualTo((erasure.text() + "\n").repeat(2));

    Files.writeString(
        file, "x".repeat(30).replaceAll("xx", "x ") + "\n", StandardOpenOption.APPEND);
    assertThatThrownBy(list::read).isInstanceOf(StorageException.class);
  }

  /** A crash may cut a line anywhere; neither the next start nor the next erasure fails by it. */
  @Test
  void aLineMayBeCutAnywhere() throws Exception {
    Path file = folder.resolve("erasures.txt");
    ErasureList list = ErasureList.file(file);
    Erasure erasure = erasure();
    String text = erasure.text();
    for (int length = 0; length < text.length(); length++) {
      Files.writeString(file, text + "\n" + text.substring(0, length));
      assertThat(list.read()).as("cut at " + length).containsExactly(erasure);
      if (length % 16 == 0 || length > text.length() - 16) {
        list.append(erasure);
        assertThat(list.read()).as("cut at " + length).containsExactly(erasure, erasure);
      }
    }
    Files.writeString(file, text);
    assertThat(list.read()).as("only the end of the line is missing").containsExactly(erasure);
    list.append(erasure);
    assertThat(list.read()).containsExactly(erasure, erasure);
    Files.writeString(file, text.substring(0, text.length() - 1) + "\n" + text + "\nx\n");
    assertThatThrownBy(list::read)
        .as("a line in the middle that is none was not cut by a crash")
        .isInstanceOf(StorageException.class);
  }

  @Test
  void twoListsOnOneFileTakeTurns() throws Exception {
    Path file = folder.resolve("erasures.txt");
    Erasure erasure = erasure();
    int threads = 4;
    io.tenantkit.tck.Race.of(
        threads,
        thread -> {
          ErasureList own = ErasureList.file(file);
          for (int i = 0; i < 25; i++) {
            own.append(erasure);
            assertThat(own.read()).isNotEmpty();
          }
          return true;
        });
    assertThat(ErasureList.file(file).read()).hasSize(threads * 25).containsOnly(erasure);
  }

  @Test
  void nothingIsErasedThatTheListCannotKeep() {
    house.vault.put(house.acme, REF, value("kept"));
    VaultKeys keys =
        VaultKeys.of(
            house.vault,
            KeySettings.defaults()
                .withErasureList(ErasureList.file(folder.resolve("no/such/folder"))));
    assertThatThrownBy(
            () ->
                keys.eraseOrganization(
                    io.tenantkit.tenant.Operator.trusted("ops", "why"), VaultHouse.ACME))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
    assertThat(house.reveal(house.acme, REF)).isEqualTo("kept");
  }

  /** The process died between the list and the database: the next start finishes the work. */
  @Test
  void aRecordWhoseErasureWasNotDoneIsDoneAtTheNextStart() {
    house.vault.put(house.acme, REF, value("gone"));
    ErasureList list = ErasureList.file(folder.resolve("erasures.txt"));
    ErasureList died =
        new ErasureList() {
          @Override
          public void append(Erasure erasure) {
            list.append(erasure);
            throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the process died here");
          }

          @Override
          public List<Erasure> read() {
            return list.read();
          }
        };
    VaultKeys keys = VaultKeys.of(house.vault, KeySettings.defaults().withErasureList(died));
    assertThatThrownBy(
            () ->
                keys.eraseOrganization(
                    io.tenantkit.tenant.Operator.trusted("ops", "why"), VaultHouse.ACME))
        .isInstanceOf(StorageException.class);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("gone");

    SecretVault next = house.freshVault();
    VaultKeys.of(next, KeySettings.defaults().withErasureList(list));
    assertThatThrownBy(() -> next.reveal(house.acme, REF))
        .isInstanceOfSatisfying(
            io.tenantkit.TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED));
    assertThat(VaultKeys.of(next).erasures(house.acme)).hasSize(1);
  }

  @Test
  void clockTimesOfErasuresAreKept() {
    Instant at = house.plane.runtime().now();
    assertThat(erasure().at()).isEqualTo(at);
  }
}
