package io.tenantkit.livekit.room;

import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends a session's agents, each once. That an agent was sent does not mean that it comes: a server
 * looks for a worker at that moment and never again, and does not tell of a job that ended. For one
 * call.
 */
final class SessionAgents {
  /** A server asks for 5 seconds who has workers, and then one of them for 10. */
  static final Duration JOB_WITHIN = Duration.ofSeconds(15);

  /** An agent's framework may have to start a process and load its models first. */
  static final Duration JOIN_WITHIN = Duration.ofSeconds(30);

  private final Supplier<Instant> clock;
  private final LiveKitRooms rooms;
  private final AgentDispatches agents;
  private final TenantContext context;
  private final String room;
  private final List<String> sent;
  private @Nullable Set<String> present;

  /**
   * Those of a room.
   *
   * @param sent takes the ids of what this call has sent, to be undone when a later step fails
   */
  SessionAgents(
      Supplier<Instant> clock,
      LiveKitRooms rooms,
      AgentDispatches agents,
      TenantContext context,
      String room,
      List<String> sent) {
    this.clock = clock;
    this.rooms = rooms;
    this.agents = agents;
    this.context = context;
    this.room = room;
    this.sent = sent;
  }

  /** Those that are there already or were sent now, in the order in which they are wanted. */
  List<AgentDispatch> send(NewSession wanted, boolean isNewRoom) {
    if (wanted.agents().isEmpty()) {
      return List.of();
    }
    List<AgentDispatch> before = isNewRoom ? List.of() : agents.list(context, room);
    List<AgentDispatch> all = new ArrayList<>();
    for (RoomAgent agent : wanted.agents()) {
      Optional<AgentDispatch> there = first(before, agent.name());
      if (there.isEmpty()) {
        before.stream()
            .filter(each -> each.agentName().equals(agent.name()))
            .forEach(each -> recall(each.id()));
        there = Optional.of(agents.create(context, room, wanted.config(), agent));
        sent.add(there.get().id());
      }
      all.add(there.get());
    }
    return sent.isEmpty() ? all : withoutDoubles(all);
  }

  /** Of several calls that did not see each other, all keep what was sent first. */
  private List<AgentDispatch> withoutDoubles(List<AgentDispatch> all) {
    List<AgentDispatch> now = agents.list(context, room);
    List<AgentDispatch> kept = new ArrayList<>();
    for (AgentDispatch own : all) {
      AgentDispatch first = sent.contains(own.id()) ? first(now, own.agentName()).orElse(own) : own;
      if (!first.id().equals(own.id())) {
        recall(own.id());
        sent.remove(own.id());
      }
      kept.add(first);
    }
    return List.copyOf(kept);
  }

  private Optional<AgentDispatch> first(List<AgentDispatch> dispatches, String agentName) {
    return dispatches.stream()
        .filter(each -> each.agentName().equals(agentName) && isThereOrComing(each))
        .min(Comparator.comparing(AgentDispatch::createdAt).thenComparing(AgentDispatch::id));
  }

  private boolean isThereOrComing(AgentDispatch dispatch) {
    if (dispatch.jobs().isEmpty()) {
      return isWithin(JOB_WITHIN, dispatch.createdAt());
    }
    return dispatch.jobs().stream().anyMatch(this::isThereOrComing);
  }

  private boolean isThereOrComing(AgentJob job) {
    if (job.ended()) {
      return false;
    }
    // Of an agent that has no name in the room, all that can be known is what the server says.
    return job.identity().isEmpty()
        || isWithin(JOIN_WITHIN, job.startedAt())
        || present().contains(job.identity());
  }

  /** By the server's clock and ours, which must be closer than such a time. */
  private boolean isWithin(Duration time, Instant since) {
    return Duration.between(since, clock.get()).compareTo(time) < 0;
  }

  private Set<String> present() {
    @Nullable Set<String> known = present;
    if (known == null) {
      known =
          rooms.participants(context, room).stream()
              .filter(each -> each.state() != Participant.State.DISCONNECTED)
              .map(Participant::identity)
              .collect(Collectors.toUnmodifiableSet());
      present = known;
    }
    return known;
  }

  private void recall(String dispatch) {
    try {
      agents.delete(context, room, dispatch);
    } catch (NotFoundException e) {
      // Another call was faster.
    }
  }
}
