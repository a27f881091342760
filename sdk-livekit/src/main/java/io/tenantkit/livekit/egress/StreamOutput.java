package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import java.util.List;
import java.util.Objects;

/**
 * Streams to one or more places. Immutable.
 *
 * @param protocol how
 * @param urls where to, 1 to 16: {@code rtmp}, {@code rtmps} or LiveKit's short forms {@code mux}
 *     and {@code twitch} for RTMP, {@code srt} for SRT
 */
public record StreamOutput(Protocol protocol, List<SecretUrl> urls) implements EgressOutput {
  /** The most places. */
  public static final int MAX_URLS = 16;

  /** Protocols of streams. */
  public enum Protocol {
    /** RTMP, by TLS where the URL says so. */
    RTMP,
    /** SRT. */
    SRT
  }

  /** Checks number and schemes. */
  public StreamOutput {
    Objects.requireNonNull(protocol, "protocol");
    urls = List.copyOf(urls);
    if (urls.isEmpty() || urls.size() > MAX_URLS) {
      throw new InvalidInputException("urls", "1 to " + MAX_URLS);
    }
    for (SecretUrl url : urls) {
      if (protocol == Protocol.SRT) {
        url.require("urls", "srt");
      } else {
        url.require("urls", "rtmp", "rtmps", "mux", "twitch");
      }
    }
  }

  /** By RTMP. */
  public static StreamOutput rtmp(SecretUrl... urls) {
    return new StreamOutput(Protocol.RTMP, List.of(urls));
  }

  /** By SRT. */
  public static StreamOutput srt(SecretUrl... urls) {
    return new StreamOutput(Protocol.SRT, List.of(urls));
  }

  /** The same bounds where streams are changed. */
  static List<SecretUrl> checked(String property, List<SecretUrl> urls) {
    if (urls.size() > MAX_URLS) {
      throw new InvalidInputException(property, "at most " + MAX_URLS);
    }
    urls.forEach(url -> url.require(property, "rtmp", "rtmps", "mux", "twitch", "srt"));
    return urls;
  }
}
