package io.tenantkit.vault.spi;

import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.Secret;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A secret, deleted or not, with all its versions as they are stored: ciphertext only.
 *
 * @param secret the row
 * @param versions by number
 * @param teams that it is shared with
 */
public record SecretHistory(
    Secret secret, List<StoredSecretVersion> versions, SortedSet<TeamId> teams) {
  public SecretHistory {
    versions = List.copyOf(versions);
    teams = Collections.unmodifiableSortedSet(new TreeSet<>(teams));
  }

  /** Shared with no team. */
  public SecretHistory(Secret secret, List<StoredSecretVersion> versions) {
    this(secret, versions, Collections.emptySortedSet());
  }
}
