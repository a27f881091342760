package io.tenantkit.livekit;

import io.tenantkit.token.TokenDenial;
import java.util.Objects;

/**
 * What a revocation has come to.
 *
 * @param denial who is denied, and until when; it holds already
 * @param removal what became of who was in a room
 */
public record Revocation(TokenDenial denial, Removal removal) {

  /** What became of who was in a room. */
  public enum Removal {
    /** Put out. */
    REMOVED,
    /** Nobody to put out was there. */
    NOT_THERE,
    /** The server could not be asked, or not all of it; it is asked again until it could. */
    PENDING
  }

  /** Checks that all is there. */
  public Revocation {
    Objects.requireNonNull(denial, "denial");
    Objects.requireNonNull(removal, "removal");
  }
}
