package io.tenantkit.livekit.egress;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Egresses that a server listed. A server of one's own gives all at once, LiveKit Cloud may give
 * pages. Immutable.
 *
 * @param items the egresses
 * @param next for {@link EgressFilter#after} when there are more
 */
public record EgressPage(List<EgressInfo> items, Optional<String> next) {
  /** Copies the list. */
  public EgressPage {
    items = List.copyOf(items);
    Objects.requireNonNull(next, "next");
  }
}
