package io.tenantkit.jdbc;

import java.util.List;

/**
 * The closed list of functions that read across tenants on PostgreSQL. Each is written in a
 * migration, listed here and in SECURITY.md; any other definer function in the schema refuses the
 * start.
 */
final class CrossTenantFunctions {
  /** The schema version that this list was written for. */
  static final int SCHEMA_VERSION = 8;

  static final List<String> ALL =
      List.of(
          "tenantkit.api_key_by_hash(character varying)",
          "tenantkit.presented_key(character varying)",
          "tenantkit.organizations_with_due_keys(timestamp with time zone,timestamp with time zone,"
              + "character varying,integer)");

  private CrossTenantFunctions() {}

  /** As PostgreSQL writes a regprocedure, separated by line feeds. */
  static String signatures() {
    return String.join("\n", ALL);
  }
}
