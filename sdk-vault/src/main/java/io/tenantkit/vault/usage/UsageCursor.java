package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Cursors that hold the key of the last line seen. Keys may be in any script, so they are kept as
 * two bytes a character, which the longest of them leaves room for. Stateless.
 */
final class UsageCursor {
  private UsageCursor() {}

  /** The key, or null at the start. */
  static @Nullable String after(PageRequest page) {
    if (page.cursor().isEmpty()) {
      return null;
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(page.cursor().get());
    } catch (IllegalArgumentException e) {
      throw refused();
    }
    String key = new String(bytes, StandardCharsets.UTF_16BE);
    // What no line has for its key no storage need see.
    if (bytes.length % 2 != 0 || key.length() > 330 || key.indexOf('\0') >= 0) {
      throw refused();
    }
    return key;
  }

  /** From up to one line more than was asked for. */
  static <T> Page<T> page(PageRequest page, List<T> lines, Function<T, String> key) {
    if (lines.size() <= page.limit()) {
      return new Page<>(lines, Optional.empty());
    }
    List<T> shown = lines.subList(0, page.limit());
    byte[] last = key.apply(shown.get(page.limit() - 1)).getBytes(StandardCharsets.UTF_16BE);
    return new Page<>(
        shown, Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(last)));
  }

  static InvalidInputException refused() {
    return new InvalidInputException("cursor", "a cursor that a page gave");
  }
}
