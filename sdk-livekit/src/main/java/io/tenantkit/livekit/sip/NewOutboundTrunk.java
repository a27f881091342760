package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A trunk on which calls shall go out. Immutable. */
public final class NewOutboundTrunk {
  private final Builder said;

  private NewOutboundTrunk(Builder said) {
    this.said = said;
  }

  /**
   * A trunk.
   *
   * @param name 1 to 256 bytes
   * @param address host of the provider, perhaps with a port; no SIP URI
   * @param numbers from which is called, 1 to 1,000; {@code *} for any
   */
  public static Builder to(String name, String address, Collection<String> numbers) {
    if (numbers.isEmpty()) {
      throw new InvalidInputException("numbers", "1 to 1000");
    }
    return new Builder(
        TrunkParts.named(name),
        SipBounds.host("address", address),
        SipBounds.list("numbers", numbers));
  }

  /** What it is called. */
  public String name() {
    return said.parts.name().orElseThrow();
  }

  RequestJson json() {
    return said.parts
        .json()
        .text("address", said.address)
        .text("destinationCountry", said.country)
        .text("transport", SipJson.word(said.transport))
        .list("numbers", said.numbers)
        .text("fromHost", said.fromHost);
  }

  /** Its name. */
  @Override
  public String toString() {
    return "NewOutboundTrunk[" + name() + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private TrunkParts parts;
    private final String address;
    private final List<String> numbers;
    private Optional<String> country = Optional.empty();
    private Optional<String> fromHost = Optional.empty();
    private SipTransport transport = SipTransport.AUTO;

    private Builder(TrunkParts parts, String address, List<String> numbers) {
      this.parts = parts;
      this.address = address;
      this.numbers = numbers;
    }

    private Builder(Builder other) {
      this(other.parts, other.address, other.numbers);
      this.country = other.country;
      this.fromHost = other.fromHost;
      this.transport = other.transport;
    }

    /** Text for one's own use, at most 64 KiB. */
    public Builder metadata(String text) {
      this.parts = parts.metadata(text);
      return this;
    }

    /** Country in which calls end, two letters (ISO 3166-1), by which LiveKit Cloud routes. */
    public Builder country(String twoLetters) {
      this.country = Optional.of(SipJson.country(twoLetters));
      return this;
    }

    /** Another host in the header {@code From}. */
    public Builder fromHost(String host) {
      this.fromHost = Optional.of(SipBounds.host("fromHost", host));
      return this;
    }

    /** How SIP goes over the network. */
    public Builder transport(SipTransport wanted) {
      this.transport = SipJson.known(wanted);
      return this;
    }

    /** With which the provider is shown who calls. */
    public Builder auth(SipAuth wanted) {
      this.parts = parts.auth(wanted);
      return this;
    }

    /** What goes between headers and attributes. */
    public Builder headers(SipHeaders wanted) {
      this.parts = parts.headers(wanted);
      return this;
    }

    /** Whether media are encrypted; not unless said. */
    public Builder encryption(SipEncryption wanted) {
      this.parts = parts.encryption(wanted);
      return this;
    }

    /** What was said so far. */
    public NewOutboundTrunk build() {
      return new NewOutboundTrunk(new Builder(this));
    }
  }
}
