package io.tenantkit.jdbc;

/**
 * The queries of {@link SelfCheck} on the roles that run and on the server: each answers rows of a
 * problem and the SQL that mends it. They read catalogs that every role may read, with every name
 * qualified. Those on row level security, privileges, functions and triggers stand in files of
 * their own.
 */
final class SelfCheckSql {
  private SelfCheckSql() {}

  /** Who runs, by either name, and the roles of the schema. */
  static final String ROLES =
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
                    OR powerful.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_execute_server_program',
                                            'pg_read_server_files', 'pg_write_server_files'))
            """;

  /** Whoever may set it switches triggers off, the chain's among them; from PostgreSQL 15 on. */
  static final String PARAMETERS =
      "WITH "
          + ROLES
          + """
            SELECT format('role %s may set session_replication_role', r.rolname) AS problem,
                   format('REVOKE ALL ON PARAMETER session_replication_role FROM %s',
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM pg_catalog.pg_parameter_acl p, LATERAL pg_catalog.aclexplode(p.paracl) g
              JOIN runners r ON NOT r.rolsuper AND (g.grantee = 0 OR pg_catalog.pg_has_role(r.oid, g.grantee, 'MEMBER'))
             WHERE p.parname = 'session_replication_role'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.oid = g.grantee AND s.rolsuper)
            """;

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
