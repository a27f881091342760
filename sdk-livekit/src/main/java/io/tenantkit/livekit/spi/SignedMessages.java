package io.tenantkit.livekit.spi;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.util.Objects;

/**
 * Finds out whose LiveKit server signed a message. Safe for use by several threads; blocks on the
 * storage when it has not seen the key for a while.
 */
public interface SignedMessages {
  /** The longest token that signs a message, in characters. */
  int MAX_TOKEN_LENGTH = 4_096;

  /** The longest time, in seconds, for which a token that signs a message is good. */
  int MAX_VALIDITY_SECONDS = 3_600;

  /** What was found out. */
  sealed interface Judgement {}

  /**
   * One tenant's server signed it.
   *
   * @param organization whose server
   * @param environment in which environment its credentials are
   */
  record Genuine(OrganizationId organization, Environment environment) implements Judgement {
    public Genuine {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(environment, "environment");
    }
  }

  /** Why nobody's message it is. */
  enum Refused implements Judgement {
    /**
     * The token is none, nobody's key or nobody's signature, another body's, or several
     * organizations'; which of them is not said.
     */
    UNTRUSTED,
    /** Genuine, but its time has run out, it has none, or one that is too long. */
    EXPIRED,
    /** Genuine, but its time has not come. */
    NOT_YET_VALID,
    /**
     * So many unknown keys were named of late that no more are looked up for now; or more
     * organizations say that the key is theirs than are tried for one message, and those that were
     * tried did not sign it: the next ones are tried when it comes again.
     */
    BUSY
  }

  /**
   * Judges a message.
   *
   * @param body exactly the bytes that came
   * @param jwt the token that signs them
   */
  Judgement judge(byte[] body, String jwt);
}
