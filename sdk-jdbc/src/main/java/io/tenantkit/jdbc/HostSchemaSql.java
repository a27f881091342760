package io.tenantkit.jdbc;

/**
 * The queries of {@link RowLevelSecurityKit}: each answers rows of a problem and the SQL that mends
 * it, as {@link SelfCheckSql} does, over the host's tables. Each begins with the same three
 * parameters: the organization column, the schemas and the keys meant for all tenants, the latter
 * two separated by line feeds.
 */
final class HostSchemaSql {
  private HostSchemaSql() {}

  private static final String TENANT_TABLES =
      """
      WITH RECURSIVE given AS (
        SELECT CAST(? AS text) AS tenant_column, string_to_array(CAST(? AS text), E'\\n') AS schemas,
               string_to_array(CAST(? AS text), E'\\n') AS global_keys),
      found AS (
        SELECT c.oid, c.relname, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, a.attnum,
               format('%I.%I', n.nspname, c.relname) AS name, format('%I', a.attname) AS tenant_column,
               CASE WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype) THEN 'tenantkit.get_current_tenant_id()'
                    ELSE format('CAST(tenantkit.get_current_tenant_id() AS %s)', pg_catalog.format_type(a.atttypid, NULL))
               END AS tenant
          FROM given g
          JOIN pg_catalog.pg_attribute a ON a.attname = g.tenant_column AND NOT a.attisdropped
          JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname NOT IN ('tenantkit', 'information_schema') AND n.nspname !~ '^pg_'
           AND (cardinality(g.schemas) = 0 OR n.nspname = ANY (g.schemas))),
      tenant_tables AS (
        SELECT f.*,
               format('CREATE POLICY tenant ON %1$s AS PERMISSIVE FOR ALL TO %2$I USING (%3$s = (SELECT %4$s))'
                      ' WITH CHECK (%3$s = (SELECT %4$s))', f.name, session_user, f.tenant_column, f.tenant) AS policy
          FROM found f)
      """;

  /** The tables, for the tries. */
  static final String TABLES =
      TENANT_TABLES
          + "SELECT t.name, t.tenant_column, t.policy FROM tenant_tables t ORDER BY t.name";

  static final String NOT_ENABLED =
      TENANT_TABLES
          + """
            SELECT format('%s has no row level security', t.name) AS problem,
                   format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name) AS remedy
              FROM tenant_tables t WHERE NOT t.relrowsecurity ORDER BY t.name
            """;

  static final String NOT_FORCED =
      TENANT_TABLES
          + """
            SELECT format('%s does not force row level security on its owner', t.name) AS problem,
                   format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.name) AS remedy
              FROM tenant_tables t WHERE NOT t.relforcerowsecurity ORDER BY t.name
            """;

  static final String POLICY_MISSING =
      TENANT_TABLES
          + """
            SELECT format('%s has no policy by which %s sees its tenant''s rows', t.name, session_user) AS problem,
                   t.policy AS remedy
              FROM tenant_tables t
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_policy p, LATERAL unnest(p.polroles) named (oid)
                                WHERE p.polrelid = t.oid AND p.polpermissive
                                  AND (named.oid = 0 OR pg_catalog.pg_has_role(session_user, named.oid, 'MEMBER')))
             ORDER BY t.name
            """;

  /** Every permissive policy that applies, since they add up; what it says is judged in Java. */
  static final String POLICIES =
      TENANT_TABLES
          + """
            SELECT t.name, t.tenant_column, p.polname AS policy, p.polcmd AS command,
                   pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using_expression,
                   pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS check_expression,
                   format('ALTER POLICY %I ON %s WITH CHECK (%s = (SELECT %s))', p.polname, t.name, t.tenant_column, t.tenant)
                     AS add_check,
                   format('DROP POLICY %I ON %s', p.polname, t.name) AS remove
              FROM tenant_tables t
              JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid AND p.polpermissive
             WHERE EXISTS (SELECT FROM unnest(p.polroles) named (oid)
                            WHERE named.oid = 0 OR pg_catalog.pg_has_role(session_user, named.oid, 'MEMBER'))
             ORDER BY t.name, p.polname
            """;

  static final String INDEX_MISSING =
      TENANT_TABLES
          + """
            SELECT format('%s has no index that begins with %s', t.name, t.tenant_column) AS problem,
                   format('CREATE INDEX ON %s (%s)', t.name, t.tenant_column) AS remedy
              FROM tenant_tables t
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index i
                                WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
                                  AND i.indkey[0] = t.attnum)
             ORDER BY t.name
            """;

