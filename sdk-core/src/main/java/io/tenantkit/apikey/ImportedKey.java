package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.ScopeSet;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * A key that another system issued and of which only the hash is known. Immutable; each method
 * answers a changed copy.
 *
 * <p>Once imported it is presented as it always was, whatever its shape, up to 512 characters. One
 * that looks exactly like a key of ours, {@code ak_live_} or {@code ak_test_} and 38 letters and
 * digits, must have our checksum, or it is refused without a look.
 *
 * @param hash SHA-256 of the full key's UTF-8 bytes
 * @param prefix by which people recognise it, 1 to 16 printable ASCII characters without spaces;
 *     never so many of the key's own that the rest could be guessed
 * @param mode live or test
 * @param name for people, 1 to 255 characters
 * @param description for people, 1 to 1,000 characters, if any
 * @param grants what it may do, how often, and from where; no scope unless said
 * @param lifetime how long it lives from the import on, more than zero and at most {@link
 *     NewApiKey#MAX_LIFETIME}; empty for no end
 */
public record ImportedKey(
    KeyHash hash,
    String prefix,
    KeyMode mode,
    String name,
    Optional<String> description,
    KeyGrants grants,
    Optional<Duration> lifetime) {
  /** What is shown of a key whose first characters are not known. */
  public static final String DEFAULT_PREFIX = "imported";

  private static final int HEX = 64;
  private static final int PADDED = 44;
  private static final int UNPADDED = 43;

  public ImportedKey {
    Objects.requireNonNull(hash, "hash");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(grants, "grants");
    if (prefix.isEmpty()
        || prefix.length() > KeyFormat.SHOWN
        || prefix.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(
          "prefix", "1 to 16 printable ASCII characters without spaces");
    }
    Texts.require("name", name, 255);
    description.ifPresent(text -> Texts.require("description", text, 1_000));
    NewApiKey.requireLifetime(lifetime);
  }

  /**
   * A key for production with this hash.
   *
   * @param sha256 64 hexadecimal characters, or base64 or base64url of the 32 bytes, with or
   *     without its padding
   * @throws InvalidInputException when it is anything else; the text is not repeated
   */
  public static ImportedKey live(String name, String sha256) {
    return of(KeyMode.LIVE, name, sha256);
  }

  /** As {@link #live}, a key for development and staging. */
  public static ImportedKey test(String name, String sha256) {
    return of(KeyMode.TEST, name, sha256);
  }

  private static ImportedKey of(KeyMode mode, String name, String sha256) {
    return new ImportedKey(
        hash(sha256),
        DEFAULT_PREFIX,
        mode,
        name,
        Optional.empty(),
        KeyGrants.none(),
        Optional.empty());
  }

  private static KeyHash hash(String sha256) {
    try {
      if (sha256.length() == HEX) {
        return KeyHash.of(HexFormat.of().parseHex(sha256));
      }
      if (sha256.length() == PADDED || sha256.length() == UNPADDED) {
        return KeyHash.of(base64(sha256));
      }
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    throw malformed();
  }

  /** Java's decoders let unused bits pass, so what is read is written again and compared. */
  private static byte[] base64(String text) {
    boolean forUrls = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
    Base64.Decoder decoder = forUrls ? Base64.getUrlDecoder() : Base64.getDecoder();
    Base64.Encoder encoder = forUrls ? Base64.getUrlEncoder() : Base64.getEncoder();
    byte[] bytes = decoder.decode(text);
    String again =
        (text.length() == PADDED ? encoder : encoder.withoutPadding()).encodeToString(bytes);
    if (!again.equals(text)) {
      Arrays.fill(bytes, (byte) 0);
      throw malformed();
    }
    return bytes;
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException(
        "sha256", "64 hexadecimal characters, or base64 or base64url of 32 bytes");
  }

  /** Recognised by this instead of {@value #DEFAULT_PREFIX}. */
  public ImportedKey prefix(String shown) {
    return new ImportedKey(hash, shown, mode, name, description, grants, lifetime);
  }

  /** With exactly these scopes. */
  public ImportedKey scopes(String... granted) {
    return granting(grants.withScopes(ScopeSet.of(granted)));
  }

  /** With exactly these grants. */
  public ImportedKey granting(KeyGrants changed) {
    return new ImportedKey(hash, prefix, mode, name, description, changed, lifetime);
  }

  /** With this description. */
  public ImportedKey description(String text) {
    return new ImportedKey(hash, prefix, mode, name, Optional.of(text), grants, lifetime);
  }

  /** With this lifetime from the import on. */
  public ImportedKey lifetime(Duration wanted) {
    return new ImportedKey(hash, prefix, mode, name, description, grants, Optional.of(wanted));
  }
}
