package io.tenantkit.vault.spi;

import io.tenantkit.vault.Secret;
import java.util.List;

/**
 * A secret, deleted or not, with all its versions as they are stored: ciphertext only.
 *
 * @param secret the row
 * @param versions by number
 */
public record SecretHistory(Secret secret, List<StoredSecretVersion> versions) {
  public SecretHistory {
    versions = List.copyOf(versions);
  }
}
