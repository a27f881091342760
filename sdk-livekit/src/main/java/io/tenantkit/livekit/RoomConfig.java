package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a room shall be like: LiveKit's {@code RoomConfiguration}. What is not said is the server's
 * default. Within a token it counts only when the join creates the room: a room that is there
 * already stays as it is, and agents that are named here do not come. Immutable.
 */
public final class RoomConfig {
  /** The most agents. */
  public static final int MAX_AGENTS = 16;

  /** The most tags. */
  public static final int MAX_TAGS = 64;

  /** The longest text of a tag, in bytes. */
  public static final int MAX_TAG_BYTES = 1_024;

  /** The most participants that a room can be limited to. */
  public static final int MAX_PARTICIPANTS = 100_000;

  /** The longest time that a room stays empty: 24 hours. */
  public static final Duration MAX_TIMEOUT = Duration.ofHours(24);

  /** The longest delay of playing out: 10 seconds. */
  public static final Duration MAX_PLAYOUT_DELAY = Duration.ofSeconds(10);

  private final Builder said;

  private RoomConfig(Builder said) {
    this.said = said;
  }

  /** To be said. */
  public static Builder builder() {
    return new Builder();
  }

  /** A room into which these agents shall come. */
  public static RoomConfig withAgents(RoomAgent... agents) {
    return builder().agents(List.of(agents)).build();
  }

  /** Which of the server's own room configurations it begins with. */
  public Optional<String> name() {
    return said.name;
  }

  /** How long it stays when nobody has come. */
  public Optional<Duration> emptyTimeout() {
    return said.emptyTimeout;
  }

  /** How long it stays when all have left. */
  public Optional<Duration> departureTimeout() {
    return said.departureTimeout;
  }

  /** How many may be in it, agents and recorders not counted. */
  public OptionalInt maxParticipants() {
    return said.maxParticipants;
  }

  /** Text for all clients. */
  public Optional<String> metadata() {
    return said.metadata;
  }

  /** Tags, by name. */
  public Map<String, String> tags() {
    return said.tags;
  }

  /** Who shall come. */
  public List<RoomAgent> agents() {
    return said.agents;
  }

  /** What is recorded. */
  public Optional<RoomEgress> egress() {
    return said.egress;
  }

  /** The least delay of playing out. */
  public Optional<Duration> minPlayoutDelay() {
    return said.minPlayoutDelay;
  }

  /** The most delay of playing out. */
  public Optional<Duration> maxPlayoutDelay() {
    return said.maxPlayoutDelay;
  }

  /** Whether sound and picture of a participant are kept together. */
  public boolean syncStreams() {
    return said.syncStreams;
  }

  /** What it says beside who shall come, by the first such claim; empty when it says no more. */
  Optional<String> beyondAgents() {
    return said.name
        .map(any -> "name")
        .or(() -> said.emptyTimeout.map(any -> "emptyTimeout"))
        .or(() -> said.departureTimeout.map(any -> "departureTimeout"))
        .or(() -> said.metadata.map(any -> "metadata"))
        .or(() -> said.egress.map(any -> "egress"))
        .or(() -> said.minPlayoutDelay.map(any -> "minPlayoutDelay"))
        .or(() -> said.maxPlayoutDelay.map(any -> "maxPlayoutDelay"))
        .or(() -> said(said.maxParticipants.isPresent(), "maxParticipants"))
        .or(() -> said(!said.tags.isEmpty(), "tags"))
        .or(() -> said(said.syncStreams, "syncStreams"));
  }

  private static Optional<String> said(boolean isSaid, String claim) {
    return isSaid ? Optional.of(claim) : Optional.empty();
  }

