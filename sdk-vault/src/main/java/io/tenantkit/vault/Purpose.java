package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.Texts;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a secret is used, as the audit trail will tell it.
 *
 * @param action dotted lower case, 1 to 128 characters; {@code secret.used} for hosts, an action of
 *     their own for upper modules
 * @param reason for people, 1 to 255 characters without control characters
 * @param details further names and ids, never a secret: at most {@value #MAX_DETAILS}, without
 *     control characters; one named as what the vault itself tells of the secret is not written
 */
public record Purpose(String action, String reason, Map<String, String> details) {
  /** The most details: what an event has room for beside the vault's own. */
  public static final int MAX_DETAILS = AuditEvent.MAX_DETAILS - 8;

  private static final int MAX_NAME = 128;

  public Purpose {
    if (action.isEmpty() || action.length() > MAX_NAME || !isOfActions(action)) {
      throw new InvalidInputException(
          "action", "1 to 128 characters of a-z, 0-9, '.', '_' and '-'");
    }
    Texts.require("purpose", reason, 255);
    if (details.size() > MAX_DETAILS) {
      throw new InvalidInputException("details", "at most " + MAX_DETAILS);
    }
    // Sorted also by type, so that who copies it need not sort again.
    details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
    details.forEach(Purpose::requireDetail);
  }

  /** A host's use of a secret. */
  public static Purpose of(String reason) {
    return new Purpose("secret.used", reason, Map.of());
  }

  private static boolean isOfActions(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')) {
        return false;
      }
    }
    return true;
  }

  private static boolean holdsControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static void requireDetail(String name, String value) {
    if (name.isEmpty()
        || name.length() > MAX_NAME
        || holdsControl(name)
        || value.length() > AuditEvent.MAX_DETAIL_LENGTH
        || holdsControl(value)) {
      throw new InvalidInputException(
          "details",
          "names of 1 to 128 and values of at most 1,024 characters, without control characters");
    }
  }
}
