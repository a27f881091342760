package io.tenantkit.token;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Objects;

/**
 * A token that was issued, never the token itself. Immutable.
 *
 * @param organization whose
 * @param issuer what part of the library signed it, as {@code livekit}; 1 to 32 characters
 * @param environment for which environment
 * @param id its id ({@code jti}), unique with the issuer; 1 to 64 characters
 * @param subject whom it lets in, at most 256 characters
 * @param place what it opens, as a room; empty when nothing in particular; at most 256 characters
 * @param kind what sort of bearer it makes, at most 32 characters
 * @param grants what it grants, in the issuer's words, at most {@value #MAX_GRANTS} characters
 * @param issuedAt when, microsecond precision
 * @param expiresAt when it ends
 * @param actor who had it issued
 */
public record LedgerEntry(
    OrganizationId organization,
    String issuer,
    Environment environment,
    String id,
    String subject,
    String place,
    String kind,
    String grants,
    Instant issuedAt,
    Instant expiresAt,
    Actor actor) {
  /** The longest text of grants, in characters. */
  public static final int MAX_GRANTS = 1_024;

  static final int MAX_ISSUER = 32;
  static final int MAX_ID = 64;
  static final int MAX_NAME = 256;

  /** Checks that all is there and within its bound. */
  public LedgerEntry {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(issuedAt, "issuedAt");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(actor, "actor");
    require("issuer", issuer, 1, MAX_ISSUER);
    require("id", id, 1, MAX_ID);
    require("subject", subject, 0, MAX_NAME);
    require("place", place, 0, MAX_NAME);
    require("kind", kind, 1, MAX_ISSUER);
    require("grants", grants, 0, MAX_GRANTS);
  }

  static void require(String property, String text, int least, int most) {
    if (text.length() < least || text.length() > most) {
      throw new InvalidInputException(property, least + " to " + most + " characters");
    }
  }
}
