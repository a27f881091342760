package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretValue;
import java.util.Objects;

/**
 * A container of Azure's Blob Storage. Immutable.
 *
 * @param container its name, 1 to 256 bytes
 * @param account the account's name, 1 to 256 bytes
 * @param accountKey its key
 */
public record AzureStorage(String container, String account, SecretValue accountKey)
    implements EgressStorage {
  /** Checks the bounds. */
  public AzureStorage {
    RequestTexts.name("container", container, 256);
    RequestTexts.name("account", account, 256);
    Objects.requireNonNull(accountKey, "accountKey");
  }

  /** The container. */
  @Override
  public String toString() {
    return "AzureStorage[" + container + "]";
  }
}
