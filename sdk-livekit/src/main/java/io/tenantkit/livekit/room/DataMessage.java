package io.tenantkit.livekit.room;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Data that is sent into a room by its server. Immutable.
 *
 * @param bytes 1 to 61,440 of them
 * @param topic what it is about, at most 256 bytes
 * @param to the identities that get it, at most 1,000; all when there are none
 * @param reliable whether it is sent again until it arrives, in order
 */
public record DataMessage(byte[] bytes, Optional<String> topic, List<String> to, boolean reliable) {
  /** The most bytes: 60 KiB (61,440), what WebRTC carries whole. */
  public static final int MAX_BYTES = 61_440;

  /** The most identities. */
  public static final int MAX_TO = 1_000;

  /** Checks the bounds and copies. */
  public DataMessage {
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new InvalidInputException("bytes", "1 to " + MAX_BYTES);
    }
    bytes = bytes.clone();
    topic.ifPresent(text -> RoomTexts.name("topic", text));
    if (to.size() > MAX_TO) {
      throw new InvalidInputException("to", "at most " + MAX_TO + " identities");
    }
    to = List.copyOf(to);
    to.forEach(identity -> RoomTexts.name("to", identity));
  }

  /** Reliable data for all. */
  public static DataMessage of(byte[] bytes) {
    return new DataMessage(bytes, Optional.empty(), List.of(), true);
  }

  /** Reliable text for all, as UTF-8. */
  public static DataMessage of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** About this. */
  public DataMessage topic(String text) {
    return new DataMessage(bytes, Optional.of(text), to, reliable);
  }

  /** For these only. */
  public DataMessage to(String... identities) {
    return new DataMessage(bytes, topic, List.of(identities), reliable);
  }

  /** Sent once, and perhaps lost. */
  public DataMessage lossy() {
    return new DataMessage(bytes, topic, to, false);
  }

  /** A copy. */
  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DataMessage that
        && Arrays.equals(bytes, that.bytes)
        && topic.equals(that.topic)
        && to.equals(that.to)
        && reliable == that.reliable;
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(bytes), topic, to, reliable);
  }

  /** Topic and length. */
  @Override
  public String toString() {
    return "DataMessage[" + topic.orElse("") + ", " + bytes.length + " bytes]";
  }
}
