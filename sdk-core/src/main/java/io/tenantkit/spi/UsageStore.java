package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How much keys are used, beside their rows' contents: it is no change of a key. */
public interface UsageStore {

  /**
   * What is written of a key's use.
   *
   * @param count how often it was used
   * @param lastAt when last, if ever
   */
  record Usage(long count, Optional<Instant> lastAt) {}

  /**
   * Adds each count and moves each time of last use forward, never back. A batch that was written
   * before is not written again, so one whose commit is unknown can be given until it is known.
   * Keys that are gone are passed over. On the closed list as the usage flush; never joins a
   * transaction, and no change in the sense of {@link ChangeStore}.
   *
   * @return those that were left out because another transaction holds their rows, to be given with
   *     a later batch; the same again for a batch that was written before
   */
  List<UsageBatch.Use> add(UsageBatch batch);

  /** What is written of one key's use; empty when there is no such key. */
  Optional<Usage> find(TenantContext context, ApiKeyId id);
}
