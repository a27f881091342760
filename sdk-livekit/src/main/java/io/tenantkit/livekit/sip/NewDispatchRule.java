package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A rule that shall take calls into rooms. Immutable. */
public final class NewDispatchRule {
  private final Builder said;

  private NewDispatchRule(Builder said) {
    this.said = said;
  }

  /** A rule of this name, 1 to 256 bytes. */
  public static Builder named(String name, DispatchTarget target) {
    return new Builder(
        RequestTexts.name("name", name, SipBounds.MAX_NAME),
        Objects.requireNonNull(target, "target"));
  }

  /** What it is called. */
  public String name() {
    return said.name;
  }

  /** Into which room calls go. */
  public DispatchTarget target() {
    return said.target;
  }

  RequestJson json() {
    RequestJson json =
        RequestJson.object()
            .text("name", said.name)
            .put("rule", said.target.json())
            .list("trunkIds", said.trunkIds)
            .flag("hidePhoneNumber", said.numberHidden)
            .list("inboundNumbers", said.callers)
            .list("numbers", said.called)
            .text("metadata", said.metadata)
            .texts("attributes", said.attributes)
            .text("roomPreset", said.roomPreset)
            .flag("krispEnabled", said.noiseCancelled);
    said.roomConfig.ifPresent(config -> json.json("roomConfig", config.toJson()));
    if (said.encryption != SipEncryption.DISABLE) {
      json.text("mediaEncryption", SipJson.word(said.encryption));
    }
    return json;
  }

  /** Name and target. */
  @Override
  public String toString() {
    return "NewDispatchRule[" + said.name + ", " + said.target + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private final String name;
    private final DispatchTarget target;
    private List<String> trunkIds = List.of();
    private List<String> callers = List.of();
    private List<String> called = List.of();
    private boolean numberHidden;
    private Optional<String> metadata = Optional.empty();
    private Map<String, String> attributes = Map.of();
    private Optional<String> roomPreset = Optional.empty();
    private Optional<RoomConfig> roomConfig = Optional.empty();
    private boolean noiseCancelled;
    private SipEncryption encryption = SipEncryption.DISABLE;

    private Builder(String name, DispatchTarget target) {
      this.name = name;
      this.target = target;
    }

    private Builder(Builder other) {
      this(other.name, other.target);
      this.trunkIds = other.trunkIds;
      this.callers = other.callers;
      this.called = other.called;
      this.numberHidden = other.numberHidden;
      this.metadata = other.metadata;
      this.attributes = other.attributes;
      this.roomPreset = other.roomPreset;
      this.roomConfig = other.roomConfig;
      this.noiseCancelled = other.noiseCancelled;
      this.encryption = other.encryption;
    }

    /** For these trunks alone, at most 1,000; for all when there are none. */
    public Builder trunks(Collection<String> ids) {
      this.trunkIds = SipBounds.list("trunkIds", ids);
      return this;
    }

    /** For calls from these numbers alone, at most 1,000; from all when there are none. */
    public Builder callers(Collection<String> numbers) {
      this.callers = SipBounds.list("callers", numbers);
      return this;
    }

    /** For calls to these numbers alone, at most 1,000; to all when there are none. */
    public Builder called(Collection<String> numbers) {
      this.called = SipBounds.list("called", numbers);
      return this;
    }

    /** Whether the caller's number is kept from the others in the room. */
    public Builder numberHidden(boolean wanted) {
      this.numberHidden = wanted;
      return this;
    }

    /** Text on the participants, at most 64 KiB. */
    public Builder metadata(String text) {
      this.metadata = Optional.of(RequestTexts.data("metadata", text, SipBounds.MAX_METADATA));
      return this;
    }

    /** Attributes of the participants, at most 64 with texts of at most 1,024 bytes. */
    public Builder attributes(Map<String, String> wanted) {
      this.attributes = RequestTexts.texts("attributes", wanted, 64, 1_024);
      return this;
    }

    /** Which of the server's own room configurations a room begins with, 1 to 256 bytes. */
    public Builder roomPreset(String wanted) {
      this.roomPreset = Optional.of(RequestTexts.name("roomPreset", wanted, SipBounds.MAX_NAME));
      return this;
    }

    /** What a room is like that a call makes: its agents, for example. */
    public Builder roomConfig(RoomConfig wanted) {
      this.roomConfig = Optional.of(wanted);
      return this;
    }

    /** Whether noise is taken out of the caller's sound (Krisp), where the server has it. */
    public Builder noiseCancelled(boolean wanted) {
      this.noiseCancelled = wanted;
      return this;
    }

    /** Whether media are encrypted; not unless said. */
    public Builder encryption(SipEncryption wanted) {
      this.encryption = SipJson.known(wanted);
      return this;
    }

    /** What was said so far. */
    public NewDispatchRule build() {
      return new NewDispatchRule(new Builder(this));
    }
  }
}
