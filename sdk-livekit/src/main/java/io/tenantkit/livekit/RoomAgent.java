package io.tenantkit.livekit;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An agent that shall come into a room, by the name under which its workers registered. Immutable.
 *
 * @param name 1 to 256 bytes
 * @param metadata text for the agent's job, at most 64 KiB; never a credential: whoever holds the
 *     token reads it
 * @param restart when the server starts the job again; its own default when empty
 * @param deployment which deployment of the agent, 1 to 256 bytes; the server's default when empty
 * @param attributes texts by name for the agent's job, at most {@value
 *     TokenRequest#MAX_ATTRIBUTES}, names and values together at most 64 KiB; never credentials
 */
public record RoomAgent(
    String name,
    String metadata,
    Optional<Restart> restart,
    Optional<String> deployment,
    Map<String, String> attributes) {
  /** The longest metadata: 64 KiB (65,536 bytes). */
  public static final int MAX_METADATA_BYTES = 65_536;

  /** When an agent's job is started again. */
  public enum Restart {
    /** When it failed. */
    ON_FAILURE("JRP_ON_FAILURE"),
    /** Never. */
    NEVER("JRP_NEVER");

    private final String claim;

    Restart(String claim) {
      this.claim = claim;
    }

    /** The name within a token and in the server's API. */
    public String claim() {
      return claim;
    }
  }

  /** Checks the bounds. */
  public RoomAgent {
    BoundedText.requireName("agentName", name, TokenRequest.MAX_NAME_BYTES);
    BoundedText.requireData("agentMetadata", metadata, MAX_METADATA_BYTES);
    Objects.requireNonNull(restart, "restart");
    deployment.ifPresent(
        text -> BoundedText.requireName("deployment", text, TokenRequest.MAX_NAME_BYTES));
    attributes = BoundedText.requireAttributes("agentAttributes", attributes);
  }

  /** An agent of this name, with no metadata. */
  public static RoomAgent named(String name) {
    return new RoomAgent(name, "", Optional.empty(), Optional.empty(), Map.of());
  }

  /** With this text for its job. */
  public RoomAgent metadata(String text) {
    return new RoomAgent(name, text, restart, deployment, attributes);
  }

  /** Started again so. */
  public RoomAgent restart(Restart policy) {
    return new RoomAgent(name, metadata, Optional.of(policy), deployment, attributes);
  }

  /** Of this deployment. */
  public RoomAgent deployment(String wanted) {
    return new RoomAgent(name, metadata, restart, Optional.of(wanted), attributes);
  }

  /** With these texts for its job, and no others. */
  public RoomAgent attributes(Map<String, String> texts) {
    return new RoomAgent(name, metadata, restart, deployment, texts);
  }

  /** The name; not the metadata or attributes, which may be personal. */
  @Override
  public String toString() {
    return "RoomAgent[" + name + "]";
  }
}