  /** The same as JSON: LiveKit's protocol buffer in its ProtoJSON form. */
  public String toJson() {
    JsonBytes json = new JsonBytes(256);
    RoomConfigJson.write(json, this);
    byte[] bytes = new byte[json.length()];
    json.copyTo(bytes, 0);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Agents and bounds; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "RoomConfig[agents=" + agents() + ", maxParticipants=" + maxParticipants() + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private Optional<String> name = Optional.empty();
    private Optional<Duration> emptyTimeout = Optional.empty();
    private Optional<Duration> departureTimeout = Optional.empty();
    private OptionalInt maxParticipants = OptionalInt.empty();
    private Optional<String> metadata = Optional.empty();
    private Map<String, String> tags = Map.of();
    private List<RoomAgent> agents = List.of();
    private Optional<RoomEgress> egress = Optional.empty();
    private Optional<Duration> minPlayoutDelay = Optional.empty();
    private Optional<Duration> maxPlayoutDelay = Optional.empty();
    private boolean syncStreams;

    private Builder() {}

    private Builder(Builder other) {
      this.name = other.name;
      this.emptyTimeout = other.emptyTimeout;
      this.departureTimeout = other.departureTimeout;
      this.maxParticipants = other.maxParticipants;
      this.metadata = other.metadata;
      this.tags = other.tags;
      this.agents = other.agents;
      this.egress = other.egress;
      this.minPlayoutDelay = other.minPlayoutDelay;
      this.maxPlayoutDelay = other.maxPlayoutDelay;
      this.syncStreams = other.syncStreams;
    }

    /** Begins with the room configuration of the server's that has this name, 1 to 256 bytes. */
    public Builder name(String wanted) {
      this.name =
          Optional.of(
              BoundedText.requireName("roomConfig.name", wanted, TokenRequest.MAX_NAME_BYTES));
      return this;
    }

    /** How long it stays when nobody has come: 1 second to 24 hours. */
    public Builder emptyTimeout(Duration wanted) {
      this.emptyTimeout = Optional.of(requireTimeout("emptyTimeout", wanted));
      return this;
    }

    /** How long it stays when all have left: 1 second to 24 hours. */
    public Builder departureTimeout(Duration wanted) {
      this.departureTimeout = Optional.of(requireTimeout("departureTimeout", wanted));
      return this;
    }

    /** How many may be in it, 1 to 100,000. */
    public Builder maxParticipants(int most) {
      if (most < 1 || most > MAX_PARTICIPANTS) {
        throw new InvalidInputException("maxParticipants", "1 to " + MAX_PARTICIPANTS);
      }
      this.maxParticipants = OptionalInt.of(most);
      return this;
    }

    /** Text for all clients, at most 512 KiB. */
    public Builder metadata(String text) {
      this.metadata =
          Optional.of(BoundedText.requireData("metadata", text, TokenRequest.MAX_METADATA_BYTES));
      return this;
    }

    /** At most 64 tags with names of 1 to 256 bytes and texts of at most 1,024. */
    public Builder tags(Map<String, String> wanted) {
      if (wanted.size() > MAX_TAGS) {
        throw new InvalidInputException("tags", "at most " + MAX_TAGS);
      }
      TreeMap<String, String> sorted = new TreeMap<>();
      wanted.forEach(
          (tag, text) ->
              sorted.put(
                  BoundedText.requireName("tags", tag, TokenRequest.MAX_NAME_BYTES),
                  BoundedText.requireData("tags", text, MAX_TAG_BYTES)));
      this.tags = Collections.unmodifiableMap(sorted);
      return this;
    }

    /** Who shall come, at most 16. */
    public Builder agents(List<RoomAgent> wanted) {
      if (wanted.size() > MAX_AGENTS) {
        throw new InvalidInputException("agents", "at most " + MAX_AGENTS);
      }
      this.agents = List.copyOf(wanted);
      return this;
    }

    /** What is recorded. */
    public Builder egress(RoomEgress wanted) {
      this.egress = Optional.of(wanted);
      return this;
    }

    /** Played out with a delay between these, 0 to 10 seconds. */
    public Builder playoutDelay(Duration least, Duration most) {
      if (least.isNegative()
          || most.compareTo(MAX_PLAYOUT_DELAY) > 0
          || most.compareTo(least) < 0) {
        throw new InvalidInputException("playoutDelay", "0 to 10 seconds, least before most");
      }
      this.minPlayoutDelay = Optional.of(least);
      this.maxPlayoutDelay = Optional.of(most);
      return this;
    }

    /** Whether sound and picture of a participant are kept together; no unless said. */
    public Builder syncStreams(boolean wanted) {
      this.syncStreams = wanted;
      return this;
    }

    /** What was said so far. */
    public RoomConfig build() {
      return new RoomConfig(new Builder(this));
    }

    private static Duration requireTimeout(String property, Duration time) {
      if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(MAX_TIMEOUT) > 0) {
        throw new InvalidInputException(property, "1 second to 24 hours");
      }
      return time;
    }
  }
}
