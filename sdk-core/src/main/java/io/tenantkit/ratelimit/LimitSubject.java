package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import java.util.Objects;

/**
 * Whose limits are counted: a key with all its successors, and its organization.
 *
 * @param organization the tenant
 * @param family the id of the first key of the family, 1 to 64 printable ASCII characters
 */
public record LimitSubject(OrganizationId organization, String family) {
  private static final int MAX_FAMILY = 64;

  public LimitSubject {
    Objects.requireNonNull(organization, "organization");
    if (family.isEmpty()
        || family.length() > MAX_FAMILY
        || family.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException("family", "1 to 64 printable ASCII characters");
    }
  }
}
