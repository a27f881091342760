package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A trunk on which calls shall come in. It names the numbers that are called, or the addresses that
 * calls come from, or a user and password: a trunk with none of them would take calls of anybody,
 * and servers refuse it. Immutable.
 */
public final class NewInboundTrunk {
  private final Builder said;

  private NewInboundTrunk(Builder said) {
    this.said = said;
  }

  /** A trunk of this name, 1 to 256 bytes. */
  public static Builder named(String name) {
    return new Builder(TrunkParts.named(name));
  }

  /** What it is called. */
  public String name() {
    return said.parts.name().orElseThrow();
  }

  RequestJson json() {
    return said.parts
        .json()
        .list("numbers", said.numbers)
        .list("allowedAddresses", said.allowedAddresses)
        .list("allowedNumbers", said.allowedNumbers)
        .time("ringingTimeout", said.ringing)
        .time("maxCallDuration", said.longest)
        .flag("krispEnabled", said.noiseCancelled);
  }

  /** Its name. */
  @Override
  public String toString() {
    return "NewInboundTrunk[" + name() + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private TrunkParts parts;
    private List<String> numbers = List.of();
    private List<String> allowedAddresses = List.of();
    private List<String> allowedNumbers = List.of();
    private Optional<Duration> ringing = Optional.empty();
    private Optional<Duration> longest = Optional.empty();
    private boolean noiseCancelled;

    private Builder(TrunkParts parts) {
      this.parts = parts;
    }

    private Builder(Builder other) {
      this.parts = other.parts;
      this.numbers = other.numbers;
      this.allowedAddresses = other.allowedAddresses;
      this.allowedNumbers = other.allowedNumbers;
      this.ringing = other.ringing;
      this.longest = other.longest;
      this.noiseCancelled = other.noiseCancelled;
    }

    /** Text for one's own use, at most 64 KiB. */
    public Builder metadata(String text) {
      this.parts = parts.metadata(text);
      return this;
    }

    /** The numbers that are called; calls to others are not taken. At most 1,000. */
    public Builder numbers(Collection<String> wanted) {
      this.numbers = SipBounds.list("numbers", wanted);
      return this;
    }

    /** Addresses and ranges of the provider, from which alone calls are taken. At most 1,000. */
    public Builder allowedAddresses(Collection<String> wanted) {
      this.allowedAddresses = SipBounds.list("allowedAddresses", wanted);
      return this;
    }

    /** Numbers from which alone calls are taken; all when there are none. At most 1,000. */
    public Builder allowedNumbers(Collection<String> wanted) {
      this.allowedNumbers = SipBounds.list("allowedNumbers", wanted);
      return this;
    }

    /** With which the provider shows who it is. */
    public Builder auth(SipAuth wanted) {
      this.parts = parts.auth(wanted);
      return this;
    }

    /** What goes between headers and attributes. */
    public Builder headers(SipHeaders wanted) {
      this.parts = parts.headers(wanted);
      return this;
    }

    /** How long it may ring, 1 second to 5 minutes. */
    public Builder ringing(Duration atMost) {
      this.ringing = Optional.of(SipBounds.time("ringing", atMost, SipBounds.LONGEST_RINGING));
      return this;
    }

    /** How long a call may be, 1 second to 24 hours. */
    public Builder longest(Duration atMost) {
      this.longest = Optional.of(SipBounds.time("longest", atMost, SipBounds.LONGEST_CALL));
      return this;
    }

    /** Whether noise is taken out of the caller's sound (Krisp), where the server has it. */
    public Builder noiseCancelled(boolean wanted) {
      this.noiseCancelled = wanted;
      return this;
    }

    /** Whether media are encrypted; not unless said. */
    public Builder encryption(SipEncryption wanted) {
      this.parts = parts.encryption(wanted);
      return this;
    }

    /**
     * What was said so far.
     *
     * @throws InvalidInputException when it would take calls of anybody
     */
    public NewInboundTrunk build() {
      if (numbers.isEmpty() && allowedAddresses.isEmpty() && parts.auth().isEmpty()) {
        throw new InvalidInputException("numbers", "they, allowedAddresses or auth");
      }
      return new NewInboundTrunk(new Builder(this));
    }
  }
}
