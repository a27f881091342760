package io.tenantkit.vault.backup;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who can open a backup: an X25519 public key, which may be shown. Whoever makes backups needs no
 * more than this, and can then not open them. Immutable.
 */
public final class BackupRecipient {
  static final int KEY_BYTES = 32;

  private static final KeyText TEXT = new KeyText("tkbackup-recipient-1.");
  private static final byte[] LABEL =
      "tenantkit backup recipient 1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key;

  BackupRecipient(byte[] key) {
    this.key = key.clone();
  }

  /**
   * The recipient with this text, which {@link #text} wrote.
   *
   * @throws InvalidInputException when it is no such text, or a character of it is wrong
   */
  public static BackupRecipient parse(String text) {
    Objects.requireNonNull(text, "text");
    byte @Nullable [] key = TEXT.read(text.getBytes(StandardCharsets.UTF_8));
    if (key == null) {
      throw new InvalidInputException("recipient", "a recipient's key as text");
    }
    return new BackupRecipient(key);
  }

  /** The key as 69 characters with a checksum, to be kept and sent. */
  public String text() {
    return new String(TEXT.write(key), StandardCharsets.US_ASCII);
  }

  /** 16 hexadecimal characters that stand in the header of its backups. */
  public String id() {
    return HexFormat.of().formatHex(idBytes());
  }

  byte[] idBytes() {
    MessageDigest sha256 = KeyText.sha256();
    sha256.update(LABEL);
    return Arrays.copyOf(sha256.digest(key), BackupHeader.KEY_ID_BYTES);
  }

  byte[] key() {
    return key.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BackupRecipient that && Arrays.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key);
  }

  @Override
  public String toString() {
    return text();
  }
}
