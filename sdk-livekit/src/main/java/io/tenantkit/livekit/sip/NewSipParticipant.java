package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Somebody who shall be called, and be in a room then. Immutable. */
public final class NewSipParticipant {
  /** What a server waits itself for an answer, when it is told to. */
  private static final Duration SERVER_WAITS = Duration.ofSeconds(80);

  /** What a server waits itself until the participant is there. */
  private static final Duration SERVER_STARTS = Duration.ofSeconds(30);

  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** Keys of a telephone, and pauses. */
  private static final Pattern DTMF = Pattern.compile("[0-9A-Da-d*#wW]{1,128}");

  private static final Pattern NUMBER = Pattern.compile("[!-~&&[^@<>\"]]{1,128}");

  private final Builder said;

  private NewSipParticipant(Builder said) {
    this.said = said;
  }

  /**
   * A call on a trunk of the server's.
   *
   * @param trunkId which
   * @param to number or SIP user, 1 to 128 printable ASCII characters; no SIP URI
   * @param room into which, 1 to 256 bytes
   */
  public static Builder call(String trunkId, String to, String room) {
    return new Builder(
        Optional.of(RequestTexts.name("trunkId", trunkId, SipBounds.MAX_NAME)),
        Optional.empty(),
        to,
        room);
  }

  /** A call by a provider that no trunk was made for. */
  public static Builder call(SipProvider provider, String to, String room) {
    return new Builder(Optional.empty(), Optional.of(provider), to, room);
  }

  /** Into which room. */
  public String room() {
    return said.room;
  }

  /** Whom to call. */
  public String to() {
    return said.to;
  }

  /** How long the call to the server may take. */
  Duration patience() {
    if (said.wait.isPresent()) {
      return said.wait.get();
    }
    if (!said.waiting) {
      return SERVER_STARTS.plus(MARGIN);
    }
    Duration ringing = said.ringing.orElse(SERVER_WAITS);
    return (ringing.compareTo(SERVER_WAITS) > 0 ? ringing : SERVER_WAITS).plus(MARGIN);
  }

  RequestJson json() {
    RequestJson json =
        RequestJson.object()
            .text("sipTrunkId", said.trunkId)
            .text("sipCallTo", said.to)
            .text("sipNumber", said.from)
            .text("roomName", said.room)
            .text("participantIdentity", said.identity)
            .text("participantName", said.name)
            .text("participantMetadata", said.metadata)
            .texts("participantAttributes", said.attributes)
            .text("dtmf", said.dtmf)
            .flag("playDialtone", said.dialtone)
            .flag("hidePhoneNumber", said.numberHidden)
            .texts("headers", said.headers.send())
            .time("ringingTimeout", said.ringing)
            .time("maxCallDuration", said.longest)
            .flag("krispEnabled", said.noiseCancelled)
            .flag("waitUntilAnswered", said.waiting)
            .text("displayName", said.displayName);
    if (said.headers.include() != SipHeaders.Include.SIP_NO_HEADERS) {
      json.text("includeHeaders", said.headers.include().name());
    }
    if (said.encryption != SipEncryption.DISABLE) {
      json.text("mediaEncryption", SipJson.word(said.encryption));
    }
    said.provider.ifPresent(provider -> json.put("trunk", provider.json(said.headers)));
    return json;
  }