  /** A reference is checked past row level security, so it may point to another tenant's row. */
  static final String FOREIGN_KEYS =
      TENANT_TABLES
          + """
            , loose AS (
              SELECT t.name, k.conname, t.tenant_column, p.name AS parent, p.tenant_column AS parent_column, p.oid AS parent_oid,
                     k.confkey || p.attnum AS wanted,
                     (SELECT string_agg(format('%I', a.attname), ', ' ORDER BY x.place)
                        FROM unnest(k.conkey) WITH ORDINALITY x (number, place)
                        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.number) AS columns,
                     (SELECT string_agg(format('%I', a.attname), ', ' ORDER BY x.place)
                        FROM unnest(k.confkey) WITH ORDINALITY x (number, place)
                        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.number) AS parent_columns
                FROM pg_catalog.pg_constraint k
                JOIN tenant_tables t ON t.oid = k.conrelid
                JOIN tenant_tables p ON p.oid = k.confrelid
               WHERE k.contype = 'f' AND k.conparentid = 0
                 AND NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) pair (child, parent)
                                  WHERE pair.child = t.attnum AND pair.parent = p.attnum))
            SELECT format('foreign key %s of %s may point to another tenant''s row of %s', l.conname, l.name, l.parent) AS problem,
                   CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_index i
                                      WHERE i.indrelid = l.parent_oid AND i.indisunique AND i.indpred IS NULL
                                        AND i.indkey::int2[] @> l.wanted AND l.wanted @> i.indkey::int2[]) THEN ''
                        ELSE format('ALTER TABLE %s ADD UNIQUE (%s, %s); ', l.parent, l.parent_column, l.parent_columns) END
                     || format('ALTER TABLE %1$s DROP CONSTRAINT %2$I, ADD CONSTRAINT %2$I FOREIGN KEY (%3$s, %4$s)'
                               ' REFERENCES %5$s (%6$s, %7$s)', l.name, l.conname, l.tenant_column, l.columns,
                               l.parent, l.parent_column, l.parent_columns) AS remedy
              FROM loose l ORDER BY l.name, l.conname
            """;

  /** A conflict with a row that is hidden tells that it exists. */
  static final String UNIQUE_KEYS =
      TENANT_TABLES
          + """
            , shared AS (
              SELECT t.name, t.tenant_column, x.relname, k.contype, i.indrelid, n.nspname,
                     (SELECT string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, place, false), ', ' ORDER BY place)
                        FROM generate_series(1, i.indnkeyatts) place) AS columns,
                     coalesce(' WHERE ' || pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate
                FROM given g, tenant_tables t
                JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indisunique
                JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
                LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u')
               WHERE t.attnum <> ALL ((i.indkey::int2[])[0:i.indnkeyatts - 1]) AND x.relname <> ALL (g.global_keys))
            SELECT format('unique key %s of %s is one over all tenants', s.relname, s.name) AS problem,
                   CASE WHEN s.contype IS NULL
                        THEN format('DROP INDEX %I.%I; CREATE UNIQUE INDEX %2$I ON %3$s (%4$s, %5$s)%6$s', s.nspname,
                                    s.relname, s.name, s.tenant_column, s.columns, s.predicate)
                        ELSE format('ALTER TABLE %1$s DROP CONSTRAINT %2$I, ADD CONSTRAINT %2$I %3$s (%4$s, %5$s)', s.name,
                                    s.relname, CASE s.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END,
                                    s.tenant_column, s.columns) END AS remedy
              FROM shared s ORDER BY s.name, s.relname
            """;

  /** Its owner may alter a table and its policies. A superuser is found by its attribute. */
  static final String OWNERS =
      TENANT_TABLES
          + """
            SELECT format('role %s owns %s, or is a member of the role that does', session_user, t.name) AS problem,
                   CASE WHEN o.rolname = session_user
                        THEN format('ALTER TABLE %s OWNER TO %I', t.name,
                                    (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'owner'))
                        ELSE format('REVOKE %I FROM %I', o.rolname, session_user) END AS remedy
              FROM tenant_tables t
              JOIN pg_catalog.pg_roles o ON o.oid = t.relowner
             WHERE pg_catalog.pg_has_role(session_user, t.relowner, 'MEMBER')
               AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
             ORDER BY t.name
            """;

  /** To empty a table is not subject to row level security, nor is it to hang a trigger on it. */
  static final String GRANTS =
      TENANT_TABLES
          + """
            SELECT format('role %s has %s on %s', session_user, g.privilege_type, t.name) AS problem,
                   format('REVOKE %s ON %s FROM %s', g.privilege_type, t.name,
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM tenant_tables t, LATERAL pg_catalog.aclexplode(t.relacl) g
             WHERE g.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') AND g.grantee <> t.relowner
               AND (g.grantee = 0 OR pg_catalog.pg_has_role(session_user, g.grantee, 'MEMBER'))
               AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
             ORDER BY t.name
            """;

  static final String VIEWS = TENANT_TABLES + RowSecuritySql.VIEWS_OVER;
}
