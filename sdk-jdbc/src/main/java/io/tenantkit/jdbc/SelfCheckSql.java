package io.tenantkit.jdbc;

/**
 * The queries of {@link SelfCheck}: each answers rows of a problem and the SQL that mends it. They
 * read catalogs that every role may read, with every name qualified.
 */
final class SelfCheckSql {
  private SelfCheckSql() {}

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

  /** Who runs, by either name, and the roles of the schema. */
  private static final String ROLES =
      """
      runners AS (
        SELECT r.* FROM pg_catalog.pg_roles r WHERE r.rolname IN (session_user, current_user)),
      known AS (
        SELECT n.kind, r.oid, r.rolname
          FROM tenantkit.role_names n JOIN pg_catalog.pg_roles r ON r.rolname = n.role_name)
      """;

  static final String WRONG_ROLE =
      """
      SELECT format('the pool is logged in as %s, not as %s, the role that the schema was made for', session_user, x.role)
               AS problem,
             format('ALTER ROLE %I LOGIN', x.role) || '; -- then log the pool in as it' AS remedy
        FROM (SELECT CAST(? AS text) AS role) x
       WHERE session_user <> x.role""";

  static final String SWITCHED_ROLE =
      """
      SELECT format('the session works as %s but is logged in as %s, and RESET ROLE would give it back',
                    current_user, session_user) AS problem,
             format('ALTER ROLE %I RESET role', session_user) AS remedy
       WHERE session_user <> current_user""";

  /** With a tenant that is set before any is asked for, a forgotten one is that tenant. */
  static final String TENANT_PRESET =
      """
      SELECT format('sessions of %s begin with app.organization_id set', session_user) AS problem,
             coalesce((SELECT string_agg(
                                CASE WHEN s.setrole = 0
                                     THEN format('ALTER DATABASE %I RESET app.organization_id', current_database())
                                     WHEN s.setdatabase = 0
                                     THEN format('ALTER ROLE %I RESET app.organization_id', r.rolname)
                                     ELSE format('ALTER ROLE %I IN DATABASE %I RESET app.organization_id', r.rolname,
                                                 current_database()) END, '; ')
                         FROM pg_catalog.pg_db_role_setting s
                         JOIN pg_catalog.pg_database d ON d.datname = current_database()
                         LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
                        WHERE s.setdatabase IN (0, d.oid) AND (s.setrole = 0 OR r.rolname = session_user)
                          AND EXISTS (SELECT FROM unnest(s.setconfig) setting (text)
                                       WHERE starts_with(setting.text, 'app.organization_id='))),
                      '-- take app.organization_id out of the pool''s connection settings') AS remedy
       WHERE current_setting('app.organization_id', true) <> ''""";

