package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import java.util.Objects;
import java.util.Optional;

/**
 * One field of a provider's credential, under the provider's own name.
 *
 * @param name 1 to 64 characters of {@code a-z 0-9 _}, beginning with a letter
 * @param label for people
 * @param kind how it is read
 * @param secret whether its value is never shown again
 * @param required whether a credential must have it; one that has a default is not required
 * @param format what its text must look like; empty for kinds that have a form of their own
 * @param defaultValue what stands for it when it is left out; never for a secret
 */
public record TemplateField(
    String name,
    String label,
    Kind kind,
    boolean secret,
    boolean required,
    Optional<FieldFormat> format,
    Optional<String> defaultValue) {

  /** How a field is read. */
  public enum Kind {
    /** A text of the field's format. */
    TEXT,
    /** Where the provider listens: {@code https://host[:port][/path]}, at most 512 characters. */
    BASE_URL,
    /**
     * Where a LiveKit server listens: as {@link #BASE_URL}, or with {@code wss} instead of {@code
     * https}.
     */
    SERVER_URL,
    /** The whole key file of a Google Cloud service account, at most 16 KiB of JSON. */
    SERVICE_ACCOUNT
  }

  /** The longest base URL, in characters. */
  public static final int MAX_URL = 512;

  /** The longest key file, in bytes. */
  public static final int MAX_KEY_FILE = 16 * 1_024;

  public TemplateField {
    requireName(name);
    Texts.require("label", label, 128);
    Objects.requireNonNull(kind, "kind");
    if ((kind == Kind.TEXT) != format.isPresent()) {
      throw new InvalidInputException("format", "for texts, and for these always");
    }
    if (format.isPresent() && format.get().allowsEmpty()) {
      throw new InvalidInputException("format", "at least one character");
    }
    if (secret && (kind == Kind.BASE_URL || kind == Kind.SERVER_URL)) {
      throw new InvalidInputException("secret", "a base URL is not secret");
    }
    if (!secret && kind == Kind.SERVICE_ACCOUNT) {
      throw new InvalidInputException("secret", "a key file is secret");
    }
    if (defaultValue.isPresent() && (secret || required)) {
      throw new InvalidInputException("default", "only for what is neither secret nor required");
    }
    if (defaultValue.isPresent() && !fits(kind, format, defaultValue.get())) {
      throw new InvalidInputException("default", "a value of the field's format");
    }
  }

  /** A secret text that must be there. */
  public static TemplateField secret(String name, String label, String format) {
    return text(name, label, true, format);
  }

  /** A text that must be there and may be shown. */
  public static TemplateField plain(String name, String label, String format) {
    return text(name, label, false, format);
  }

  private static TemplateField text(String name, String label, boolean secret, String format) {
    return new TemplateField(
        name,
        label,
        Kind.TEXT,
        secret,
        true,
        Optional.of(FieldFormat.of(format)),
        Optional.empty());
  }

  /** Where the provider listens, which the tenant says. */
  public static TemplateField baseUrl(String name, String label) {
    return new TemplateField(
        name, label, Kind.BASE_URL, false, true, Optional.empty(), Optional.empty());
  }

  /** Whether it names the host that the credential is sent to. */
  boolean isUrl() {
    return kind == Kind.BASE_URL || kind == Kind.SERVER_URL;
  }

  /** The longest value in bytes. */
  public int maxLength() {
    return switch (kind) {
      case TEXT -> format.map(FieldFormat::maxLength).orElse(0);
      case BASE_URL, SERVER_URL -> MAX_URL;
      case SERVICE_ACCOUNT -> MAX_KEY_FILE;
    };
  }

  /** Whether a value has this field's form. */
  boolean fits(String value) {
    return fits(kind, format, value);
  }

  private static boolean fits(Kind kind, Optional<FieldFormat> format, String value) {
    return switch (kind) {
      case TEXT -> format.isPresent() && format.get().matches(value);
      case BASE_URL -> BaseUrl.parse(value, false).isPresent();
      case SERVER_URL -> BaseUrl.parse(value, true).isPresent();
      case SERVICE_ACCOUNT -> ServiceAccountKey.isKeyFile(value);
    };
  }

  /** What is accepted, for the error; never what was given. */
  String bound() {
    return switch (kind) {
      case TEXT -> "the form " + format.map(FieldFormat::toString).orElse("");
      case BASE_URL -> "https://host[:port][/path], at most " + MAX_URL + " characters";
      case SERVER_URL -> "wss:// or https://host[:port][/path], at most " + MAX_URL + " characters";
      case SERVICE_ACCOUNT ->
          "the key file of a service account: type, client_email, private_key and token_uri "
              + ServiceAccountKey.TOKEN_URI;
    };
  }

  private static void requireName(String name) {
    if (name.isEmpty()
        || name.length() > 64
        || name.charAt(0) < 'a'
        || name.charAt(0) > 'z'
        || !name.chars().allMatch(TemplateField::ofNames)) {
      throw new InvalidInputException(
          "name", "1 to 64 characters of a-z, 0-9 and '_', beginning with a letter");
    }
  }

  static boolean ofNames(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  }
}
