package io.tenantkit.vault.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One header of a request, checked before any HTTP client sees it: theirs put a value that they
 * refuse into the message of the exception. A secret value is referred to, not copied. Immutable.
 */
final class HeaderField {
  static final int MAX_VALUE_BYTES = 16_384;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  /** Those that frame the message or say where it goes: the client's own to write. */
  private static final Set<String> RESERVED =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "forwarded",
          "host",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via");

  private final String name;
  private final String text;
  private final @Nullable SecretValue secret;

  private HeaderField(String name, String text, @Nullable SecretValue secret) {
    this.name = name;
    this.text = text;
    this.secret = secret;
  }

  static HeaderField plain(String name, String value) {
    requireName(name);
    if (value.isEmpty()) {
      throw refused(name);
    }
    requireValue(name, value.getBytes(StandardCharsets.UTF_8), true, true);
    return new HeaderField(name, value, null);
  }

  /**
   * @param prefix what comes before the secret, for example {@code "Bearer "}; may be empty
   */
  static HeaderField secret(String name, String prefix, SecretValue secret) {
    requireName(name);
    requireValue(name, prefix.getBytes(StandardCharsets.UTF_8), true, false);
    byte[] bytes = secret.bytes(SecretAccess.get());
    try {
      if (bytes.length == 0) {
        throw refused(name);
      }
      requireValue(name, bytes, prefix.isEmpty(), true);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    return new HeaderField(name, prefix, secret);
  }

  /** The content type of a body; the one reserved header that a caller says. */
  static String requireContentType(String value) {
    requireValue("Content-Type", value.getBytes(StandardCharsets.UTF_8), true, true);
    if (okhttp3.MediaType.parse(value) == null) {
      throw refused("Content-Type");
    }
    return value;
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidInputException("header", "a name of 1 to 128 token characters");
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(lower)
        || lower.startsWith("proxy-")
        || lower.startsWith("x-forwarded-")) {
      throw new InvalidInputException("header " + lower, "not one that the client writes itself");
    }
  }

  /** Printable ASCII, not beginning or ending with a space where the whole value does. */
  private static void requireValue(String name, byte[] value, boolean begins, boolean ends) {
    boolean refused = value.length > MAX_VALUE_BYTES;
    for (byte each : value) {
      refused |= each < ' ' || each > '~';
    }
    if (value.length > 0) {
      refused |= (begins && value[0] == ' ') || (ends && value[value.length - 1] == ' ');
    }
    if (refused) {
      throw refused(name);
    }
  }

  private static InvalidInputException refused(String name) {
    return new InvalidInputException(
        "header " + name.toLowerCase(Locale.ROOT),
        "1 to " + MAX_VALUE_BYTES + " characters of printable ASCII, no space at either end");
  }

  String name() {
    return name;
  }

  /** The value in the clear, for the wire only. */
  String value() {
    return secret == null ? text : text + secret.string(SecretAccess.get());
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
