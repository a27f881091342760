package io.tenantkit.livekit.testing;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An agent's job that the fake gave to a worker, which took it at once. Safe for use by several
 * threads.
 */
public final class FakeJob {
  private final String id;
  private final String identity;
  private final Dispatch dispatch;
  private final FakeWorker worker;
  private final Optional<String> participant;
  private final SecretValue token;
  private final Instant startedAt;
  private volatile boolean ended;

  FakeJob(
      String id,
      String identity,
      Dispatch dispatch,
      FakeWorker worker,
      Optional<String> participant,
      String token,
      Instant startedAt) {
    this.id = id;
    this.identity = identity;
    this.dispatch = dispatch;
    this.worker = worker;
    this.participant = participant;
    this.token = SecretValue.of(token);
    this.startedAt = startedAt;
  }

  /** The id, {@code AJ_…}. */
  public String id() {
    return id;
  }

  /** The dispatch that it belongs to, {@code AD_…}. */
  public String dispatchId() {
    return dispatch.id();
  }

  /** The agent's name; empty for workers that have none. */
  public String agentName() {
    return dispatch.agentName();
  }

  /** The room that the agent is sent into. */
  public String room() {
    return dispatch.room();
  }

  /** What was said to the agent. */
  public String metadata() {
    return dispatch.metadata();
  }

  /** What was said to the agent by name. */
  public Map<String, String> attributes() {
    return dispatch.attributes();
  }

  /** Whom it is about, for workers of participants and publishers. */
  public Optional<String> participant() {
    return participant;
  }

  /** What kind of job. */
  public FakeWorker.Serves serves() {
    return worker.serves();
  }

  /** The token by which the agent joins: {@code server.join(job.token())}. */
  public String token() {
    return token.string(SecretAccess.get());
  }

  /** Whether it is over: its dispatch was deleted, its agent left, or the room is closed. */
  public boolean ended() {
    return ended;
  }

  String identity() {
    return identity;
  }

  Instant startedAt() {
    return startedAt;
  }

  String workerId() {
    return worker.id();
  }

  void end() {
    ended = true;
  }

  /** Id, agent and room; not the token. */
  @Override
  public String toString() {
    return "FakeJob[" + id + ", " + agentName() + " in " + room() + "]";
  }
}
