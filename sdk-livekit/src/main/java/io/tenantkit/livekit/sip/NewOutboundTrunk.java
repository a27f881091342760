package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
        RequestTexts.name("name", name, SipBounds.MAX_NAME),
        SipBounds.host("address", address),
        SipBounds.list("numbers", numbers));
  }

  /** What it is called. */
  public String name() {
    return said.name;
  }

  RequestJson json() {
    RequestJson json =
        RequestJson.object()
            .text("name", said.name)
            .text("metadata", said.metadata)
            .text("address", said.address)
            .text("destinationCountry", said.country)
            .list("numbers", said.numbers)
            .text("fromHost", said.fromHost);
    if (said.transport != SipTransport.AUTO) {
      json.text("transport", "SIP_TRANSPORT_" + said.transport.name());
    }
    said.auth.ifPresent(
        auth -> json.text("authUsername", auth.username()).secret("authPassword", auth.password()));
    if (said.encryption != SipEncryption.DISABLE) {
      json.text("mediaEncryption", "SIP_MEDIA_ENCRYPT_" + said.encryption.name());
    }
    return said.headers.into(json);
  }

  /** Its name. */
  @Override
  public String toString() {
    return "NewOutboundTrunk[" + said.name + "]";
  }

  /** Collects what is said. Each bound is checked when it is set. For one thread. */
  public static final class Builder {
    private final String name;
    private final String address;
    private final List<String> numbers;
    private Optional<String> metadata = Optional.empty();
    private Optional<String> country = Optional.empty();
    private Optional<String> fromHost = Optional.empty();
    private SipTransport transport = SipTransport.AUTO;
    private Optional<SipAuth> auth = Optional.empty();
    private SipHeaders headers = SipHeaders.NONE;
    private SipEncryption encryption = SipEncryption.DISABLE;

    private Builder(String name, String address, List<String> numbers) {
      this.name = name;
      this.address = address;
      this.numbers = numbers;
    }

    private Builder(Builder other) {
      this(other.name, other.address, other.numbers);
      this.metadata = other.metadata;
      this.country = other.country;
      this.fromHost = other.fromHost;
      this.transport = other.transport;
      this.auth = other.auth;
      this.headers = other.headers;
      this.encryption = other.encryption;
    }

    /** Text for one's own use, at most 64 KiB. */
    public Builder metadata(String text) {
      this.metadata = Optional.of(RequestTexts.data("metadata", text, SipBounds.MAX_METADATA));
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
      this.auth = Optional.of(wanted);
      return this;
    }

    /** What goes between headers and attributes. */
    public Builder headers(SipHeaders wanted) {
      this.headers = Objects.requireNonNull(wanted, "headers");
      return this;
    }

    /** Whether media are encrypted; not unless said. */
    public Builder encryption(SipEncryption wanted) {
      this.encryption = SipJson.known(wanted);
      return this;
    }

    /** What was said so far. */
    public NewOutboundTrunk build() {
      return new NewOutboundTrunk(new Builder(this));
    }
  }
}
