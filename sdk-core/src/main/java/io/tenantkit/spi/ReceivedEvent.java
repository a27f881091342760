package io.tenantkit.spi;

import io.tenantkit.InvalidInputException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An event that came in from outside and was found genuine. Immutable.
 *
 * @param source what sort of sender it is from, 1 to 64 characters; ids are unique within it
 * @param id the sender's id of the event, 1 to 255 characters
 * @param receivedAt when
 * @param held by whom it is held while it is being handled, and until when, so that another may
 *     have it after a crash; empty when nothing is left to be done once it is written
 */
public record ReceivedEvent(String source, String id, Instant receivedAt, Optional<Hold> held) {
  /** The longest id, in characters. */
  public static final int MAX_ID = 255;

  /**
   * Who handles an event.
   *
   * @param claim unique to one attempt, 1 to 64 characters
   * @param until up to when nobody else gets it
   */
  public record Hold(String claim, Instant until) {
    public Hold {
      Texts.require("claim", claim, 64);
      Objects.requireNonNull(until, "until");
    }
  }

  public ReceivedEvent {
    Texts.require("source", source, 64);
    if (!isId(id)) {
      throw new InvalidInputException("id", "1 to " + MAX_ID + " printable ASCII characters");
    }
    Objects.requireNonNull(receivedAt, "receivedAt");
    Objects.requireNonNull(held, "held");
  }

  /** Whether an event may have this id. */
  public static boolean isId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_ID
        && text.chars().allMatch(c -> c > ' ' && c <= '~');
  }
}
