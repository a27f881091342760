package io.tenantkit.vault.backup;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backup is made or opened with. It names the caller's {@link SecretValue}, which must be
 * open while the backup is made or opened and stays the caller's to close. Safe for use by several
 * threads.
 */
public final class BackupKey {
  /** The shortest passphrase, in bytes. */
  public static final int MIN_PASSPHRASE = 12;

  /** The longest passphrase, in bytes. */
  public static final int MAX_PASSPHRASE = 1_024;

  private final BackupFacts.Kind kind;
  private final @Nullable SecretValue secret;
  private final @Nullable BackupRecipient recipient;
  private final Argon2Cost cost;

  private BackupKey(
      BackupFacts.Kind kind,
      @Nullable SecretValue secret,
      @Nullable BackupRecipient recipient,
      Argon2Cost cost) {
    this.kind = kind;
    this.secret = secret;
    this.recipient = recipient;
    this.cost = cost;
  }

  /**
   * A passphrase, which makes and opens backups: Argon2id with 64 MiB, 3 iterations and 4 lanes,
   * about a quarter of a second.
   *
   * @param passphrase {@value #MIN_PASSPHRASE} to {@value #MAX_PASSPHRASE} bytes, taken as they are
   * @throws InvalidInputException when it is shorter or longer
   */
  public static BackupKey passphrase(SecretValue passphrase) {
    return passphrase(passphrase, Argon2Cost.STANDARD);
  }

  static BackupKey passphrase(SecretValue passphrase, Argon2Cost cost) {
    int length = passphrase.length();
    if (length < MIN_PASSPHRASE || length > MAX_PASSPHRASE) {
      throw new InvalidInputException("passphrase", "12 to 1,024 bytes");
    }
    return new BackupKey(BackupFacts.Kind.PASSPHRASE, passphrase, null, cost);
  }

  /** A recipient, for which backups are made and who alone opens them. */
  public static BackupKey recipient(BackupRecipient recipient) {
    Objects.requireNonNull(recipient, "recipient");
    return new BackupKey(BackupFacts.Kind.RECIPIENT, null, recipient, Argon2Cost.STANDARD);
  }

  /** The private key of a recipient, as {@link BackupKeyPair} gave it, which opens backups. */
  public static BackupKey privateKey(SecretValue privateKey) {
    Objects.requireNonNull(privateKey, "privateKey");
    return new BackupKey(BackupFacts.Kind.RECIPIENT, privateKey, null, Argon2Cost.STANDARD);
  }

  /** A header and its keys, for a file that is to be written. */
  Opened seal(SecureRandom random) {
    byte[] fileId = random(random, BackupHeader.FILE_ID_BYTES);
    byte[] fixed = BackupHeader.fixed(kind, fileId);
    byte[] fileSecret;
    byte[] part;
    if (kind == BackupFacts.Kind.PASSPHRASE) {
      byte[] salt = random(random, BackupHeader.SALT_BYTES);
      part = BackupHeader.passphrasePart(cost, salt);
      fileSecret = derive(cost, salt);
    } else if (recipient != null) {
      byte[] keyId = recipient.idBytes();
      Encapsulation sent = Encapsulation.to(recipient, joined(fixed, keyId), random);
      part = BackupHeader.recipientPart(keyId, sent.encapsulated());
      fileSecret = sent.secret();
    } else {
      throw new InvalidInputException("key", "a passphrase or a recipient: this one only opens");
    }
    byte[] unsigned = joined(fixed, part);
    FileKeys keys = keys(fileSecret, unsigned);
    return new Opened(BackupHeader.sign(unsigned, keys), keys);
  }

  /** The keys of a file with this header, which are shown to be the right ones. */
  Opened open(BackupHeader header) {
    byte[] fileSecret;
    if (header.kind() != kind || secret == null) {
      throw Rejected.backup();
    } else if (kind == BackupFacts.Kind.PASSPHRASE) {
      fileSecret = derive(header.cost(), header.salt());
    } else {
      fileSecret = Encapsulation.open(secret, header);
    }
    FileKeys keys = keys(fileSecret, header.unsigned());
    try {
      header.verify(keys);
    } catch (RuntimeException e) {
      keys.close();
      throw e;
    }
    return new Opened(header, keys);
  }

  /** A header with the keys that belong to it. */
  record Opened(BackupHeader header, FileKeys keys) implements AutoCloseable {
    BackupFacts facts() {
      return BackupKey.facts(header);
    }

    @Override
    public void close() {
      keys.close();
    }
  }

  static BackupFacts facts(BackupHeader header) {
    HexFormat hex = HexFormat.of();
    return new BackupFacts(
        BackupHeader.FORMAT,
        header.kind(),
        hex.formatHex(header.fileId()),
        header.kind() == BackupFacts.Kind.RECIPIENT
            ? Optional.of(hex.formatHex(header.keyId()))
            : Optional.empty());
  }

  private byte[] derive(Argon2Cost wanted, byte[] salt) {
    byte[] passphrase = Objects.requireNonNull(secret, "passphrase").bytes(SecretAccess.get());
    try {
      return wanted.derive(passphrase, salt);
    } finally {
      Arrays.fill(passphrase, (byte) 0);
    }
  }

  private static FileKeys keys(byte[] fileSecret, byte[] unsigned) {
    try {
      return new FileKeys(fileSecret, unsigned);
    } finally {
      Arrays.fill(fileSecret, (byte) 0);
    }
  }

  private static byte[] random(SecureRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  /** What kind it is, never the secret. */
  @Override
  public String toString() {
    return "BackupKey[" + kind + "]";
  }
}
