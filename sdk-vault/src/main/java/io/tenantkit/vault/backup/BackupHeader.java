package io.tenantkit.vault.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/** The header of a file, in bounds but not yet authentic. Immutable, but for {@link #bytes}. */
final class BackupHeader {
  static final int FORMAT = 1;
  static final int FILE_ID_BYTES = 16;
  static final int SALT_BYTES = 16;
  static final int KEY_ID_BYTES = 8;
  static final int ENCAPSULATION_BYTES = 32;

  private static final byte[] MAGIC = "TKBACKUP".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = MAGIC.length + 2 + FILE_ID_BYTES;
  private static final int PASSPHRASE_BYTES = 4 + 4 + 1 + SALT_BYTES;
  private static final int RECIPIENT_BYTES = KEY_ID_BYTES + ENCAPSULATION_BYTES;
  private static final int MAC_BYTES = 32;

  private final byte[] bytes;

  private BackupHeader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The part that comes before the key's. */
  static byte[] fixed(BackupFacts.Kind kind, byte[] fileId) {
    return ByteBuffer.allocate(FIXED_BYTES)
        .put(MAGIC)
        .put((byte) FORMAT)
        .put(code(kind))
        .put(fileId)
        .array();
  }

  private static byte code(BackupFacts.Kind kind) {
    return (byte) (kind == BackupFacts.Kind.PASSPHRASE ? 1 : 2);
  }

  static byte[] passphrasePart(Argon2Cost cost, byte[] salt) {
    return ByteBuffer.allocate(PASSPHRASE_BYTES)
        .putInt(cost.memoryKib())
        .putInt(cost.iterations())
        .put((byte) cost.lanes())
        .put(salt)
        .array();
  }

  static byte[] recipientPart(byte[] keyId, byte[] encapsulation) {
    return ByteBuffer.allocate(RECIPIENT_BYTES).put(keyId).put(encapsulation).array();
  }

  /** With its MAC under the keys. */
  static BackupHeader sign(byte[] unsigned, FileKeys keys) {
    ByteBuffer bytes = ByteBuffer.allocate(unsigned.length + MAC_BYTES);
    return new BackupHeader(bytes.put(unsigned).put(keys.mac(unsigned)).array());
  }

  /**
   * Reads a header and nothing more, and demands its bounds.
   *
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#BACKUP_REJECTED}
   */
  static BackupHeader read(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] fixed = take(in, FIXED_BYTES, all);
    if (!Arrays.equals(fixed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw Rejected.header("not a backup of this library");
    }
    if (fixed[MAGIC.length] != FORMAT) {
      throw Rejected.header("a format that this version of the library does not know");
    }
    switch (fixed[MAGIC.length + 1]) {
      case 1 -> take(in, PASSPHRASE_BYTES, all);
      case 2 -> take(in, RECIPIENT_BYTES, all);
      default -> throw Rejected.header("a kind of key that this version does not know");
    }
    take(in, MAC_BYTES, all);
    BackupHeader header = new BackupHeader(all.toByteArray());
    if (header.kind() == BackupFacts.Kind.PASSPHRASE) {
      header.cost();
    }
    return header;
  }

  private static byte[] take(InputStream in, int length, ByteArrayOutputStream all)
      throws IOException {
    byte[] part = in.readNBytes(length);
    if (part.length != length) {
      throw Rejected.header("cut");
    }
    all.writeBytes(part);
    return part;
  }

  BackupFacts.Kind kind() {
    return bytes[MAGIC.length + 1] == 1 ? BackupFacts.Kind.PASSPHRASE : BackupFacts.Kind.RECIPIENT;
  }

  byte[] fileId() {
    return Arrays.copyOfRange(bytes, MAGIC.length + 2, FIXED_BYTES);
  }

  /** Demanded to be in bounds, so that no header makes a reader take memory or time at will. */
  Argon2Cost cost() {
    ByteBuffer key = ByteBuffer.wrap(bytes, FIXED_BYTES, PASSPHRASE_BYTES);
    return Argon2Cost.read(key.getInt(), key.getInt(), key.get() & 0xFF);
  }

  byte[] salt() {
    int end = FIXED_BYTES + PASSPHRASE_BYTES;
    return Arrays.copyOfRange(bytes, end - SALT_BYTES, end);
  }

  byte[] keyId() {
    return Arrays.copyOfRange(bytes, FIXED_BYTES, FIXED_BYTES + KEY_ID_BYTES);
  }

  byte[] encapsulation() {
    int end = FIXED_BYTES + RECIPIENT_BYTES;
    return Arrays.copyOfRange(bytes, end - ENCAPSULATION_BYTES, end);
  }

  /** Fixed part and key id: what the encapsulation of a recipient's file is bound to. */
  byte[] beforeEncapsulation() {
    return Arrays.copyOf(bytes, FIXED_BYTES + KEY_ID_BYTES);
  }

  byte[] unsigned() {
    return Arrays.copyOf(bytes, bytes.length - MAC_BYTES);
  }

  /** The whole, for reading only. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * Demands that these are the keys of this header.
   *
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#BACKUP_REJECTED}
   */
  void verify(FileKeys keys) {
    byte[] mac = Arrays.copyOfRange(bytes, bytes.length - MAC_BYTES, bytes.length);
    if (!MessageDigest.isEqual(mac, keys.mac(unsigned()))) {
      throw Rejected.backup();
    }
  }
}
