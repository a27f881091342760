package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Objects;
import java.util.Optional;

/**
 * What shall be otherwise of a trunk on which calls come in; what is not said stays. Immutable.
 *
 * @param name another name, 1 to 256 bytes
 * @param metadata another text, at most 64 KiB
 * @param numbers the numbers that are called
 * @param allowedAddresses the addresses that calls come from
 * @param allowedNumbers the numbers that calls come from
 * @param auth another user and password
 * @param encryption whether media are encrypted
 */
public record InboundTrunkChange(
    Optional<String> name,
    Optional<String> metadata,
    Optional<ListChange> numbers,
    Optional<ListChange> allowedAddresses,
    Optional<ListChange> allowedNumbers,
    Optional<SipAuth> auth,
    Optional<SipEncryption> encryption) {
  /** Checks the bounds. */
  public InboundTrunkChange {
    TrunkParts.require(name, metadata, auth, encryption);
    Objects.requireNonNull(numbers, "numbers");
    Objects.requireNonNull(allowedAddresses, "allowedAddresses");
    Objects.requireNonNull(allowedNumbers, "allowedNumbers");
  }

  /** Nothing, to begin with. */
  public static InboundTrunkChange none() {
    return new InboundTrunkChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Called so. */
  public InboundTrunkChange name(String wanted) {
    return new InboundTrunkChange(
        Optional.of(wanted), metadata, numbers, allowedAddresses, allowedNumbers, auth, encryption);
  }

  /** With this text. */
  public InboundTrunkChange metadata(String wanted) {
    return new InboundTrunkChange(
        name, Optional.of(wanted), numbers, allowedAddresses, allowedNumbers, auth, encryption);
  }

  /** With other numbers that are called. */
  public InboundTrunkChange numbers(ListChange wanted) {
    return new InboundTrunkChange(
        name, metadata, Optional.of(wanted), allowedAddresses, allowedNumbers, auth, encryption);
  }

  /** With other addresses that calls come from. */
  public InboundTrunkChange allowedAddresses(ListChange wanted) {
    return new InboundTrunkChange(
        name, metadata, numbers, Optional.of(wanted), allowedNumbers, auth, encryption);
  }

  /** With other numbers that calls come from. */
  public InboundTrunkChange allowedNumbers(ListChange wanted) {
    return new InboundTrunkChange(
        name, metadata, numbers, allowedAddresses, Optional.of(wanted), auth, encryption);
  }

  /** With another user and password. */
  public InboundTrunkChange auth(SipAuth wanted) {
    return new InboundTrunkChange(
        name, metadata, numbers, allowedAddresses, allowedNumbers, Optional.of(wanted), encryption);
  }

  /** With media encrypted so. */
  public InboundTrunkChange encryption(SipEncryption wanted) {
    return new InboundTrunkChange(
        name, metadata, numbers, allowedAddresses, allowedNumbers, auth, Optional.of(wanted));
  }

  RequestJson json() {
    RequestJson json = TrunkParts.changed(name, metadata, auth, encryption).json();
    numbers.ifPresent(change -> json.put("numbers", change.json()));
    allowedAddresses.ifPresent(change -> json.put("allowedAddresses", change.json()));
    allowedNumbers.ifPresent(change -> json.put("allowedNumbers", change.json()));
    return json;
  }

  /** The name; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "InboundTrunkChange[" + name.orElse("") + "]";
  }
}
