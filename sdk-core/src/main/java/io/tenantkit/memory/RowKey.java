package io.tenantkit.memory;

import io.tenantkit.tenant.OrganizationId;

/**
 * The primary key of a tenant's row: the organization leads, as in every table of the databases.
 *
 * @param organization the tenant
 * @param id the row's id within it
 */
public record RowKey(OrganizationId organization, String id) implements Comparable<RowKey> {
  @Override
  public int compareTo(RowKey other) {
    int first = organization.compareTo(other.organization);
    return first != 0 ? first : id.compareTo(other.id);
  }
}
