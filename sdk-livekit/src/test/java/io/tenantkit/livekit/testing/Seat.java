package io.tenantkit.livekit.testing;

import java.util.List;
import java.util.Map;

/** A worker that is registered at the server under test. */
interface Seat extends AutoCloseable {
  /** A job that it was given. */
  record Given(
      String id,
      String dispatchId,
      String agentName,
      String room,
      String metadata,
      Map<String, String> attributes,
      String token) {}

  List<Given> jobs();

  /** Whether it was told that this job is over. */
  boolean isEnded(String job);

  @Override
  void close();
}
