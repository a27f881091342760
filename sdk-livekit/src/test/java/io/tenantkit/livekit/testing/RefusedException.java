package io.tenantkit.livekit.testing;

/** The server under test did not let a guest or a worker in. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
