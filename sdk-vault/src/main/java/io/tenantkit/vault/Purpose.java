package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a secret is used, as the audit trail will tell it.
 *
 * @param action dotted lower case; {@code secret.used} for hosts, an action of their own for upper
 *     modules
 * @param reason for people, 1 to 255 characters without control characters
 * @param details further names and ids, never a secret
 */
public record Purpose(String action, String reason, Map<String, String> details) {
  public Purpose {
    if (reason.isBlank()
        || reason.length() > 255
        || reason.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidInputException("purpose", "1 to 255 characters without control characters");
    }
    details = Collections.unmodifiableMap(new TreeMap<>(details));
  }

  /** A host's use of a secret. */
  public static Purpose of(String reason) {
    return new Purpose("secret.used", reason, Map.of());
  }
}
