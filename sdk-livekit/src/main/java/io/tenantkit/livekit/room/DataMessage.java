package io.tenantkit.livekit.room;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Data that is sent into a room by its server. Immutable. */
public final class DataMessage {
  /** The most bytes: 60 KiB (61,440), what WebRTC carries whole. */
  public static final int MAX_BYTES = 61_440;

  /** The most identities. */
  public static final int MAX_TO = 1_000;

  private final byte[] bytes;
  private final Optional<String> topic;
  private final List<String> to;
  private final boolean reliable;

  private DataMessage(byte[] bytes, Optional<String> topic, List<String> to, boolean reliable) {
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new InvalidInputException("bytes", "1 to " + MAX_BYTES);
    }
    this.bytes = bytes.clone();
    topic.ifPresent(text -> RoomTexts.name("topic", text));
    this.topic = topic;
    if (to.size() > MAX_TO) {
      throw new InvalidInputException("to", "at most " + MAX_TO + " identities");
    }
    this.to = List.copyOf(to);
    this.to.forEach(identity -> RoomTexts.name("to", identity));
    this.reliable = reliable;
  }

  /**
   * Reliable data for all: sent again until it arrives, in order.
   *
   * @param bytes 1 to 61,440 of them
   */
  public static DataMessage of(byte[] bytes) {
    return new DataMessage(bytes, Optional.empty(), List.of(), true);
  }

  /** Reliable text for all, as UTF-8. */
  public static DataMessage of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** About this, 1 to 256 bytes. */
  public DataMessage topic(String text) {
    return new DataMessage(bytes, Optional.of(text), to, reliable);
  }

  /** For these identities only, at most 1,000; none means all. */
  public DataMessage to(String... identities) {
    return new DataMessage(bytes, topic, List.of(identities), reliable);
  }

  /** Sent once, and perhaps lost. */
  public DataMessage lossy() {
    return new DataMessage(bytes, topic, to, false);
  }

  /** The data, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** What it is about. */
  public Optional<String> topic() {
    return topic;
  }

  /** Who gets it; all when there is nobody. */
  public List<String> to() {
    return to;
  }

  /** Whether it is sent again until it arrives, in order. */
  public boolean reliable() {
    return reliable;
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
