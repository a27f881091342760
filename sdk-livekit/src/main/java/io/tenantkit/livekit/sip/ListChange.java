package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What shall be otherwise of a list that a server keeps. Immutable.
 *
 * @param set the whole list; empty for an empty one
 * @param add what to append, unless it is there; at most 1,000
 * @param remove what to take away; at most 1,000
 */
public record ListChange(Optional<List<String>> set, List<String> add, List<String> remove) {
  /** Checks the bounds. */
  public ListChange {
    set = set.map(all -> SipBounds.list("set", all));
    add = SipBounds.list("add", add);
    remove = SipBounds.list("remove", remove);
  }

  /** The whole list. */
  public static ListChange set(Collection<String> all) {
    return new ListChange(Optional.of(List.copyOf(all)), List.of(), List.of());
  }

  /** Some more, and some fewer. */
  public static ListChange of(Collection<String> add, Collection<String> remove) {
    return new ListChange(Optional.empty(), List.copyOf(add), List.copyOf(remove));
  }

  RequestJson json() {
    return RequestJson.object()
        .list("set", set.orElse(List.of()))
        .list("add", add)
        .list("remove", remove)
        .flag("clear", set.isPresent() && set.get().isEmpty());
  }

  /** How many; they may be telephone numbers. */
  @Override
  public String toString() {
    return "ListChange[set="
        + set.map(List::size)
        + ", add="
        + add.size()
        + ", remove="
        + remove.size()
        + "]";
  }
}
