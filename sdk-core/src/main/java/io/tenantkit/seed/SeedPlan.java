package io.tenantkit.seed;

import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import java.util.List;
import java.util.Optional;

/**
 * All that a seed asks for, validated. Immutable.
 *
 * @param organizations in the order of the file
 */
record SeedPlan(List<Organization> organizations) {

  /**
   * One organization.
   *
   * @param keys in the order of the file
   */
  record Organization(
      OrganizationId id, String name, OrganizationSettings settings, List<Key> keys) {
    Organization {
      keys = List.copyOf(keys);
    }
  }

  /**
   * One key.
   *
   * @param hash of a key that somebody has already, instead of a new one
   */
  record Key(NewApiKey wanted, Optional<KeyHash> hash) {}

  SeedPlan {
    organizations = List.copyOf(organizations);
  }
}
