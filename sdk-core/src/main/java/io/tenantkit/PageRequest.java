package io.tenantkit;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a listing is wanted.
 *
 * @param limit how many rows at the most, 1 to {@value #MAX_LIMIT}
 * @param cursor {@link Page#next()} of the page before; empty for the first
 */
public record PageRequest(int limit, Optional<String> cursor) {
  /** The largest page. */
  public static final int MAX_LIMIT = 1_000;

  private static final int MAX_CURSOR = 1_024;

  public PageRequest {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new InvalidInputException("limit", "1 to " + MAX_LIMIT);
    }
    if (cursor.isPresent() && cursor.get().length() > MAX_CURSOR) {
      throw new InvalidInputException("cursor", "a cursor that a page gave");
    }
  }

  /** The first page. */
  public static PageRequest first(int limit) {
    return new PageRequest(limit, Optional.empty());
  }

  /** The page after the one that gave this cursor. */
  public PageRequest after(String nextCursor) {
    return new PageRequest(limit, Optional.of(nextCursor));
  }

  /** The id of the last row already seen, or null at the start; for storages' callers. */
  public @Nullable String afterId() {
    if (cursor.isEmpty()) {
      return null;
    }
    String id;
    try {
      id = new String(Base64.getUrlDecoder().decode(cursor.get()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("cursor", "a cursor that a page gave");
    }
    // Ids are printable ASCII; what else was smuggled in here no storage need see.
    if (id.isEmpty() || id.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new InvalidInputException("cursor", "a cursor that a page gave");
    }
    return id;
  }

  /**
   * Makes the page from up to {@code limit + 1} rows; the extra row only tells that there is more.
   *
   * @param rows what the storage answered when asked for one row more than the limit
   * @param id the row's id, in whose order the rows come
   */
  public <T> Page<T> page(List<T> rows, Function<T, String> id) {
    if (rows.size() <= limit) {
      return new Page<>(rows, Optional.empty());
    }
    List<T> shown = rows.subList(0, limit);
    byte[] last = id.apply(shown.get(limit - 1)).getBytes(StandardCharsets.UTF_8);
    return new Page<>(
        shown, Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(last)));
  }
}
