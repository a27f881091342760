package io.tenantkit.jdbc;

/**
 * The queries of {@link SelfCheck} on row level security itself: tables, policies, and the views
 * that would read past them.
 */
final class RowSecuritySql {
  private RowSecuritySql() {}

  /** Every table of the schema that holds tenants' rows. */
  private static final String TENANT_TABLES =
      """
      tenant_tables AS (
        SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity,
               CASE c.relname WHEN 'organizations' THEN 'id' ELSE 'organization_id' END AS tenant_column
          FROM pg_catalog.pg_class c
         WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit')
           AND c.relkind IN ('r', 'p')
           AND (c.relname = 'organizations'
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped)))
      """;

  static final String NOT_ENABLED =
      "WITH "
          + TENANT_TABLES
          + """
            SELECT format('tenantkit.%s has no row level security', t.relname) AS problem,
                   format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', t.relname) AS remedy
              FROM tenant_tables t WHERE NOT t.relrowsecurity
            """;

  static final String NOT_FORCED =
      "WITH "
          + TENANT_TABLES
          + """
            SELECT format('tenantkit.%s does not force row level security on its owner', t.relname) AS problem,
                   format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', t.relname) AS remedy
              FROM tenant_tables t WHERE NOT t.relforcerowsecurity
            """;

  static final String POLICY_MISSING =
      "WITH "
          + TENANT_TABLES
          + """
            SELECT format('tenantkit.%s has no policy for %s', t.relname, x.role) AS problem,
                   format('DROP POLICY IF EXISTS tenant ON tenantkit.%1$I; CREATE POLICY tenant ON tenantkit.%1$I AS PERMISSIVE FOR ALL TO %2$I'
                          ' USING (%3$I = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
                          ' WITH CHECK (%3$I = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
                          t.relname, x.role, t.tenant_column) AS remedy
              FROM tenant_tables t, (SELECT CAST(? AS text) AS role) x
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_policy p
                                 JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
                                WHERE p.polrelid = t.oid AND p.polpermissive AND p.polcmd = '*' AND r.rolname = x.role)
            """;

  /**
   * Permissive policies add up, so each that applies to the application's role must be exactly
   * ours: an expression that merely mentions the setting may still open all.
   */
  static final String POLICY_OPEN =
      "WITH "
          + TENANT_TABLES
          + """
            , applying AS (
              SELECT t.relname, p.polname, e.expression,
                     t.tenant_column,
                     '=(SELECTNULLIF(current_setting(''app.organization_id''::text,true),''''::text)AS"nullif"))' AS ours
                FROM tenant_tables t
                JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid AND p.polpermissive
                JOIN pg_catalog.pg_roles app ON app.rolname = CAST(? AS text),
                     LATERAL (VALUES (pg_catalog.pg_get_expr(p.polqual, p.polrelid)),
                                     (pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))) e (expression)
               WHERE e.expression IS NOT NULL
                 AND EXISTS (SELECT FROM unnest(p.polroles) named (oid)
                              WHERE named.oid = 0 OR pg_catalog.pg_has_role(app.oid, named.oid, 'MEMBER')))
            SELECT DISTINCT
                   format('policy %s on tenantkit.%s does not hold the application to one organization', a.polname, a.relname)
                     AS problem,
                   format('DROP POLICY %I ON tenantkit.%I', a.polname, a.relname) AS remedy
              FROM applying a
             WHERE pg_catalog.regexp_replace(a.expression, '\\s', '', 'g')
                     NOT IN (format('((%s)::text', a.tenant_column) || a.ours, format('(%s', a.tenant_column) || a.ours)
            """;

  static final String ADMIN_POLICY_MISSING =
      """
      SELECT format('tenantkit.%s has no policy for the admin role %s', c.relname, x.role) AS problem,
             format('CREATE POLICY operator ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
                    c.relname, x.role) AS remedy
        FROM pg_catalog.pg_class c, (SELECT CAST(? AS text) AS role) x
       WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit')
         AND c.relname IN ('organizations', 'api_keys', 'audit_events', 'audit_heads', 'audit_checkpoints',
                           'external_organizations', 'erasures')
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p
                           JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
                          WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*' AND r.rolname = x.role)""";

  /** The rest of a query that names its tenant tables; its one parameter is the role that reads. */
  static final String VIEWS_OVER =
      """
      , over AS (
        SELECT t.oid FROM tenant_tables t
        UNION
        SELECT w.ev_class
          FROM over o
          JOIN pg_catalog.pg_depend d ON d.refobjid = o.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                                     AND d.classid = 'pg_catalog.pg_rewrite'::regclass
          JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
         WHERE w.ev_class <> o.oid)
      SELECT format('view %s reads tenants'' rows as its owner', v.oid::regclass) AS problem,
             CASE WHEN v.relkind = 'm' THEN format('DROP MATERIALIZED VIEW %I.%I', n.nspname, v.relname)
                  WHEN current_setting('server_version_num')::integer >= 150000
                    THEN format('ALTER VIEW %I.%I SET (security_invoker = true)', n.nspname, v.relname)
                  ELSE format('DROP VIEW %I.%I', n.nspname, v.relname) END AS remedy
        FROM over o
        JOIN pg_catalog.pg_class v ON v.oid = o.oid AND v.relkind IN ('v', 'm')
        JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
       WHERE (v.relkind = 'm'
              OR NOT EXISTS (SELECT FROM pg_catalog.pg_options_to_table(v.reloptions) option
                              WHERE CASE option.option_name WHEN 'security_invoker'
                                         THEN CAST(option.option_value AS boolean) ELSE false END))
         AND EXISTS (SELECT FROM pg_catalog.pg_roles app
                       JOIN pg_catalog.pg_roles r ON pg_catalog.pg_has_role(app.oid, r.oid, 'MEMBER')
                      WHERE app.rolname = CAST(? AS text)
                        AND (pg_catalog.has_any_column_privilege(r.oid, v.oid, 'SELECT, INSERT, UPDATE')
                             OR pg_catalog.has_table_privilege(r.oid, v.oid, 'DELETE')))
       ORDER BY v.oid DESC
      """;

  /**
   * Views over tenants' tables, also over other views, in any schema, which the application may
   * read or write: each does so as its owner unless told otherwise. What only others may use, such
   * as an operator's report, is the host's own affair.
   */
  static final String VIEWS = "WITH RECURSIVE " + TENANT_TABLES + VIEWS_OVER;
}
