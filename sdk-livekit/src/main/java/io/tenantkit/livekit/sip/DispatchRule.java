package io.tenantkit.livekit.sip;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A rule that takes calls into rooms, as its server tells; without the pin. Immutable.
 *
 * @param id the server's id
 * @param name what it is called, may be empty
 * @param kind how the room is found
 * @param room its name, or what its name begins with
 * @param pinAsked whether callers must type a pin
 * @param trunkIds for which trunks; for all when there are none
 * @param callers from which numbers; from all when there are none
 * @param called to which numbers; to all when there are none
 * @param numberHidden whether the caller's number is kept from the others
 * @param metadata text on the participants, may be empty
 * @param attributes attributes of the participants
 */
public record DispatchRule(
    String id,
    String name,
    DispatchTarget.Kind kind,
    String room,
    boolean pinAsked,
    List<String> trunkIds,
    List<String> callers,
    List<String> called,
    boolean numberHidden,
    String metadata,
    Map<String, String> attributes) {
  /** Copies the collections. */
  public DispatchRule {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(room, "room");
    trunkIds = List.copyOf(trunkIds);
    callers = List.copyOf(callers);
    called = List.copyOf(called);
    Objects.requireNonNull(metadata, "metadata");
    attributes = Map.copyOf(attributes);
  }

  /** Id, name and room; no numbers. */
  @Override
  public String toString() {
    return "DispatchRule[" + id + ", " + name + ", " + kind + " " + room + "]";
  }
}
