package io.tenantkit.livekit.ingress;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Ingresses that a server listed. A server of one's own gives all at once, LiveKit Cloud may give
 * pages.
 *
 * @param items the ingresses, with their keys
 * @param next for {@link IngressFilter#after} when there are more
 */
public record IngressPage(List<IngressInfo> items, Optional<String> next) implements AutoCloseable {
  /** Copies the list. */
  public IngressPage {
    items = List.copyOf(items);
    Objects.requireNonNull(next, "next");
  }

  /** Wipes all the keys. */
  @Override
  public void close() {
    items.forEach(IngressInfo::close);
  }
}
