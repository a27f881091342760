package io.tenantkit.livekit.testing;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Data that reached a participant of the fake. Immutable. */
public final class ReceivedData {
  private final Optional<String> from;
  private final Optional<String> topic;
  private final byte[] bytes;

  ReceivedData(Optional<String> from, Optional<String> topic, byte[] bytes) {
    this.from = from;
    this.topic = topic;
    this.bytes = bytes.clone();
  }

  /** The sender's identity; empty when the server sent it, or one who is hidden. */
  public Optional<String> from() {
    return from;
  }

  /** What it is about. */
  public Optional<String> topic() {
    return topic;
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Read as UTF-8. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Who sent how much; not the data. */
  @Override
  public String toString() {
    return "ReceivedData[" + from.orElse("server") + ", " + bytes.length + " bytes]";
  }
}
