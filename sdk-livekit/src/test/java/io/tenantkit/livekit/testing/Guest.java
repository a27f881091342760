package io.tenantkit.livekit.testing;

import java.util.List;
import java.util.Optional;

/** A participant of the server under test: a native client, or a call of the fake. */
interface Guest extends AutoCloseable {
  /** Whom it sees. */
  List<String> others();

  /** What it heard: {@code sender|topic|text}. */
  List<String> heard();

  /** Publishes sound from a microphone and gives the track's sid; none when it may not. */
  Optional<String> publish(String name);

  /** Whether it was told that its track was muted. */
  boolean isMuted(String trackSid);

  /** Its own metadata as it was told last. */
  String metadata();

  /** The room's metadata as it was told last. */
  String roomMetadata();

  /** Asks to change its own metadata. */
  void update(String metadata);

  void send(String text, Optional<String> topic, String... to);

  /** Why it is out, when it is. */
  Optional<String> out();

  /** The token that the server has pushed to it last. */
  String refreshedToken();

  void leave();

  @Override
  void close();
}
