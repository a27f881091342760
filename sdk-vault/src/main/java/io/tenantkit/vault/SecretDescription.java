package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What people and programs say of a secret, in clear: never a value. Immutable.
 *
 * @param text for people, 0 to {@value #MAX_TEXT} characters without control characters, and not
 *     blank unless empty
 * @param tags at most {@value #MAX_TAGS}, each 1 to {@value #MAX_TAG} characters of {@code a-z 0-9
 *     . _ - :}
 * @param metadata at most {@value #MAX_METADATA} entries: names of 1 to {@value #MAX_METADATA_NAME}
 *     characters of {@code A-Z a-z 0-9 . _ -} beginning with a letter or digit, values as {@code
 *     text}
 */
public record SecretDescription(
    String text, SortedSet<String> tags, SortedMap<String, String> metadata) {
  /** The longest text and the longest value of the metadata, in characters. */
  public static final int MAX_TEXT = 1_024;

  /** The most tags. */
  public static final int MAX_TAGS = 32;

  /** The longest tag, in characters. */
  public static final int MAX_TAG = 64;

  /** The most entries of the metadata. */
  public static final int MAX_METADATA = 32;

  /** The longest name in the metadata, in characters. */
  public static final int MAX_METADATA_NAME = 64;

  private static final SecretDescription NONE = of("", List.of(), Map.of());

  public SecretDescription {
    requireText("description", text);
    if (tags.size() > MAX_TAGS) {
      throw new InvalidInputException("tags", "at most " + MAX_TAGS);
    }
    tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
    tags.forEach(SecretDescription::requireTag);
    if (metadata.size() > MAX_METADATA) {
      throw new InvalidInputException("metadata", "at most " + MAX_METADATA + " entries");
    }
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    metadata.forEach(SecretDescription::requireEntry);
  }

  /** Nothing said. */
  public static SecretDescription none() {
    return NONE;
  }

  /** A description of these. */
  public static SecretDescription of(
      String text, Collection<String> tags, Map<String, String> metadata) {
    return new SecretDescription(text, new TreeSet<>(tags), new TreeMap<>(metadata));
  }

  /** The same with another text. */
  public SecretDescription withText(String newText) {
    return new SecretDescription(newText, tags, metadata);
  }

  /** The same with these tags alone. */
  public SecretDescription withTags(Collection<String> newTags) {
    return of(text, newTags, metadata);
  }

  /** The same with this metadata alone. */
  public SecretDescription withMetadata(Map<String, String> newMetadata) {
    return of(text, tags, newMetadata);
  }

  static void requireTag(String tag) {
    boolean ok = !tag.isEmpty() && tag.length() <= MAX_TAG;
    for (int i = 0; ok && i < tag.length(); i++) {
      char c = tag.charAt(i);
      ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || ".-_:".indexOf(c) >= 0;
    }
    if (!ok) {
      throw new InvalidInputException(
          "tag", "1 to " + MAX_TAG + " characters of a-z, 0-9, '.', '_', '-' and ':'");
    }
  }

  private static void requireEntry(String name, String value) {
    if (name.length() > MAX_METADATA_NAME) {
      throw new InvalidInputException(
          "metadata", "names of at most " + MAX_METADATA_NAME + " characters");
    }
    SecretRef.requireName("metadata", name);
    requireText("metadata", value);
  }

  private static void requireText(String property, String text) {
    if (!text.isEmpty()) {
      Texts.require(property, text, MAX_TEXT);
    }
  }
}
