package io.tenantkit.livekit.testing;

import java.time.Clock;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A server with one key pair that is held to the contract. */
interface ServerUnderTest extends AutoCloseable {
  String url();

  String apiKey();

  String apiSecret();

  Clock clock();

  /** Joins. */
  Guest guest(String token) throws RefusedException;

  /** Registers a worker for rooms. */
  Seat worker(String token, String agentName) throws RefusedException;

  /** A webhook as it came. */
  record Hook(byte[] body, String authorization, String contentType) {}

  /** All webhooks that came so far. */
  List<Hook> hooks();

  /** What a server does is seen a moment later, also what it does when time has passed. */
  void await(String what, BooleanSupplier seen);

  @Override
  void close();
}
