package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Objects;
import java.util.Optional;

/**
 * What shall be otherwise of a trunk on which calls go out; what is not said stays. Immutable.
 *
 * @param name another name, 1 to 256 bytes
 * @param metadata another text, at most 64 KiB
 * @param address another host of the provider
 * @param transport how SIP goes over the network
 * @param numbers the numbers from which is called
 * @param auth another user and password
 * @param encryption whether media are encrypted
 */
public record OutboundTrunkChange(
    Optional<String> name,
    Optional<String> metadata,
    Optional<String> address,
    Optional<SipTransport> transport,
    Optional<ListChange> numbers,
    Optional<SipAuth> auth,
    Optional<SipEncryption> encryption) {
  /** Checks the bounds. */
  public OutboundTrunkChange {
    TrunkParts.require(name, metadata, auth, encryption);
    address.ifPresent(host -> SipBounds.host("address", host));
    transport.ifPresent(SipJson::known);
    Objects.requireNonNull(numbers, "numbers");
  }

  /** Nothing, to begin with. */
  public static OutboundTrunkChange none() {
    return new OutboundTrunkChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Called so. */
  public OutboundTrunkChange name(String wanted) {
    return new OutboundTrunkChange(
        Optional.of(wanted), metadata, address, transport, numbers, auth, encryption);
  }

  /** With this text. */
  public OutboundTrunkChange metadata(String wanted) {
    return new OutboundTrunkChange(
        name, Optional.of(wanted), address, transport, numbers, auth, encryption);
  }

  /** At another host. */
  public OutboundTrunkChange address(String wanted) {
    return new OutboundTrunkChange(
        name, metadata, Optional.of(wanted), transport, numbers, auth, encryption);
  }

  /** By another transport. */
  public OutboundTrunkChange transport(SipTransport wanted) {
    return new OutboundTrunkChange(
        name, metadata, address, Optional.of(wanted), numbers, auth, encryption);
  }

  /** With other numbers. */
  public OutboundTrunkChange numbers(ListChange wanted) {
    return new OutboundTrunkChange(
        name, metadata, address, transport, Optional.of(wanted), auth, encryption);
  }

  /** With another user and password. */
  public OutboundTrunkChange auth(SipAuth wanted) {
    return new OutboundTrunkChange(
        name, metadata, address, transport, numbers, Optional.of(wanted), encryption);
  }

  /** With media encrypted so. */
  public OutboundTrunkChange encryption(SipEncryption wanted) {
    return new OutboundTrunkChange(
        name, metadata, address, transport, numbers, auth, Optional.of(wanted));
  }

  RequestJson json() {
    RequestJson json =
        TrunkParts.changed(name, metadata, auth, encryption)
            .json()
            .text("address", address)
            .text("transport", transport.map(wanted -> "SIP_TRANSPORT_" + wanted.name()));
    numbers.ifPresent(change -> json.put("numbers", change.json()));
    return json;
  }

  /** The name; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "OutboundTrunkChange[" + name.orElse("") + "]";
  }
}
