package io.tenantkit.livekit.testing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    Map<String, String> attributes,
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
      Map<String, String> attributes,
      JobRestartPolicy restartPolicy,
      Instant createdAt) {
    return new Dispatch(
        id,
        room,
        agentName,
        metadata,
        deployment,
        attributes,
        restartPolicy,
        createdAt,
        new ArrayList<>());
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
  }

  AgentDispatch proto() {
    AgentDispatchState.Builder state =
        AgentDispatchState.newBuilder().setCreatedAt(nanos(createdAt));
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
              // As it was when the worker took it: the server does not follow it in a dispatch.
              .setState(
                  JobState.newBuilder()
                      .setStatus(JobStatus.JS_RUNNING)
                      .setStartedAt(nanos(job.startedAt()))
                      .setUpdatedAt(nanos(job.startedAt()))
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
        .setUnknownFields(NewerFields.ofDispatch(deployment, attributes))
        .build();
  }
}
