package io.tenantkit.livekit.sip;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A trunk on which calls come in, as its server tells; without the password. Immutable.
 *
 * @param id the server's id
 * @param name what it is called, may be empty
 * @param metadata text for one's own use, may be empty
 * @param numbers the numbers that are called
 * @param allowedAddresses the addresses that calls come from
 * @param allowedNumbers the numbers that calls come from
 * @param authUsername with which the provider shows who it is
 * @param headers what goes between headers and attributes
 * @param ringing how long it may ring
 * @param longest how long a call may be
 * @param noiseCancelled whether noise is taken out
 * @param encryption whether media are encrypted
 */
public record InboundTrunk(
    String id,
    String name,
    String metadata,
    List<String> numbers,
    List<String> allowedAddresses,
    List<String> allowedNumbers,
    Optional<String> authUsername,
    SipHeaders headers,
    Optional<Duration> ringing,
    Optional<Duration> longest,
    boolean noiseCancelled,
    SipEncryption encryption) {
  /** Copies the lists. */
  public InboundTrunk {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(metadata, "metadata");
    numbers = List.copyOf(numbers);
    allowedAddresses = List.copyOf(allowedAddresses);
    allowedNumbers = List.copyOf(allowedNumbers);
    Objects.requireNonNull(authUsername, "authUsername");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(ringing, "ringing");
    Objects.requireNonNull(longest, "longest");
    Objects.requireNonNull(encryption, "encryption");
  }

  /** Id and name; no numbers. */
  @Override
  public String toString() {
    return "InboundTrunk[" + id + ", " + name + "]";
  }
}
