package io.tenantkit.spi;

import java.util.List;
import java.util.Objects;

/**
 * What one poll of the change feed brought.
 *
 * @param cursor to be given to the next poll
 * @param everything whether more may have changed than is listed, so that all that is cached must
 *     go; nothing is listed then
 * @param changes each once, in no order
 */
public record Changes(ChangeStore.Cursor cursor, boolean everything, List<Change> changes) {
  public Changes {
    Objects.requireNonNull(cursor, "cursor");
    changes = List.copyOf(changes);
  }

  /** What changed since the cursor before, which is all that changed when one of them says so. */
  public static Changes of(ChangeStore.Cursor cursor, List<Change> changes, int limit) {
    boolean everything =
        changes.size() > limit
            || changes.stream().anyMatch(change -> change.kind().equals(Change.EVERYTHING));
    return new Changes(cursor, everything, everything ? List.of() : changes);
  }

  /** Nothing is known of what changed before this. */
  public static Changes everything(ChangeStore.Cursor cursor) {
    return new Changes(cursor, true, List.of());
  }
}
