package io.tenantkit.jdbc;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Texts for people of rows written by hand, which may hold what this library refuses to store: they
 * are shown, not refused, or one such row would hide all others.
 */
final class Legible {
  private Legible() {}

  /** The text with spaces for what is no printable character, cut to so many; nothing if blank. */
  static Optional<String> text(@Nullable String written, int max) {
    if (written == null || written.isBlank()) {
      return Optional.empty();
    }
    StringBuilder shown = new StringBuilder();
    written
        .codePoints()
        .map(
            c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? ' ' : c)
        .takeWhile(c -> shown.length() + Character.charCount(c) <= max)
        .forEach(shown::appendCodePoint);
    return Optional.of(shown.toString()).filter(text -> !text.isBlank());
  }
}
