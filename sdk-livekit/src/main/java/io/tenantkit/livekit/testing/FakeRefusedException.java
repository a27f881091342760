package io.tenantkit.livekit.testing;

/**
 * The fake refuses a token, or what its bearer may not do: as a LiveKit server refuses the
 * connection of a client or a worker.
 */
public final class FakeRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  FakeRefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The status of HTTP that a server would answer with. */
  public int status() {
    return status;
  }
}
