package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestTexts;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Bounds that settings of telephony have in common, and how numbers are shown. */
final class SipBounds {
  static final Duration LONGEST_RINGING = Duration.ofMinutes(5);
  static final Duration LONGEST_CALL = Duration.ofHours(24);

  static final int MAX_NAME = 256;
  static final int MAX_METADATA = 64 * 1_024;
  private static final int MAX_LIST = 1_000;
  private static final int SHOWN_DIGITS = 2;

  private SipBounds() {}

  static List<String> list(String property, Collection<String> all) {
    return RequestTexts.names(property, all, MAX_LIST, MAX_NAME);
  }

  static Duration time(String property, Duration time, Duration longest) {
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(longest) > 0) {
      throw new InvalidInputException(property, "1 second to " + longest.toSeconds() + " seconds");
    }
    return time;
  }

  /** A host, as servers want it of providers: neither a SIP URI nor with parameters. */
  static String host(String property, String host) {
    RequestTexts.name(property, host, MAX_NAME);
    if (host.chars().anyMatch(c -> c <= ' ' || c > '~' || "@;/?#".indexOf(c) >= 0)
        || host.startsWith("sip:")
        || host.startsWith("sips:")) {
      throw new InvalidInputException(property, "a host name or address, perhaps with a port");
    }
    return host;
  }

  /** A number of which somebody who knows it can tell it, and nobody else. */
  static String masked(String number) {
    int length = number.length();
    return length <= 2 * SHOWN_DIGITS ? "…" : "…" + number.substring(length - SHOWN_DIGITS);
  }
}
