package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Optional;

/**
 * Which egresses to list. Immutable.
 *
 * @param room only of this room, 1 to 256 bytes
 * @param active only those that have not ended
 * @param after what the page before said; for servers that give pages
 */
public record EgressFilter(Optional<String> room, boolean active, Optional<String> after) {
  /** Checks the bounds. */
  public EgressFilter {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("after", after, 4_096);
  }

  /** All. */
  public static EgressFilter all() {
    return new EgressFilter(Optional.empty(), false, Optional.empty());
  }

  /** Only of this room. */
  public EgressFilter room(String name) {
    return new EgressFilter(Optional.of(name), active, after);
  }

  /** Only those that have not ended. */
  public EgressFilter onlyActive() {
    return new EgressFilter(room, true, after);
  }

  /** What follows on a page, by its {@link EgressPage#next}. */
  public EgressFilter after(String next) {
    return new EgressFilter(room, active, Optional.of(next));
  }
}
