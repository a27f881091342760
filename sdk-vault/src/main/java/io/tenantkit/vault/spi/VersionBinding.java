package io.tenantkit.vault.spi;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.crypto.AssociatedData;
import io.tenantkit.vault.crypto.SecretVersionId;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What the ciphertexts of a version are bound to: its ids and its destination. Stateless. */
public final class VersionBinding {
  private VersionBinding() {}

  /**
   * The associated data of a version.
   *
   * @param destination as it is stored, whether or not a vault would write such a text
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CIPHERTEXT_REJECTED}
   *     when the row is out of bounds: no vault wrote it, and the caller is not to blame
   */
  public static AssociatedData of(Secret secret, long version, String destination) {
    try {
      AssociatedData ids =
          AssociatedData.of(
              new SecretVersionId(
                  secret.organization().value(),
                  secret.projectId(),
                  secret.ref().environment().name().toLowerCase(Locale.ROOT),
                  secret.id().value(),
                  version));
      return destination.isEmpty()
          ? ids
          : ids.withBinding(destination.getBytes(StandardCharsets.UTF_8));
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }
}