  static final String ATTRIBUTES =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s is %s', r.rolname, a.name) AS problem,
                   format('ALTER ROLE %I NO%s', r.rolname, a.name) AS remedy
              FROM runners r,
                   LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls),
                                   ('CREATEROLE', r.rolcreaterole), ('REPLICATION', r.rolreplication)) a (name, has)
             WHERE a.has
            """;

  static final String OWNS =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s owns tenantkit.%s', r.rolname, c.relname) AS problem,
                   format('ALTER TABLE tenantkit.%I OWNER TO %I', c.relname, o.rolname) AS remedy
              FROM pg_catalog.pg_class c
              JOIN runners r ON r.oid = c.relowner
              JOIN known o ON o.kind = 'owner'
             WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
            UNION ALL
            SELECT format('role %s owns the schema tenantkit', r.rolname),
                   format('ALTER SCHEMA tenantkit OWNER TO %I; GRANT USAGE ON SCHEMA tenantkit TO %I', o.rolname, r.rolname)
              FROM pg_catalog.pg_namespace n
              JOIN runners r ON r.oid = n.nspowner
              JOIN known o ON o.kind = 'owner'
             WHERE n.nspname = 'tenantkit'
            UNION ALL
            SELECT format('role %s owns the database', r.rolname),
                   format('ALTER DATABASE %I OWNER TO %I', d.datname, o.rolname)
              FROM pg_catalog.pg_database d
              JOIN runners r ON r.oid = d.datdba
              JOIN known o ON o.kind = 'owner'
             WHERE d.datname = current_database()
            """;

  /**
   * Direct or indirect; what is revoked is the membership by which the way begins. A superuser is
   * found by its attribute.
   */
  static final String MEMBERSHIPS =
      "WITH "
          + ROLES
          + """
            SELECT DISTINCT
                   format('role %s is a member of %s', r.rolname, powerful.rolname) AS problem,
                   format('REVOKE %I FROM %I', first.rolname, r.rolname) AS remedy
              FROM runners r
              JOIN pg_catalog.pg_auth_members m ON m.member = r.oid
              JOIN pg_catalog.pg_roles first ON first.oid = m.roleid
              JOIN pg_catalog.pg_roles powerful
                ON powerful.oid = first.oid OR pg_catalog.pg_has_role(first.oid, powerful.oid, 'MEMBER')
             WHERE NOT r.rolsuper
               AND powerful.oid <> r.oid
               AND (first.oid = powerful.oid OR NOT first.rolsuper)
               AND (powerful.rolsuper OR powerful.rolbypassrls OR powerful.rolcreaterole
                    OR powerful.oid IN (SELECT k.oid FROM known k)
                    OR powerful.oid IN (SELECT c.relowner FROM pg_catalog.pg_class c
                                         WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit'))
                    OR powerful.rolname IN ('pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
                                            'pg_write_server_files'))
            """;

  static final String SCHEMA_CREATE =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s may create things in the schema tenantkit', r.rolname) AS problem,
                   format('REVOKE CREATE ON SCHEMA tenantkit FROM %s',
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) g
              JOIN runners r ON NOT r.rolsuper AND (g.grantee = 0 OR pg_catalog.pg_has_role(r.oid, g.grantee, 'MEMBER'))
             WHERE n.nspname = 'tenantkit' AND g.privilege_type = 'CREATE' AND g.grantee <> n.nspowner
            """;

  /**
   * What no runtime role may have on a table: what row level security does not hold, and changes of
   * the trail.
   */
  private static final String FORBIDDEN =
      """
      (g.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
       OR (g.privilege_type IN ('UPDATE', 'DELETE')
           AND c.relname IN ('audit_events', 'audit_checkpoints', 'operator_events'))
       OR (g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE') AND c.relname = 'audit_heads')
       OR (g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
           AND c.relname IN ('schema_history', 'role_names', 'installation')))
      """;

  static final String TABLE_GRANTS =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s has %s on tenantkit.%s', r.rolname, g.privilege_type, c.relname) AS problem,
                   format('REVOKE %s ON tenantkit.%I FROM %s', g.privilege_type, c.relname,
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) g
              JOIN runners r ON NOT r.rolsuper AND (g.grantee = 0 OR pg_catalog.pg_has_role(r.oid, g.grantee, 'MEMBER'))
             WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND g.grantee <> c.relowner
               AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
               AND
            """
          + FORBIDDEN;

  /**
   * What the library's statements need, so that a grant that is missing shows at the start and not
   * in the first call.
   */
  static final String GRANTS_MISSING =
      """
      SELECT format('role %s lacks %s on tenantkit.%s', current_user, p.privilege, n.relation) AS problem,
             format('GRANT %s ON tenantkit.%I TO %I', p.privilege, n.relation, current_user) AS remedy
        FROM (VALUES ('application', 'organizations', 'SELECT'), ('application', 'api_keys', 'SELECT,INSERT,UPDATE'),
                     ('application', 'audit_events', 'SELECT,INSERT'), ('application', 'master_keys', 'SELECT,INSERT'),
                     ('application', 'key_notices', 'SELECT,INSERT,UPDATE'),
                     ('application', 'organization_keys', 'SELECT,INSERT'), ('application', 'projects', 'SELECT,INSERT'),
                     ('application', 'secrets', 'SELECT,INSERT,UPDATE,DELETE'),
                     ('application', 'secret_versions', 'SELECT,INSERT'), ('application', 'secret_fields', 'SELECT,INSERT'),
                     ('admin', 'organizations', 'SELECT,INSERT,UPDATE'), ('admin', 'api_keys', 'SELECT,INSERT'),
                     ('admin', 'audit_events', 'SELECT,INSERT'),
                     ('admin', 'operator_events', 'SELECT,INSERT'),
                     ('admin', 'external_organizations', 'SELECT,INSERT,DELETE'),
                     ('application', 'audit_heads', 'SELECT'), ('application', 'audit_checkpoints', 'SELECT,INSERT'),
                     ('application', 'audit_keys', 'SELECT,INSERT'), ('admin', 'audit_heads', 'SELECT'),
                     ('admin', 'audit_checkpoints', 'SELECT,INSERT')) n (kind, relation, privileges)
        JOIN tenantkit.role_names r ON r.kind = n.kind AND r.role_name = current_user,
             LATERAL unnest(string_to_array(n.privileges, ',')) p (privilege)
       WHERE NOT has_table_privilege('tenantkit.' || n.relation, p.privilege)
      UNION ALL
      SELECT format('role %s may not call %s', current_user, f.signature),
             format('GRANT EXECUTE ON FUNCTION %s TO %I', f.signature, current_user)
        FROM (VALUES ('application', 'tenantkit.api_key_by_hash(varchar)'),
                     ('application', 'tenantkit.audit_unsigned(varchar, integer)'),
                     ('application', 'tenantkit.presented_key(varchar)'),
                     ('application', 'tenantkit.organization_by_external_id(varchar, varchar)'),
                     ('application', 'tenantkit.take_limits(varchar, varchar, bigint, bigint, varchar[], varchar[], bigint[], bigint[],'
                        ' bigint[], bigint[], bigint[], varchar, bigint, bigint, bigint, bigint)'),
                     ('application', 'tenantkit.take_limit(varchar, varchar, varchar, bigint, bigint, bigint, bigint)'),
                     ('application', 'tenantkit.end_leases(varchar, varchar[], varchar[], varchar[], bigint[], bigint[])'),
                     ('application', 'tenantkit.remove_idle_limits(integer)'),
                     ('application', 'tenantkit.changes_since(varchar, varchar, integer)'),
                     ('application', 'tenantkit.prune_changes(timestamptz, bigint)'),
                     ('application', 'tenantkit.add_usage(varchar, bigint, boolean, varchar[], varchar[], bigint[], bigint[])'),
                     ('application', 'tenantkit.organizations_with_due_keys(timestamptz,timestamptz,varchar,integer)'),
                     ('admin', 'tenantkit.audit_prune(varchar, bigint)')) f (kind, signature)
        JOIN tenantkit.role_names r ON r.kind = f.kind AND r.role_name = current_user
       WHERE NOT has_function_privilege(f.signature, 'EXECUTE')""";

  static final String COLUMN_GRANTS =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s has %s on column %s of tenantkit.%s', r.rolname, g.privilege_type, a.attname, c.relname)
                     AS problem,
                   format('REVOKE %s (%I) ON tenantkit.%I FROM %s', g.privilege_type, a.attname, c.relname,
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped,
                   LATERAL pg_catalog.aclexplode(a.attacl) g
              JOIN runners r ON NOT r.rolsuper AND (g.grantee = 0 OR pg_catalog.pg_has_role(r.oid, g.grantee, 'MEMBER'))
             WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND g.grantee <> c.relowner
               AND
            """
          + FORBIDDEN;

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
                           'external_organizations')
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p
                           JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
                          WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*' AND r.rolname = x.role)""";

  /** Without its trigger the trail has no chain. */
  static final String AUDIT_CHAIN =
      """
      SELECT CASE WHEN t.oid IS NULL THEN 'tenantkit.audit_events has no trigger audit_chain'
                  ELSE 'the trigger audit_chain of tenantkit.audit_events is disabled' END AS problem,
             CASE WHEN t.oid IS NULL THEN 'CREATE TRIGGER audit_chain BEFORE INSERT ON tenantkit.audit_events'
                                          ' FOR EACH ROW EXECUTE FUNCTION tenantkit.audit_chain()'
                  ELSE 'ALTER TABLE tenantkit.audit_events ENABLE TRIGGER audit_chain' END AS remedy
        FROM (SELECT pg_catalog.to_regclass('tenantkit.audit_events') AS oid) c
        LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'audit_chain' AND NOT t.tgisinternal
       WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')""";

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

  private static final String DEFINERS =
      """
      definers AS (
        SELECT f.oid, f.proconfig, f.proacl, f.proowner, f.pronamespace,
               format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)) AS signature,
               format('%s.%s(%s)', n.nspname, f.proname,
                      (SELECT string_agg(pg_catalog.format_type(a.type, NULL), ',' ORDER BY a.place)
                         FROM unnest(f.proargtypes) WITH ORDINALITY a (type, place))) AS listed
          FROM pg_catalog.pg_proc f
          JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
         WHERE f.prosecdef)
      """;

  private static final String HERE = " f.pronamespace = pg_catalog.to_regnamespace('tenantkit')\n";

  static final String FUNCTION_UNLISTED =
      "WITH "
          + DEFINERS
          + """
            SELECT format('definer function %s is not on the closed list', f.signature) AS problem,
                   format('DROP ROUTINE %s', f.signature) AS remedy
              FROM definers f
             WHERE f.listed <> ALL (string_to_array(CAST(? AS text), E'\\n')) AND
            """
          + HERE;

  /** In other schemas, what runs with the eyes of one of our roles. */
  static final String FUNCTION_ELSEWHERE =
      "WITH "
          + ROLES
          + ", "
          + DEFINERS
          + """
            SELECT format('definer function %s runs as %s', f.signature, k.rolname) AS problem,
                   format('DROP ROUTINE %s', f.signature) AS remedy
              FROM definers f
              JOIN known k ON k.oid = f.proowner
             WHERE NOT
            """
          + HERE;

  static final String FUNCTION_SEARCH_PATH =
      "WITH "
          + DEFINERS
          + """
            SELECT format('definer function %s has no pinned search_path', f.signature) AS problem,
                   format('ALTER ROUTINE %s SET search_path = tenantkit, pg_temp', f.signature) AS remedy
              FROM definers f
             WHERE NOT EXISTS (SELECT FROM unnest(f.proconfig) setting (text)
                                WHERE setting.text = 'search_path=tenantkit, pg_temp') AND
            """
          + HERE;

  static final String FUNCTION_PUBLIC =
      "WITH "
          + DEFINERS
          + """
            SELECT format('definer function %s may be called by PUBLIC', f.signature) AS problem,
                   format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', f.signature) AS remedy
              FROM definers f
             WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) g
                            WHERE g.grantee = 0) AND
            """
          + HERE;

  static final String FUNCTION_OWNER =
      "WITH "
          + ROLES
          + ", "
          + DEFINERS
          + """
            SELECT format('definer function %s does not belong to %s', f.signature, k.rolname) AS problem,
                   format('ALTER ROUTINE %s OWNER TO %I', f.signature, k.rolname) AS remedy
              FROM definers f
              JOIN known k ON k.kind = 'lookup' AND k.oid <> f.proowner
             WHERE
            """
          + HERE;

  static final String LOOKUP_ROLE =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s, which owns the cross-tenant functions, is %s', r.rolname, a.name) AS problem,
                   format('ALTER ROLE %I NO%s', r.rolname, a.name) AS remedy
              FROM known k
              JOIN pg_catalog.pg_roles r ON r.oid = k.oid,
                   LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('LOGIN', r.rolcanlogin)) a
                     (name, has)
             WHERE k.kind = 'lookup' AND a.has
            """;

  /** Without them changes stay unseen by other nodes, revocations among them. */
  static final String TRIGGERS =
      """
      SELECT format('trigger %s on tenantkit.%s is missing or switched off, so other nodes do not see what changes there',
                    x.name, x.relation) AS problem,
             CASE WHEN t.oid IS NULL
                  THEN format('CREATE TRIGGER %I AFTER %s EXECUTE FUNCTION tenantkit.%I(); ', x.name,
                              format(x.event, format('tenantkit.%I', x.relation)), x.called)
                  ELSE '' END
               || format('ALTER TABLE tenantkit.%I ENABLE ALWAYS TRIGGER %I', x.relation, x.name) AS remedy
        FROM (VALUES
               ('api_keys', 'api_key_changed', 'INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'api_key_changed'),
               ('api_keys', 'api_keys_emptied', 'TRUNCATE ON %s FOR EACH STATEMENT', 'api_key_changed'),
               ('organizations', 'organization_changed', 'INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW',
                'organization_changed'),
               ('organizations', 'organizations_emptied', 'TRUNCATE ON %s FOR EACH STATEMENT', 'organization_changed'))
               x (relation, name, event, called)
        LEFT JOIN pg_catalog.pg_trigger t
          ON t.tgrelid = pg_catalog.to_regclass('tenantkit.' || x.relation) AND t.tgname = x.name
       WHERE t.oid IS NULL OR t.tgenabled <> 'A'""";

  /**
   * Settings and minor versions that a host should know of. The minors are those that mended
   * CVE-2025-8713.
   */
  static final String READINESS =
      """
      SELECT 'postgresql.synchronous-commit' AS code,
             'synchronous_commit is off, so a crash of the server loses acknowledged commits' AS message
       WHERE current_setting('synchronous_commit') = 'off'
      UNION ALL
      SELECT 'postgresql.fsync', 'fsync is off, so a crash of the server may lose everything'
       WHERE current_setting('fsync') = 'off'
      UNION ALL
      SELECT 'postgresql.transaction-isolation',
             'sessions begin with ' || current_setting('default_transaction_isolation') || ', under which calls that wait for'
               || ' one another fail instead: reset default_transaction_isolation of the role and the database'
       WHERE current_setting('default_transaction_isolation') <> 'read committed'
      UNION ALL
      SELECT 'postgresql.minor-version',
             'this server leaks statistics past row level security (CVE-2025-8713): update to its newest minor version'
        FROM (SELECT current_setting('server_version_num')::integer AS number) v
       WHERE (v.number < 140019) OR (v.number BETWEEN 150000 AND 150013) OR (v.number BETWEEN 160000 AND 160009)
          OR (v.number BETWEEN 170000 AND 170005)""";
}
