package io.tenantkit.spi;

import io.tenantkit.InvalidInputException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Uses of keys that one node counted and that are to be added to their rows.
 *
 * @param node 1 to 64 characters, of one life of one control plane
 * @param sequence from 1, one more for each batch of the node; a batch that may have been written
 *     is given again with the same number
 * @param patient whether to wait a few seconds for rows that another transaction holds, rather than
 *     leave them out
 * @param uses each key once, at most {@value #MOST}
 */
public record UsageBatch(String node, long sequence, boolean patient, List<Use> uses) {
  /** The most keys of one batch. */
  public static final int MOST = 2_000;

  /**
   * How often a key was used since the last batch, and when last.
   *
   * @param organization whose key
   * @param key which
   * @param count at least 1
   * @param lastAt the latest of the uses
   */
  public record Use(OrganizationId organization, ApiKeyId key, long count, Instant lastAt) {
    public Use {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(lastAt, "lastAt");
      if (count < 1) {
        throw new InvalidInputException("count", "at least 1");
      }
    }

    /** Both together; of the same key. */
    public Use plus(Use other) {
      return new Use(
          organization,
          key,
          count + other.count,
          lastAt.isAfter(other.lastAt) ? lastAt : other.lastAt);
    }
  }

  public UsageBatch {
    Texts.require("node", node, 64);
    uses = List.copyOf(uses);
    if (uses.size() > MOST) {
      throw new InvalidInputException("uses", "at most " + MOST);
    }
  }
}
