package io.tenantkit.vault.backup;

import io.tenantkit.secret.SecretValue;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;

/**
 * A recipient and the private key that opens its backups. Closing wipes the private key.
 *
 * @param recipient for those who make backups
 * @param privateKey a text of ASCII characters, to be kept apart from the backups
 */
public record BackupKeyPair(BackupRecipient recipient, SecretValue privateKey)
    implements AutoCloseable {
  static final KeyText PRIVATE_TEXT = new KeyText("tkbackup-private-1.");

  public BackupKeyPair {
    Objects.requireNonNull(recipient, "recipient");
    Objects.requireNonNull(privateKey, "privateKey");
  }

  /** A new pair. */
  public static BackupKeyPair generate(SecureRandom random) {
    byte[] key = new byte[BackupRecipient.KEY_BYTES];
    random.nextBytes(key);
    try {
      X25519PrivateKeyParameters secret = new X25519PrivateKeyParameters(key);
      return new BackupKeyPair(
          new BackupRecipient(secret.generatePublicKey().getEncoded()),
          SecretValue.takeOver(PRIVATE_TEXT.write(key)));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  @Override
  public void close() {
    privateKey.close();
  }
}