  /** The room; neither number nor name. */
  @Override
  public String toString() {
    return "NewSipParticipant[" + SipBounds.masked(said.to) + " in " + said.room + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private final Optional<String> trunkId;
    private final Optional<SipProvider> provider;
    private final String to;
    private final String room;
    private Optional<String> from = Optional.empty();
    private Optional<String> identity = Optional.empty();
    private Optional<String> name = Optional.empty();
    private Optional<String> metadata = Optional.empty();
    private Map<String, String> attributes = Map.of();
    private Optional<String> dtmf = Optional.empty();
    private boolean dialtone;
    private boolean numberHidden;
    private SipHeaders headers = SipHeaders.NONE;
    private Optional<Duration> ringing = Optional.empty();
    private Optional<Duration> longest = Optional.empty();
    private boolean noiseCancelled;
    private SipEncryption encryption = SipEncryption.DISABLE;
    private boolean waiting;
    private Optional<Duration> wait = Optional.empty();
    private Optional<String> displayName = Optional.empty();

    private Builder(
        Optional<String> trunkId, Optional<SipProvider> provider, String to, String room) {
      this.trunkId = trunkId;
      this.provider = provider;
      this.to = number("to", to);
      this.room = RequestTexts.name("room", room, SipBounds.MAX_NAME);
    }

    private Builder(Builder other) {
      this(other.trunkId, other.provider, other.to, other.room);
      this.from = other.from;
      this.identity = other.identity;
      this.name = other.name;
      this.metadata = other.metadata;
      this.attributes = other.attributes;
      this.dtmf = other.dtmf;
      this.dialtone = other.dialtone;
      this.numberHidden = other.numberHidden;
      this.headers = other.headers;
      this.ringing = other.ringing;
      this.longest = other.longest;
      this.noiseCancelled = other.noiseCancelled;
      this.encryption = other.encryption;
      this.waiting = other.waiting;
      this.wait = other.wait;
      this.displayName = other.displayName;
    }

    private static String number(String property, String number) {
      if (!NUMBER.matcher(number).matches()) {
        throw new InvalidInputException(
            property, "a number or SIP user of 1 to 128 printable ASCII characters, no SIP URI");
      }
      return number;
    }

    /** From this number, instead of one of the trunk's. */
    public Builder from(String number) {
      this.from = Optional.of(number("from", number));
      return this;
    }

    /** As this one in the room, 1 to 256 bytes. */
    public Builder identity(String wanted) {
      this.identity = Optional.of(RequestTexts.name("identity", wanted, SipBounds.MAX_NAME));
      return this;
    }

    /** Displayed so in the room, 1 to 256 bytes. */
    public Builder name(String wanted) {
      this.name = Optional.of(RequestTexts.name("name", wanted, SipBounds.MAX_NAME));
      return this;
    }

    /** Text for the others in the room, at most 64 KiB. */
    public Builder metadata(String text) {
      this.metadata = Optional.of(RequestTexts.data("metadata", text, SipBounds.MAX_METADATA));
      return this;
    }

    /** Attributes, at most 64 with texts of at most 1,024 bytes. */
    public Builder attributes(Map<String, String> wanted) {
      this.attributes = RequestTexts.texts("attributes", wanted, 64, 1_024);
      return this;
    }

    /** Keys to press when it is answered, at most 128; {@code w} waits for half a second. */
    public Builder dtmf(String keys) {
      if (!DTMF.matcher(keys).matches()) {
        throw new InvalidInputException("dtmf", "1 to 128 of 0-9, A-D, *, # and w");
      }
      this.dtmf = Optional.of(keys);
      return this;
    }

    /** Whether the others hear it ring. */
    public Builder dialtone(boolean wanted) {
      this.dialtone = wanted;
      return this;
    }

    /** Whether the number is kept from the others in the room. */
    public Builder numberHidden(boolean wanted) {
      this.numberHidden = wanted;
      return this;
    }

    /** What goes between headers and attributes. */
    public Builder headers(SipHeaders wanted) {
      this.headers = Objects.requireNonNull(wanted, "headers");
      return this;
    }

    /** How long it may ring, 1 second to 5 minutes. */
    public Builder ringing(Duration atMost) {
      this.ringing = Optional.of(SipBounds.time("ringing", atMost, SipBounds.LONGEST_RINGING));
      return this;
    }

    /** How long the call may be, 1 second to 24 hours. */
    public Builder longest(Duration atMost) {
      this.longest = Optional.of(SipBounds.time("longest", atMost, SipBounds.LONGEST_CALL));
      return this;
    }

    /** Whether noise is taken out of the sound (Krisp), where the server has it. */
    public Builder noiseCancelled(boolean wanted) {
      this.noiseCancelled = wanted;
      return this;
    }

    /** Whether media are encrypted; not unless said. */
    public Builder encryption(SipEncryption wanted) {
      this.encryption = SipJson.known(wanted);
      return this;
    }

    /** Returns only when somebody took the call, or nobody did; as long as the server waits. */
    public Builder waitUntilAnswered() {
      this.waiting = true;
      this.wait = Optional.empty();
      return this;
    }

    /** The same, and for so long at most: 1 second to 5 minutes. */
    public Builder waitUntilAnswered(Duration atMost) {
      this.waiting = true;
      this.wait = Optional.of(SipBounds.time("wait", atMost, SipBounds.LONGEST_RINGING));
      return this;
    }

    /** The name that the other end is shown, at most 128 bytes; none when it is empty. */
    public Builder displayName(String wanted) {
      if (wanted.chars().anyMatch(c -> Character.isISOControl(c) || c == '"' || c == '\\')) {
        throw new InvalidInputException("displayName", "no controls, quotes or backslashes");
      }
      this.displayName = Optional.of(RequestTexts.data("displayName", wanted, 128));
      return this;
    }

    /** What was said so far. */
    public NewSipParticipant build() {
      return new NewSipParticipant(new Builder(this));
    }
  }
}
