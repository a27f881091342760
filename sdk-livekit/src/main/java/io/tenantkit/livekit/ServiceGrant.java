package io.tenantkit.livekit;

/**
 * The grants of a token that stand outside of its {@code video} claim: for telephony, agents,
 * inference and observability. Each is there or not.
 */
public enum ServiceGrant {
  /** Manage trunks and dispatch rules of telephony. */
  SIP_ADMIN("sip", "admin"),
  /** Call out, and transfer calls. */
  SIP_CALL("sip", "call"),
  /** Manage agents. */
  AGENT_ADMIN("agent", "admin"),
  /** Manage simulations of agents. */
  AGENT_SIMULATION_ADMIN("agent", "simulationAdmin"),
  /** Manage the databases of agents. */
  AGENT_DATABASE_ADMIN("agent", "databaseAdmin"),
  /** Have models infer, on the account of the project. */
  INFERENCE_PERFORM("inference", "perform"),
  /** Write traces and recordings of sessions. */
  OBSERVABILITY_WRITE("observability", "write");

  private final String claim;
  private final String field;

  ServiceGrant(String claim, String field) {
    this.claim = claim;
    this.field = field;
  }

  /** The claim of a token that holds it, for example {@code sip}. */
  public String claim() {
    return claim;
  }

  /** Its name within that claim, for example {@code admin}. */
  public String field() {
    return field;
  }
}
