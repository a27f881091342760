package io.tenantkit;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One page of a listing and the cursor of the next. Cursors are opaque; they stay valid while rows
 * come and go, because they name the last row seen and not a count of rows.
 *
 * @param items the rows, in the listing's documented order
 * @param next the cursor that continues after the last row; empty at the end
 */
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
    Objects.requireNonNull(next, "next");
  }
}
