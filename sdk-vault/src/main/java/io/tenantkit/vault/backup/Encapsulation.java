package io.tenantkit.vault.backup;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.jspecify.annotations.Nullable;

/**
 * A secret sent to a recipient by HPKE (RFC 9180), base mode. Arrays are not copied.
 *
 * @param encapsulated what the recipient makes the same secret of
 * @param secret 32 bytes, to be wiped
 */
// Lives for one call; equality is never asked for.
@SuppressWarnings("ArrayRecordComponent")
record Encapsulation(byte[] encapsulated, byte[] secret) {
  private static final byte[] LABEL = ascii("tenantkit backup 1");
  private static final byte[] EXPORTED = ascii("tenantkit backup 1 secret");

  /** Holds no key, but a key generator that is not used here: made anew for each file. */
  private static HPKE hpke() {
    return new HPKE(
        HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
  }

  static Encapsulation to(BackupRecipient recipient, byte[] context, SecureRandom random) {
    X25519PrivateKeyParameters once = new X25519PrivateKeyParameters(random);
    try {
      HPKEContextWithEncapsulation sent =
          hpke()
              .setupBaseS(
                  new X25519PublicKeyParameters(recipient.key()),
                  info(context),
                  new AsymmetricCipherKeyPair(once.generatePublicKey(), once));
      return new Encapsulation(
          sent.getEncapsulation(), sent.export(EXPORTED, FileKeys.SECRET_BYTES));
    } catch (IllegalStateException | IllegalArgumentException e) {
      // A point of low order: everybody would know the secret.
      throw new InvalidInputException("recipient", "a key that a key pair was made with");
    }
  }

  /** The secret of a file, or anything else when the key is not its recipient's. */
  static byte[] open(SecretValue privateKey, BackupHeader header) {
    byte[] text = privateKey.bytes(SecretAccess.get());
    byte @Nullable [] key = BackupKeyPair.PRIVATE_TEXT.read(text);
    Arrays.fill(text, (byte) 0);
    if (key == null) {
      throw new InvalidInputException("privateKey", "a private key as its key pair gave it");
    }
    try {
      X25519PrivateKeyParameters own = new X25519PrivateKeyParameters(key);
      return hpke()
          .setupBaseR(
              header.encapsulation(),
              new AsymmetricCipherKeyPair(own.generatePublicKey(), own),
              info(header.beforeEncapsulation()))
          .export(EXPORTED, FileKeys.SECRET_BYTES);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw Rejected.backup();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] info(byte[] context) {
    return ByteBuffer.allocate(LABEL.length + context.length).put(LABEL).put(context).array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return "Encapsulation[redacted]";
  }
}
