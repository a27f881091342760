package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Somebody on the telephone who shall be sent to another number. Immutable.
 *
 * @param room where they are, 1 to 256 bytes
 * @param identity who, 1 to 256 bytes
 * @param to a {@code tel:}, {@code sip:} or {@code sips:} URI of at most 256 characters
 * @param dialtone whether they hear it ring
 * @param headers to send, at most 32 with texts of at most 1,024 bytes
 * @param ringing how long it may ring, 1 second to 5 minutes; 30 seconds when empty
 */
public record SipTransfer(
    String room,
    String identity,
    String to,
    boolean dialtone,
    Map<String, String> headers,
    Optional<Duration> ringing) {
  private static final Pattern URI = Pattern.compile("(tel|sips?):[!-~&&[^<>\"]]{1,250}");
  private static final Duration SERVER_WAITS = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** Checks the bounds. */
  public SipTransfer {
    RequestTexts.name("room", room, SipBounds.MAX_NAME);
    RequestTexts.name("identity", identity, SipBounds.MAX_NAME);
    if (!URI.matcher(to).matches()) {
      throw new InvalidInputException("to", "a tel:, sip: or sips: URI of at most 256 characters");
    }
    headers = RequestTexts.texts("headers", headers, 32, 1_024);
    ringing.ifPresent(time -> SipBounds.time("ringing", time, SipBounds.LONGEST_RINGING));
  }

  /** To a number. */
  public static SipTransfer of(String room, String identity, String to) {
    return new SipTransfer(room, identity, to, false, Map.of(), Optional.empty());
  }

  /** With a tone while it rings. */
  public SipTransfer withDialtone() {
    return new SipTransfer(room, identity, to, true, headers, ringing);
  }

  /** With these headers. */
  public SipTransfer headers(Map<String, String> wanted) {
    return new SipTransfer(room, identity, to, dialtone, wanted, ringing);
  }

  /** Ringing for so long at most. */
  public SipTransfer ringing(Duration atMost) {
    return new SipTransfer(room, identity, to, dialtone, headers, Optional.of(atMost));
  }

  Duration patience() {
    return ringing.orElse(SERVER_WAITS).plus(MARGIN);
  }

  RequestJson json() {
    return RequestJson.object()
        .text("roomName", room)
        .text("participantIdentity", identity)
        .text("transferTo", to)
        .flag("playDialtone", dialtone)
        .texts("headers", headers)
        .time("ringingTimeout", ringing);
  }

  /** The room; neither who nor to which number. */
  @Override
  public String toString() {
    return "SipTransfer[" + room + "]";
  }
}
