package io.tenantkit.livekit.testing;

/** A plain answer that is not a yes, as the server writes it before any method of its API. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  Refusal(int status, String text) {
    super(text, null, false, false);
    this.status = status;
  }

  static Refusal unauthorized(String text) {
    return new Refusal(401, text);
  }

  int status() {
    return status;
  }

  /** The text of the answer. */
  String text() {
    return String.valueOf(getMessage());
  }
}
