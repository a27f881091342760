package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.room.AgentDispatch;
import io.tenantkit.livekit.room.AgentJob;
import io.tenantkit.livekit.room.NewSession;
import io.tenantkit.livekit.room.StartedSession;
import io.tenantkit.tenant.TenantContext;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a session has its agents, whatever became of their workers. */
abstract class AgentContract {
  private static final RoomAgent BRIDGE =
      RoomAgent.named("bridge").metadata("ticket 7").attributes(Map.of("lang", "de", "tier", "1"));

  /** Hosts whose clocks are apart, by less than a server allows. */
  private Plane plane;

  private Plane sooner;
  private Plane later;
  private TenantContext acme;

  abstract ServerUnderTest server();

  @BeforeEach
  void connect() {
    plane = new Plane(server().clock());
    sooner = new Plane(Clock.offset(server().clock(), Duration.ofSeconds(-30)));
    later = new Plane(Clock.offset(server().clock(), Duration.ofSeconds(40)));
    for (Plane each : List.of(plane, sooner, later)) {
      acme = each.tenant("acme", server().url(), server().apiKey(), server().apiSecret());
    }
  }

  @AfterEach
  void close() {
    List.of(plane, sooner, later).forEach(Plane::close);
  }

  private Seat worker() {
    return server().worker(new Wire(server()).token("{\"video\":{\"agent\":true}}"), "bridge");
  }

  /** Starts the session there and gives the agent's dispatch. */
  private AgentDispatch start(Plane host, String room) {
    NewSession wanted = NewSession.of(ParticipantToken.join(room, "ada"), BRIDGE);
    try (StartedSession started = host.sessions.start(acme, wanted)) {
      assertThat(started.agents()).hasSize(1);
      return started.agents().get(0);
    }
  }

  private List<AgentDispatch> sent(String room) {
    return plane.agents.list(acme, room).stream()
        .filter(each -> each.agentName().equals("bridge"))
        .toList();
  }

  private boolean isIn(String room, String identity) {
    return plane.rooms.participants(acme, room).stream()
        .anyMatch(who -> who.identity().equals(identity));
  }

  private Seat.Given job(Seat worker, AgentDispatch dispatch) {
    server().await("given", () -> worker.jobs().stream().anyMatch(each -> isOf(each, dispatch)));
    return worker.jobs().stream().filter(each -> isOf(each, dispatch)).findFirst().orElseThrow();
  }

  private static boolean isOf(Seat.Given job, AgentDispatch dispatch) {
    return job.dispatchId().equals(dispatch.id());
  }

  @Test
  void anAgentWhoseWorkerCameTooLateIsSentAnew() {
    AgentDispatch lost = start(plane, "late");
    assertThat(start(sooner, "late").id()).as("it may still come").isEqualTo(lost.id());
    try (Seat worker = worker()) {
      AgentDispatch found = start(later, "late");

      assertThat(found.id()).isNotEqualTo(lost.id());
      assertThat(job(worker, found).metadata()).isEqualTo("ticket 7");
      assertThat(sent("late")).extracting(AgentDispatch::id).containsExactly(found.id());
      assertThat(worker.jobs()).hasSize(1);
    }
  }

  @Test
  void anAgentThatIsThereStaysAndOneThatLeftOrNeverJoinedIsSentAnew() {
    try (Seat worker = worker()) {
      AgentDispatch first = start(plane, "left");
      Seat.Given job = job(worker, first);
      String identity = "agent-" + job.id();
      server().await("known", () -> !sent("left").get(0).jobs().isEmpty());
      assertThat(start(sooner, "left").id()).as("on its way").isEqualTo(first.id());
      try (Guest agent = server().guest(job.token())) {
        server().await("there", () -> isIn("left", identity));
        assertThat(start(later, "left").id()).as("it is there").isEqualTo(first.id());
        agent.leave();
      }
      server().await("gone", () -> !isIn("left", identity));
      assertThat(sent("left"))
          .singleElement()
          .satisfies(
              dispatch ->
                  assertThat(dispatch.jobs())
                      .singleElement()
                      .satisfies(
                          each -> {
                            assertThat(each.id()).isEqualTo(job.id());
                            assertThat(each.identity()).isEqualTo(identity);
                            assertThat(each.startedAt()).isAfterOrEqualTo(dispatch.createdAt());
                            assertThat(each.state())
                                .as("the server does not follow it")
                                .isEqualTo(AgentJob.State.RUNNING);
                          }));

      AgentDispatch second = start(later, "left");
      assertThat(second.id()).as("it left").isNotEqualTo(first.id());
      Seat.Given again = job(worker, second);
      server().await("known", () -> !sent("left").get(0).jobs().isEmpty());
      AgentDispatch third = start(later, "left");
      assertThat(third.id()).as("it never joined").isNotEqualTo(second.id());
      server().await("told that it is over", () -> worker.isEnded(again.id()));
      job(worker, third);
      assertThat(sent("left")).extracting(AgentDispatch::id).containsExactly(third.id());
    }
  }

  @Test
  void ofSeveralCallsAtTheSameTimeOneSendsTheAgent() throws Exception {
    CountDownLatch together = new CountDownLatch(4);
    List<CompletableFuture<AgentDispatch>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(
          CompletableFuture.supplyAsync(
              () -> {
                together.countDown();
                try {
                  together.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                return start(plane, "rush");
              },
              task -> new Thread(task).start()));
    }
    List<String> ids = calls.stream().map(CompletableFuture::join).map(AgentDispatch::id).toList();

    assertThat(sent("rush")).hasSize(1);
    assertThat(ids).containsOnly(sent("rush").get(0).id());
  }

  @Test
  void whatIsSaidToAnAgentReachesItsJob() {
    try (Seat worker = worker()) {
      AgentDispatch alone = plane.agents.create(acme, "said", BRIDGE);
      plane.rooms.create(acme, "talkers", RoomConfig.withAgents(BRIDGE));

      assertThat(alone.attributes()).isEqualTo(BRIDGE.attributes());
      for (String room : List.of("said", "talkers")) {
        AgentDispatch listed = sent(room).get(0);
        assertThat(listed.attributes()).as(room).isEqualTo(BRIDGE.attributes());
        assertThat(job(worker, listed).attributes()).as(room).isEqualTo(BRIDGE.attributes());
      }
      assertThat(plane.agents.create(acme, "said", RoomAgent.named("mute")).attributes()).isEmpty();
    }
  }
}
