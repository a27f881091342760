package io.tenantkit.livekit.testing;

/** An error of the server's API (Twirp), with the code and the text that the server gives it. */
final class Fault extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  Fault(String code, String text) {
    super(text, null, false, false);
    this.code = code;
  }

  /** What the server's inner services say comes out with this before it. */
  static Fault inner(String code, String text) {
    return new Fault(code, "twirp error unknown: " + text);
  }

  static Fault denied() {
    return new Fault("unauthenticated", "permissions denied");
  }

  /** What a server says, after some seconds, of whoever or whatever is not there. */
  static Fault noResponse() {
    return inner("unavailable", "no response from servers");
  }

  String code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }

  int status() {
    return switch (code) {
      case "invalid_argument", "malformed", "out_of_range" -> 400;
      case "unauthenticated" -> 401;
      case "permission_denied" -> 403;
      case "not_found", "bad_route" -> 404;
      case "canceled", "deadline_exceeded" -> 408;
      case "already_exists", "aborted" -> 409;
      case "failed_precondition" -> 412;
      case "resource_exhausted" -> 429;
      case "unimplemented" -> 501;
      case "unavailable" -> 503;
      default -> 500;
    };
  }
}
