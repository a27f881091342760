package io.tenantkit.livekit;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * How a check of a tenant's credentials ended.
 *
 * @param status what it means
 * @param message the same for people, in our words: nothing of the credentials, nor of what the
 *     server said
 * @param took how long it took to find out, to the millisecond
 * @param at when it began, microsecond precision
 */
public record LiveKitCheck(Status status, String message, Duration took, Instant at) {
  /** Checks that all is there. */
  public LiveKitCheck {
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(took, "took");
    Objects.requireNonNull(at, "at");
  }

  /** What a check found. */
  public enum Status {
    /** The server takes the credentials. */
    CONNECTED("the server takes the credentials"),
    /** The server knows the key and does not let it list rooms. */
    RESTRICTED("the server knows the key, but does not let it list rooms"),
    /** The server does not know the key, or its secret is another one. */
    WRONG_KEY("the server does not take this key with this secret"),
    /** The server finds the token too old or too new: its clock, or this one, is wrong. */
    CLOCKS_DIFFER("the server's clock and this one differ"),
    /** What answers is no LiveKit server. */
    NO_LIVEKIT("what answers is no LiveKit server"),
    /** The server answers that it cannot do anything now. */
    FAILING("the server is not able to now"),
    /** Nobody answers, not in time, or not over a secure connection. */
    UNREACHABLE("the server was not reached"),
    /** The address is not one that this installation may call. */
    NOT_ALLOWED("the address is not one that may be called");

    private final String sentence;

    Status(String sentence) {
      this.sentence = sentence;
    }

    String sentence() {
      return sentence;
    }
  }

  /** Whether the server takes the credentials, for all or for some calls. */
  public boolean usable() {
    return status == Status.CONNECTED || status == Status.RESTRICTED;
  }
}
