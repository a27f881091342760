package io.tenantkit.livekit.testing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import livekit.LivekitAgent.Job;
import livekit.LivekitAgent.JobState;
import livekit.LivekitAgent.JobStatus;
import livekit.LivekitAgent.JobType;
import livekit.LivekitAgentDispatch.AgentDispatch;
import livekit.LivekitAgentDispatch.AgentDispatchState;
import livekit.LivekitAgentDispatch.JobRestartPolicy;

/** An agent that was sent into a room, and its jobs. Guarded by the world's lock. */
record Dispatch(
    String id,
    String room,
    String agentName,
    String metadata,
    String deployment,
    JobRestartPolicy restartPolicy,
    Instant createdAt,
    List<FakeJob> jobs) {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  static Dispatch of(
      String id,
      String room,
      String agentName,
      String metadata,
      String deployment,
      JobRestartPolicy restartPolicy,
      Instant createdAt) {
    return new Dispatch(
        id, room, agentName, metadata, deployment, restartPolicy, createdAt, new ArrayList<>());
  }

  AgentDispatch proto() {
    AgentDispatchState.Builder state =
        AgentDispatchState.newBuilder()
            .setCreatedAt(createdAt.getEpochSecond() * NANOS_PER_SECOND + createdAt.getNano());
    for (FakeJob job : jobs) {
      state.addJobs(
          Job.newBuilder()
              .setId(job.id())
              .setDispatchId(id)
              .setType(
                  switch (job.serves()) {
                    case ROOMS -> JobType.JT_ROOM;
                    case PUBLISHERS -> JobType.JT_PUBLISHER;
                    case PARTICIPANTS -> JobType.JT_PARTICIPANT;
                  })
              .setMetadata(metadata)
              .setAgentName(agentName)
              .setState(
                  JobState.newBuilder()
                      .setStatus(job.ended() ? JobStatus.JS_SUCCESS : JobStatus.JS_RUNNING)
                      .setWorkerId(job.workerId())
                      .setParticipantIdentity(job.identity())));
    }
    return AgentDispatch.newBuilder()
        .setId(id)
        .setRoom(room)
        .setAgentName(agentName)
        .setMetadata(metadata)
        .setRestartPolicy(restartPolicy)
        .setState(state)
        .build();
  }
}
