package io.tenantkit.livekit.testing;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contract is what a real server answers. */
final class RealLiveKitServerTest {
  private static ServerUnderTest server;

  @BeforeAll
  static void start() {
    server = new RealUnderTest();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Nested
  final class Tokens extends TokenContract {
    @Override
    ServerUnderTest server() {
      return server;
    }
  }

  @Nested
  final class Api extends ApiContract {
    @Override
    ServerUnderTest server() {
      return server;
    }
  }

  @Nested
  final class Hosts extends HostContract {
    @Override
    ServerUnderTest server() {
      return server;
    }
  }

  @Nested
  final class Guests extends GuestContract {
    @Override
    ServerUnderTest server() {
      return server;
    }
  }

  @Nested
  final class Agents extends AgentContract {
    @Override
    ServerUnderTest server() {
      return server;
    }
  }
}
