package io.tenantkit.tenant;

import io.tenantkit.spi.Texts;
import java.util.Objects;

/**
 * Who acts, as the audit trail names it.
 *
 * @param kind what sort of actor
 * @param id 1 to 255 printable characters; for people an id of the host's, not a name or e-mail
 *     address
 */
public record Actor(Kind kind, String id) {
  private static final int MAX_LENGTH = 255;

  /** What sort of actor. */
  public enum Kind {
    /** The host's own code, through {@link TenantContext#trusted}. */
    HOST,
    /** A caller that presented an API key; the id is the key's id. */
    API_KEY,
    /** A person who logged in. */
    USER,
    /** An AI agent. */
    AGENT,
    /** The host's operator, across tenants. */
    OPERATOR,
    /** This library's own maintenance. */
    SYSTEM
  }

  public Actor {
    Objects.requireNonNull(kind, "kind");
    Texts.require("actor", id, MAX_LENGTH);
  }

  /** The host's own code. */
  public static Actor host(String id) {
    return new Actor(Kind.HOST, id);
  }
}
