package io.tenantkit.livekit.ingress;

import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Optional;

/**
 * Which ingresses to list. Immutable.
 *
 * @param room only into this room, 1 to 256 bytes
 * @param after what the page before said; for servers that give pages
 */
public record IngressFilter(Optional<String> room, Optional<String> after) {
  /** Checks the bounds. */
  public IngressFilter {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("after", after, 4_096);
  }

  /** All. */
  public static IngressFilter all() {
    return new IngressFilter(Optional.empty(), Optional.empty());
  }

  /** Only into this room. */
  public IngressFilter room(String name) {
    return new IngressFilter(Optional.of(name), after);
  }

  /** What follows on a page, by its {@link IngressPage#next}. */
  public IngressFilter after(String next) {
    return new IngressFilter(room, Optional.of(next));
  }
}
