package io.tenantkit.token;

import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.util.Objects;

/**
 * Who is kept out, and until when. Immutable.
 *
 * @param id its own id
 * @param issuer whose tokens, as {@code livekit}
 * @param environment in which environment
 * @param target what is denied
 * @param tokenId the token's id, of a {@link Target#TOKEN}; empty otherwise
 * @param subject whom; empty of {@link Target#ALL}
 * @param place from what; empty of {@link Target#ALL}
 * @param deniedAt since when, microsecond precision
 * @param until when it ends; moved on for as long as the subject keeps coming back
 * @param firstUntil when it was to end when it was written
 * @param actor who wrote it
 * @param reason why, for people: 1 to {@value #MAX_REASON} characters
 */
public record TokenDenial(
    String id,
    String issuer,
    Environment environment,
    Target target,
    String tokenId,
    String subject,
    String place,
    Instant deniedAt,
    Instant until,
    Instant firstUntil,
    Actor actor,
    String reason) {
  /** The longest reason, in characters. */
  public static final int MAX_REASON = 255;

  /** What is denied. */
  public enum Target {
    /** One token, and with it its subject in its place. */
    TOKEN,
    /** All tokens of a subject in a place. */
    SUBJECT,
    /** All tokens of the organization and environment that were issued up to then. */
    ALL
  }

  /** Checks that all is there and within its bound. */
  public TokenDenial {
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(deniedAt, "deniedAt");
    Objects.requireNonNull(until, "until");
    Objects.requireNonNull(firstUntil, "firstUntil");
    Objects.requireNonNull(actor, "actor");
    LedgerEntry.require("id", id, 1, LedgerEntry.MAX_ID);
    LedgerEntry.require("issuer", issuer, 1, LedgerEntry.MAX_ISSUER);
    LedgerEntry.require("tokenId", tokenId, 0, LedgerEntry.MAX_ID);
    LedgerEntry.require("subject", subject, 0, LedgerEntry.MAX_NAME);
    LedgerEntry.require("place", place, 0, LedgerEntry.MAX_NAME);
    Texts.require("reason", reason, MAX_REASON);
  }

  /** Whether it holds at this time. */
  public boolean isActive(Instant now) {
    return now.isBefore(until);
  }

  /** The same, with another end. */
  public TokenDenial until(Instant changed) {
    return new TokenDenial(
        id,
        issuer,
        environment,
        target,
        tokenId,
        subject,
        place,
        deniedAt,
        changed,
        firstUntil,
        actor,
        reason);
  }
}
