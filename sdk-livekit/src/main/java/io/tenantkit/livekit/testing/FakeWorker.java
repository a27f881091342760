package io.tenantkit.livekit.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An agent worker that is registered at a fake. It takes every job at once; of several that fit,
 * the one with the fewest gets it. Safe for use by several threads.
 */
public final class FakeWorker implements AutoCloseable {
  /** What a worker is sent jobs for. */
  public enum Serves {
    /** Each room, as it opens. */
    ROOMS,
    /** Each participant that publishes. */
    PUBLISHERS,
    /** Each participant. */
    PARTICIPANTS
  }

  private final World world;
  private final String id;
  private final String apiKey;
  private final String agentName;
  private final String deployment;
  private final Serves serves;
  private final List<FakeJob> jobs = new CopyOnWriteArrayList<>();

  FakeWorker(
      World world, String id, String apiKey, String agentName, String deployment, Serves serves) {
    this.world = world;
    this.id = id;
    this.apiKey = apiKey;
    this.agentName = agentName;
    this.deployment = deployment;
    this.serves = serves;
  }

  /** The id, {@code AW_…}. */
  public String id() {
    return id;
  }

  /** The agent's name that it registered for. */
  public String agentName() {
    return agentName;
  }

  /** What it is sent jobs for. */
  public Serves serves() {
    return serves;
  }

  /** All jobs it was given, also ended ones, in order. */
  public List<FakeJob> jobs() {
    return List.copyOf(jobs);
  }

  /** Takes itself off the server; it gets no more jobs. */
  @Override
  public void close() {
    world.locked(() -> world.workers.remove(this));
  }

  boolean takes(Dispatch dispatch, Serves wanted) {
    return serves == wanted
        && agentName.equals(dispatch.agentName())
        && deployment.equals(dispatch.deployment());
  }

  long running() {
    return jobs.stream().filter(job -> !job.ended()).count();
  }

  String apiKey() {
    return apiKey;
  }

  void give(FakeJob job) {
    jobs.add(job);
  }

  /** Id and agent. */
  @Override
  public String toString() {
    return "FakeWorker[" + id + ", " + agentName + "]";
  }
}
