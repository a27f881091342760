package io.tenantkit.livekit.sip;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A trunk on which calls go out, as its server tells; without the password. Immutable.
 *
 * @param id the server's id
 * @param name what it is called, may be empty
 * @param metadata text for one's own use, may be empty
 * @param address host of the provider
 * @param country in which calls end, if it is said
 * @param transport how SIP goes over the network
 * @param numbers from which is called
 * @param authUsername with which the provider is shown who calls
 * @param headers what goes between headers and attributes
 * @param encryption whether media are encrypted
 * @param fromHost another host in the header {@code From}
 */
public record OutboundTrunk(
    String id,
    String name,
    String metadata,
    String address,
    Optional<String> country,
    SipTransport transport,
    List<String> numbers,
    Optional<String> authUsername,
    SipHeaders headers,
    SipEncryption encryption,
    Optional<String> fromHost) {
  /** Copies the lists. */
  public OutboundTrunk {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(country, "country");
    Objects.requireNonNull(transport, "transport");
    numbers = List.copyOf(numbers);
    Objects.requireNonNull(authUsername, "authUsername");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(encryption, "encryption");
    Objects.requireNonNull(fromHost, "fromHost");
  }

  /** Id, name and provider; no numbers. */
  @Override
  public String toString() {
    return "OutboundTrunk[" + id + ", " + name + ", " + address + "]";
  }
}
