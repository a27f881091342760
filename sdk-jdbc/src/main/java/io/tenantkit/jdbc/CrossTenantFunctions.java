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
          "tenantkit.organization_by_external_id(character varying,character varying)",
          "tenantkit.presented_key(character varying)",
          "tenantkit.audit_chain()",
          "tenantkit.audit_unsigned(character varying,integer)",
          "tenantkit.audit_prune(character varying,bigint)",
          "tenantkit.take_limits(character varying,character varying,bigint,bigint,character varying[],"
              + "character varying[],bigint[],bigint[],bigint[],bigint[],bigint[],character varying,"
              + "bigint,bigint,bigint,bigint)",
          "tenantkit.take_limit(character varying,character varying,character varying,bigint,bigint,"
              + "bigint,bigint)",
          "tenantkit.end_leases(character varying,character varying[],character varying[],"
              + "character varying[],bigint[],bigint[])",
          "tenantkit.remove_idle_limits(integer)",
          "tenantkit.api_key_changed()",
          "tenantkit.organization_changed()",
          "tenantkit.changes_since(character varying,character varying,integer)",
          "tenantkit.prune_changes(timestamp with time zone,bigint)",
          "tenantkit.add_usage(character varying,bigint,boolean,character varying[],character varying[],"
              + "bigint[],bigint[])",
          "tenantkit.organizations_with_due_keys(timestamp with time zone,timestamp with time zone,"
              + "character varying,integer)");

  private CrossTenantFunctions() {}

  /** As PostgreSQL writes a regprocedure, separated by line feeds. */
  static String signatures() {
    return String.join("\n", ALL);
  }
}
