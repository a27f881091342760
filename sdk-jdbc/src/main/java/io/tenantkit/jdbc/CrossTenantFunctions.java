package io.tenantkit.jdbc;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The closed list of functions that read across tenants on PostgreSQL. Each is written in a
 * migration, listed here and in SECURITY.md; any other definer function in the schema refuses the
 * start.
 */
final class CrossTenantFunctions {
  /** The schema version that this list was written for. */
  static final int SCHEMA_VERSION = 21;

  private static final String APPLICATION = "application";
  private static final String ADMIN = "admin";
  private static final String NOBODY = "";

  /** Those that cross no tenant, whose text is checked too. */
  private static final List<String> PLAIN =
      List.of(
          "tenantkit.version_kept()",
          "tenantkit.audit_key_added()",
          "tenantkit.get_current_tenant_id()");

  /** With the kind of the role that may call it; triggers' functions nobody may. */
  private record Entry(String signature, String caller) {
    private String line() {
      return signature + "|" + caller;
    }
  }

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("tenantkit.api_key_by_hash(character varying)", APPLICATION),
          new Entry(
              "tenantkit.organization_by_external_id(character varying,character varying)",
              APPLICATION),
          new Entry("tenantkit.presented_key(character varying)", APPLICATION),
          new Entry("tenantkit.audit_chain()", NOBODY),
          new Entry("tenantkit.audit_unsigned(character varying,integer)", APPLICATION),
          new Entry("tenantkit.audit_prune(character varying,bigint)", ADMIN),
          new Entry(
              "tenantkit.take_limits(character varying,character varying,bigint,bigint,character varying[],"
                  + "character varying[],bigint[],bigint[],bigint[],bigint[],bigint[],character varying,"
                  + "bigint,bigint,bigint,bigint)",
              APPLICATION),
          new Entry(
              "tenantkit.take_limit(character varying,character varying,character varying,bigint,bigint,"
                  + "bigint,bigint)",
              APPLICATION),
          new Entry(
              "tenantkit.end_leases(character varying,character varying[],character varying[],"
                  + "character varying[],bigint[],bigint[])",
              APPLICATION),
          new Entry("tenantkit.remove_idle_limits(integer)", APPLICATION),
          new Entry("tenantkit.api_key_changed()", NOBODY),
          new Entry("tenantkit.organization_changed()", NOBODY),
          new Entry(
              "tenantkit.changes_since(character varying,character varying,integer)", APPLICATION),
          new Entry("tenantkit.begin_changes()", APPLICATION),
          new Entry("tenantkit.prune_changes(timestamp with time zone,bigint)", APPLICATION),
          new Entry(
              "tenantkit.add_usage(character varying,bigint,boolean,character varying[],character varying[],"
                  + "bigint[],bigint[])",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_keys(timestamp with time zone,timestamp with time zone,"
                  + "character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_expired_versions(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organization_keys_due(timestamp with time zone,bigint,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_usage(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_integrations(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_webhooks(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_rotations(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_token_denials(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_ended_tokens(timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.organizations_with_due_presences(timestamp with time zone,timestamp with time zone,"
                  + "timestamp with time zone,character varying,integer)",
              APPLICATION),
          new Entry(
              "tenantkit.claim_credentials(character varying,character varying,timestamp with time zone)",
              APPLICATION),
          new Entry(
              "tenantkit.credentials_held(character varying,character varying,timestamp with time zone)",
              APPLICATION),
          new Entry(
              "tenantkit.credential_owners(character varying,timestamp with time zone,character varying,"
                  + "character varying,integer)",
              APPLICATION));

  /** Each as PostgreSQL writes a regprocedure. */
  static final List<String> ALL = ENTRIES.stream().map(Entry::signature).toList();

  private CrossTenantFunctions() {}

  /** Each with its caller behind a bar, separated by line feeds. */
  static String calls() {
    return ENTRIES.stream().map(Entry::line).collect(Collectors.joining("\n"));
  }

  /** Those that cross no tenant, which are the owner's, separated by line feeds. */
  static String plain() {
    return String.join("\n", PLAIN);
  }

  /** Those of both lists, separated by line feeds. */
  static String all() {
    return String.join("\n", ALL) + "\n" + plain();
  }
}
