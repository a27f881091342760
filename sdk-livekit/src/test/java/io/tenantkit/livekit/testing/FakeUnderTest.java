package io.tenantkit.livekit.testing;

import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.room.DataMessage;
import io.tenantkit.testing.TickingClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The fake, on a clock that moves only while somebody waits. */
final class FakeUnderTest implements ServerUnderTest {
  private static final Duration STEP = Duration.ofMillis(100);
  private static final int STEPS = 300;
  private static final String SECRET = "the-fakes-own-secret-of-32-characters";

  /** Behind the system's, by which LiveKit's own receiver of webhooks goes. */
  private final TickingClock clock = TickingClock.at(Instant.now().minus(Duration.ofMinutes(2)));

  private final HookCatcher catcher = new HookCatcher();
  private final FakeLiveKitServer server =
      FakeLiveKitServer.builder()
          .key("APIfake", SECRET)
          .clock(clock)
          .webhook(catcher.url())
          .start();

  FakeLiveKitServer server() {
    return server;
  }

  @Override
  public String url() {
    return server.url();
  }

  @Override
  public String apiKey() {
    return "APIfake";
  }

  @Override
  public String apiSecret() {
    return SECRET;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Guest guest(String token) {
    try {
      return new FakeGuest(server.join(token));
    } catch (FakeRefusedException e) {
      throw new RefusedException(e.getMessage());
    }
  }

  private record FakeGuest(FakeParticipant participant) implements Guest {
    @Override
    public List<String> others() {
      return participant.others();
    }

    @Override
    public List<String> heard() {
      return participant.received().stream()
          .map(data -> data.from().orElse("") + "|" + data.topic().orElse("") + "|" + data.text())
          .toList();
    }

    @Override
    public Optional<String> publish(String name) {
      try {
        return Optional.of(participant.publish(name, TrackSource.MICROPHONE).sid());
      } catch (FakeRefusedException e) {
        return Optional.empty();
      }
    }

    @Override
    public boolean isMuted(String trackSid) {
      return participant.info().tracks().stream()
          .anyMatch(track -> track.sid().equals(trackSid) && track.muted());
    }

    @Override
    public String metadata() {
      return participant.info().metadata();
    }

    @Override
    public String roomMetadata() {
      return participant.roomMetadata();
    }

    @Override
    public void update(String metadata) {
      try {
        participant.update("", metadata, Map.of());
      } catch (FakeRefusedException e) {
        // A native client is not told either.
      }
    }

    @Override
    public void send(String text, Optional<String> topic, String... to) {
      DataMessage message = DataMessage.of(text).to(to);
      participant.send(topic.map(message::topic).orElse(message));
    }

    @Override
    public Optional<String> out() {
      return participant.disconnectReason();
    }

    @Override
    public String refreshedToken() {
      return participant.refreshedToken();
    }

    @Override
    public void leave() {
      participant.leave();
    }

    @Override
    public void close() {
      participant.leave();
    }
  }

  @Override
  public Seat worker(String token, String agentName) {
    try {
      return new FakeSeat(server.registerWorker(token, agentName));
    } catch (FakeRefusedException e) {
      throw new RefusedException(String.valueOf(e.status()));
    }
  }

  private record FakeSeat(FakeWorker worker) implements Seat {
    @Override
    public List<Given> jobs() {
      return worker.jobs().stream()
          .map(
              job ->
                  new Given(
                      job.id(),
                      job.dispatchId(),
                      job.agentName(),
                      job.room(),
                      job.metadata(),
                      job.attributes(),
                      job.token()))
          .toList();
    }

    @Override
    public boolean isEnded(String id) {
      return worker.jobs().stream().anyMatch(job -> job.id().equals(id) && job.ended());
    }

    @Override
    public void close() {
      worker.close();
    }
  }

  @Override
  public List<Hook> hooks() {
    server.deliverWebhooks();
    return catcher.caught();
  }

  @Override
  public void await(String what, BooleanSupplier seen) {
    for (int step = 0; !seen.getAsBoolean(); step++) {
      if (step == STEPS) {
        throw new AssertionError(what);
      }
      clock.tick(STEP);
    }
  }

  @Override
  public void close() {
    server.close();
    catcher.close();
  }
}
