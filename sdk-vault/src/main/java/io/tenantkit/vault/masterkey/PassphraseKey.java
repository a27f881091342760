package io.tenantkit.vault.masterkey;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKey;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Makes a {@link MasterKey} of a passphrase by Argon2id (RFC 9106). The same passphrase under the
 * same settings is the same key, with the same id and check value, wherever and whenever.
 *
 * <p>A passphrase is {@value #MIN_CHARACTERS} to {@value #MAX_CHARACTERS} characters (code points)
 * of Unicode, brought to its composed form (NFC) first, so that the keyboard of another system
 * types the same key, and then written in UTF-8. It neither begins nor ends with a blank and holds
 * no control character, so that a line feed which a file added is told and not hashed. Length is
 * all that can be checked: <b>a sentence from a book is no key</b>, for the check value that stands
 * in the database lets whoever has it try passphrases. A random key in a file is better.
 *
 * <p>A derivation takes the settings' memory from the heap and, with the recommended ones, some
 * tenths of a second. Copies made here are wiped; of a passphrase that is not in composed form the
 * platform makes a {@link String} meanwhile, which no one can wipe. Stateless, safe for use by
 * several threads.
 */
public final class PassphraseKey {
  /** The shortest passphrase, in characters (code points) of its composed form. */
  public static final int MIN_CHARACTERS = 16;

  /** The longest passphrase, in characters (code points) of its composed form. */
  public static final int MAX_CHARACTERS = 1_024;

  private static final String PREFIX = "passphrase:";
  private static final int KEY_BYTES = 32;
  private static final String BOUND =
      "passphrase: "
          + MIN_CHARACTERS
          + " to "
          + MAX_CHARACTERS
          + " characters, not all the same, no control characters, no blank at either end";

  private PassphraseKey() {}

  /**
   * The key of a passphrase.
   *
   * @param passphrase only read; the caller wipes it
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if the passphrase is out
   *     of the bounds above; the message never holds a part of it
   */
  public static MasterKey derive(char[] passphrase, Argon2idSettings settings) {
    Objects.requireNonNull(settings, "settings");
    char[] composed = composed(passphrase);
    byte[] password = {};
    byte[] key = {};
    try {
      requireBounds(composed);
      password = utf8(composed);
      key = hash(password, parameters(settings));
      return MasterKey.of(key);
    } finally {
      Arrays.fill(composed, '\0');
      Arrays.fill(password, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * The key of the text {@code passphrase:} with the passphrase behind it; every other text is read
   * as {@link MasterKey#parse} does.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if it is no key in its
   *     form; the message never holds a part of the text
   */
  public static MasterKey parse(CharSequence text, Argon2idSettings settings) {
    int length = text.length();
    if (length < PREFIX.length() || !PREFIX.contentEquals(text.subSequence(0, PREFIX.length()))) {
      return MasterKey.parse(text);
    }
    char[] passphrase = new char[length - PREFIX.length()];
    for (int i = 0; i < passphrase.length; i++) {
      passphrase[i] = text.charAt(PREFIX.length() + i);
    }
    try {
      return derive(passphrase, settings);
    } finally {
      Arrays.fill(passphrase, '\0');
    }
  }

  /** {@link #parse} with these settings, for {@code MasterKeys.fromEnvironment}. */
  public static Function<CharSequence, MasterKey> reader(Argon2idSettings settings) {
    Objects.requireNonNull(settings, "settings");
    return text -> parse(text, settings);
  }

  static byte[] hash(byte[] password, Argon2Parameters parameters) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(parameters);
    byte[] output = new byte[KEY_BYTES];
    generator.generateBytes(password, output);
    return output;
  }

  private static Argon2Parameters parameters(Argon2idSettings settings) {
    return new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
        .withMemoryAsKB(settings.memoryKib())
        .withIterations(settings.iterations())
        .withParallelism(settings.parallelism())
        .withSalt(settings.salt())
        .build();
  }

  private static char[] composed(char[] passphrase) {
    if (passphrase.length > 4 * MAX_CHARACTERS) {
      throw invalid();
    }
    CharBuffer characters = CharBuffer.wrap(passphrase);
    return Normalizer.isNormalized(characters, Normalizer.Form.NFC)
        ? passphrase.clone()
        : Normalizer.normalize(characters, Normalizer.Form.NFC).toCharArray();
  }

  private static void requireBounds(char[] passphrase) {
    int count = 0;
    int first = -1;
    boolean varied = false;
    for (int i = 0; i < passphrase.length; count++) {
      int c = Character.codePointAt(passphrase, i);
      i += Character.charCount(c);
      if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
        throw invalid();
      }
      boolean atAnEnd = count == 0 || i == passphrase.length;
      if (atAnEnd && (Character.isWhitespace(c) || Character.isSpaceChar(c))) {
        throw invalid();
      }
      varied |= count > 0 && c != first;
      first = count == 0 ? c : first;
    }
    if (count < MIN_CHARACTERS || count > MAX_CHARACTERS || !varied) {
      throw invalid();
    }
  }

  private static byte[] utf8(char[] characters) {
    // A char takes at most three bytes, so that no encoder makes a buffer that nobody wipes.
    ByteBuffer encoded = ByteBuffer.allocate(3 * characters.length);
    if (StandardCharsets.UTF_8
        .newEncoder()
        .encode(CharBuffer.wrap(characters), encoded, true)
        .isError()) {
      throw invalid();
    }
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return bytes;
  }

  private static TenantkitException invalid() {
    return new TenantkitException(ErrorCode.MASTER_KEY_INVALID, "master key: " + BOUND);
  }
}
