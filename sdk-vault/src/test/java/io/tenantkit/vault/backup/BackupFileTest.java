package io.tenantkit.vault.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.testing.InsecureFixedRandom;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file itself: what was written opens, and nothing else does. */
class BackupFileTest {
  private static final Argon2Cost CHEAP = new Argon2Cost(8, 1, 1);
  private static final int CHUNK = ChunkWriter.CHUNK_BYTES + ChunkWriter.TAG_BYTES;
  private static final int PASSPHRASE_HEADER = 26 + 25 + 32;

  private final InsecureFixedRandom random = new InsecureFixedRandom(7);
  private final SecretValue passphrase = SecretValue.of("correct horse battery");
  private final BackupKey key = BackupKey.passphrase(passphrase, CHEAP);

  private byte[] file(BackupKey with, List<byte[]> values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BackupKey.Opened opened = with.seal(random);
        RecordWriter writer = new RecordWriter(out, opened)) {
      for (byte[] value : values) {
        ObjectNode json = RecordWriter.record("thing").put("size", value.length);
        try (SecretValue secret = SecretValue.copyOf(value)) {
          writer.write(json, List.of(secret));
        }
      }
      writer.finish();
    }
    return out.toByteArray();
  }

  private static List<byte[]> read(BackupKey with, byte[] file) throws IOException {
    return read(with, new ByteArrayInputStream(file));
  }

  private static List<byte[]> read(BackupKey with, InputStream in) throws IOException {
    List<byte[]> values = new ArrayList<>();
    try (BackupKey.Opened opened = with.open(BackupHeader.read(in));
        RecordReader reader = new RecordReader(in, opened)) {
      for (boolean more = true; more; ) {
        try (BackupRecord record = reader.next()) {
          more = !record.kind().equals(RecordWriter.END);
          for (SecretValue value : record.values()) {
            values.add(value.bytes(SecretAccess.get()));
          }
        }
      }
    }
    return values;
  }

  private static void assertRefused(BackupKey with, byte[] file, String what) {
    assertThatThrownBy(() -> read(with, file))
        .as(what)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_REJECTED));
  }

  private byte[] some(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_000, 65_400, 65_470, 65_536, 131_072, 200_000, 1_048_576})
  void opensForItsPassphraseAndForItsRecipient(int length) throws IOException {
    List<byte[]> values = List.of(some(length), some(3));
    assertThat(read(key, file(key, values))).containsExactlyElementsOf(values);
    try (BackupKeyPair pair = BackupKeyPair.generate(random)) {
      byte[] file = file(BackupKey.recipient(pair.recipient()), values);
      assertThat(read(BackupKey.privateKey(pair.privateKey()), file))
          .containsExactlyElementsOf(values);
    }
  }

  /** Every length of the payload around the end of a chunk, so that no edge is left out. */
  @Test
  void opensWhereverTheLastChunkEnds() throws IOException {
    int overhead = payload(file(key, List.of(new byte[0])));
    for (int more = -2; more <= 2; more++) {
      byte[] value = some(2 * ChunkWriter.CHUNK_BYTES - overhead - 6 + more);
      byte[] file = file(key, List.of(value));
      assertThat(payload(file)).isBetween(131_072 - 10, 131_072 + 10);
      assertThat(read(key, file)).containsExactly(value);
    }
  }

  private static int payload(byte[] file) {
    int sealed = file.length - PASSPHRASE_HEADER;
    return sealed - (sealed + CHUNK - 1) / CHUNK * ChunkWriter.TAG_BYTES;
  }

  @Test
  void comesInPiecesOfOneByteToo() throws IOException {
    List<byte[]> values = List.of(some(70_000));
    byte[] file = file(key, values);
    InputStream slow =
        new FilterInputStream(new ByteArrayInputStream(file)) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return super.read(into, offset, Math.min(1, length));
          }
        };
    assertThat(read(key, slow)).containsExactlyElementsOf(values);
  }

  @Test
  void everyFlippedByteIsRefused() throws IOException {
    byte[] file = file(key, List.of(some(300)));
    for (int at = 0; at < file.length; at++) {
      byte[] flipped = file.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      assertRefused(key, flipped, "byte " + at);
    }
  }

  @Test
  void everyFlippedByteOfARecipientsFileIsRefused() throws IOException {
    try (BackupKeyPair pair = BackupKeyPair.generate(random)) {
      byte[] file = file(BackupKey.recipient(pair.recipient()), List.of(some(50)));
      BackupKey opens = BackupKey.privateKey(pair.privateKey());
      assertThat(read(opens, file)).hasSize(1);
      for (int at = 0; at < file.length; at++) {
        byte[] flipped = file.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        assertRefused(opens, flipped, "byte " + at);
      }
    }
  }

  @Test
  void everyCutIsRefusedAndEveryAppendedByte() throws IOException {
    byte[] file = file(key, List.of(some(300)));
    for (int length = 0; length < file.length; length++) {
      assertRefused(key, Arrays.copyOf(file, length), "cut to " + length);
    }
    assertRefused(key, Arrays.copyOf(file, file.length + 1), "one more byte");
    assertRefused(key, Arrays.copyOf(file, file.length + CHUNK), "one more chunk of zeros");
  }

  @Test
  void chunksLeftOutSwappedDoubledOrFromAnotherFileAreRefused() throws IOException {
    byte[] file = file(key, List.of(some(4 * ChunkWriter.CHUNK_BYTES)));
    byte[] other = file(key, List.of(some(4 * ChunkWriter.CHUNK_BYTES)));
    assertThat(read(key, file)).hasSize(1);
    assertRefused(key, chunks(file, 0, 1, 2, 3), "without the last");
    assertRefused(key, chunks(file, 0, 1, 2), "cut at a chunk's end");
    assertRefused(key, chunks(file, 0, 2, 3, 4), "one left out");
    assertRefused(key, chunks(file, 1, 0, 2, 3, 4), "two swapped");
    assertRefused(key, chunks(file, 0, 0, 1, 2, 3, 4), "one doubled");
    assertRefused(key, chunks(file, 0, 1, 2, 3, 4, 4), "the last doubled");
    assertRefused(key, chunks(file, 0, 1, 2, 4), "the last in another's place");
    byte[] mixed = file.clone();
    System.arraycopy(other, PASSPHRASE_HEADER, mixed, PASSPHRASE_HEADER, CHUNK);
    assertRefused(key, mixed, "another file's chunk under the same passphrase");
    byte[] header = file.clone();
    System.arraycopy(other, 0, header, 0, PASSPHRASE_HEADER);
    assertRefused(key, header, "another file's header");
  }

  /** The chunks say so themselves, whatever the records in them say. */
  @Test
  void aFileThatEndsWithAChunkThatIsNotTheLastIsRefusedWithThatChunk() throws IOException {
    byte[] file = file(key, List.of(some(3 * ChunkWriter.CHUNK_BYTES)));
    InputStream in = new ByteArrayInputStream(chunks(file, 0, 1));
    try (BackupKey.Opened opened = key.open(BackupHeader.read(in));
        ChunkReader reader = new ChunkReader(in, opened.keys(), opened.header())) {
      assertThat(reader.read(ChunkWriter.CHUNK_BYTES)).hasSize(ChunkWriter.CHUNK_BYTES);
      assertThatThrownBy(() -> reader.read(1)).isInstanceOf(TenantkitException.class);
    }
  }

  /** The header commits the file to its key, before a chunk is tried. */
  @Test
  void aWrongKeyFailsAtTheHeader() throws IOException {
    byte[] file = file(key, List.of(some(9)));
    BackupHeader header = BackupHeader.read(new ByteArrayInputStream(file));
    BackupHeader flipped = flippedSalt(file);
    try (SecretValue wrong = SecretValue.of("incorrect horse battery")) {
      BackupKey wrongKey = BackupKey.passphrase(wrong, CHEAP);
      assertThatThrownBy(() -> wrongKey.open(header)).isInstanceOf(TenantkitException.class);
      assertThatThrownBy(() -> key.open(flipped)).isInstanceOf(TenantkitException.class);
    }
  }

  private static BackupHeader flippedSalt(byte[] file) throws IOException {
    byte[] flipped = file.clone();
    flipped[40] ^= 1;
    return BackupHeader.read(new ByteArrayInputStream(flipped));
  }

  private static byte[] chunks(byte[] file, int... numbers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, PASSPHRASE_HEADER);
    for (int number : numbers) {
      int from = PASSPHRASE_HEADER + number * CHUNK;
      out.write(file, from, Math.min(CHUNK, file.length - from));
    }
    return out.toByteArray();
  }

  @Test
  void allWrongKeysGetOneAnswer() throws IOException {
    try (BackupKeyPair pair = BackupKeyPair.generate(random);
        BackupKeyPair stranger = BackupKeyPair.generate(random);
        SecretValue wrong = SecretValue.of("incorrect horse battery")) {
      byte[] mine = file(key, List.of(some(9)));
      byte[] theirs = file(BackupKey.recipient(pair.recipient()), List.of(some(9)));
      byte[] flipped = mine.clone();
      flipped[mine.length - 1] ^= 1;
      List<String> messages = new ArrayList<>();
      messages.add(message(BackupKey.passphrase(wrong, CHEAP), mine));
      messages.add(message(key, theirs));
      messages.add(message(BackupKey.privateKey(stranger.privateKey()), theirs));
      messages.add(message(BackupKey.privateKey(pair.privateKey()), mine));
      messages.add(message(BackupKey.recipient(pair.recipient()), theirs));
      messages.add(message(key, flipped));
      assertThat(messages).hasSize(6).containsOnly(messages.get(0));
    }
  }

  private static String message(BackupKey with, byte[] file) {
    try {
      read(with, file);
    } catch (TenantkitException | IOException e) {
      return String.valueOf(e.getMessage());
    }
    return "it opened";
  }

  /** Argon2 is asked for nothing before these bounds are met, or this test would not come back. */
  @Test
  void aHeaderCannotAskForMemoryOrTimeAtWill() throws IOException {
    byte[] file = file(key, List.of(some(9)));
    int[][] costs = {
      {Integer.MAX_VALUE, 1, 1},
      {-1, 1, 1},
      {Argon2Cost.MAX_MEMORY_KIB + 1, 1, 1},
      {7, 1, 1},
      {0, 1, 1},
      {8, 0, 1},
      {8, 17, 1},
      {8, -1, 1},
      {8, 1, 0},
      {Argon2Cost.MAX_MEMORY_KIB, 1, 255},
      {8, 1, 2},
    };
    for (int[] cost : costs) {
      byte[] hostile = file.clone();
      ByteBuffer.wrap(hostile, 26, 9).putInt(cost[0]).putInt(cost[1]).put((byte) cost[2]);
      assertRefused(key, hostile, Arrays.toString(cost));
      assertThatThrownBy(() -> BackupHeader.read(new ByteArrayInputStream(hostile)))
          .as(Arrays.toString(cost))
          .isInstanceOf(TenantkitException.class)
          .hasMessageContaining("256 MiB");
    }
    byte[] later = file.clone();
    later[8] = 2;
    assertThatThrownBy(() -> read(key, later)).hasMessageContaining("does not know");
  }

  /** What only a holder of the key can write, and which must not be believed either. */
  @Test
  void authenticRecordsBeyondABoundAreRefused() throws IOException {
    byte[] json = "{\"record\":\"thing\"}".getBytes(UTF_8);
    assertRefused(key, sealed(number(Integer.MAX_VALUE)), "2 GiB of JSON");
    assertRefused(key, sealed(number(-1)), "4 GiB of JSON");
    assertRefused(key, sealed(number(BackupRecord.MAX_JSON_BYTES + 1)), "JSON beyond its bound");
    byte[] two = {0, 2};
    byte[] many = {-1, -1};
    assertRefused(key, sealed(number(json.length), json, many), "65,535 values");
    assertRefused(
        key, sealed(number(json.length), json, two, number(Integer.MAX_VALUE)), "2 GiB value");
    assertRefused(key, sealed(number(json.length), json, two, number(-1)), "4 GiB value");
    assertRefused(
        key,
        sealed(number(json.length), json, two, number(1_000_000)),
        "a value that is not there");
    byte[] twice = "{\"record\":\"thing\",\"record\":\"end\"}".getBytes(UTF_8);
    assertRefused(key, sealed(number(twice.length), twice, new byte[2]), "a name twice");
    byte[] deep = "[[[[[[[[[[[[]]]]]]]]]]]]".getBytes(UTF_8);
    assertRefused(key, sealed(number(deep.length), deep, new byte[2]), "nested too deep");
    byte[] end = "{\"record\":\"end\",\"records\":5}".getBytes(UTF_8);
    assertRefused(key, sealed(number(end.length), end, new byte[2]), "another count");
    byte[] right = "{\"record\":\"end\",\"records\":0}".getBytes(UTF_8);
    assertThat(read(key, sealed(number(right.length), right, new byte[2]))).isEmpty();
    assertRefused(
        key, sealed(number(right.length), right, new byte[2], new byte[1]), "something after it");
  }

  private byte[] sealed(byte[]... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BackupKey.Opened opened = key.seal(random);
        ChunkWriter chunks = new ChunkWriter(out, opened.keys(), opened.header())) {
      out.write(opened.header().bytes());
      for (byte[] part : parts) {
        chunks.write(part);
      }
      chunks.finish();
    }
    return out.toByteArray();
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Test
  void keysAreTextsInWhichEveryCharacterCounts() {
    try (BackupKeyPair pair = BackupKeyPair.generate(random)) {
      String text = pair.recipient().text();
      assertThat(text).hasSize(69).matches("tkbackup-recipient-1\\.[A-Za-z0-9_-]{48}");
      assertThat(BackupRecipient.parse(text)).isEqualTo(pair.recipient());
      assertThat(pair.recipient().id()).matches("[0-9a-f]{16}");
      for (int at = 0; at < text.length(); at++) {
        StringBuilder wrong = new StringBuilder(text);
        wrong.setCharAt(at, text.charAt(at) == 'A' ? 'B' : 'A');
        assertThatThrownBy(() -> BackupRecipient.parse(wrong.toString()))
            .as("character " + at)
            .isInstanceOf(InvalidInputException.class);
      }
      assertThatThrownBy(() -> BackupRecipient.parse(text + "="))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> BackupRecipient.parse("")).isInstanceOf(InvalidInputException.class);
      assertThat(pair.toString()).doesNotContain("tkbackup-private");
    }
  }

  @Test
  void aKeyThatOnlyOpensMakesNoBackup() {
    try (BackupKeyPair pair = BackupKeyPair.generate(random)) {
      assertThatThrownBy(() -> BackupKey.privateKey(pair.privateKey()).seal(random))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void aPublicKeyOfLowOrderIsRefused() {
    BackupRecipient zero = new BackupRecipient(new byte[32]);
    assertThatThrownBy(() -> BackupKey.recipient(zero).seal(random))
        .isInstanceOf(InvalidInputException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11, 1_025})
  void passphrasesHaveBounds(int length) {
    try (SecretValue value = SecretValue.takeOver(new byte[length])) {
      assertThatThrownBy(() -> BackupKey.passphrase(value))
          .isInstanceOf(InvalidInputException.class);
    }
  }
}
