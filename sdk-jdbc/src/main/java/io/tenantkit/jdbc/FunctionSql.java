package io.tenantkit.jdbc;

/**
 * The queries of {@link SelfCheck} on functions: those that read across tenants, and the others.
 */
final class FunctionSql {
  private FunctionSql() {}

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

  /** The closed list with who may call each, as its lines say; the parameter of a query. */
  private static final String CALLS =
      """
      calls AS (
        SELECT split_part(line, '|', 1) AS signature, split_part(line, '|', 2) AS caller,
               pg_catalog.to_regprocedure(split_part(line, '|', 1)) AS oid
          FROM unnest(string_to_array(CAST(? AS text), E'\\n')) line)
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
          + SelfCheckSql.ROLES
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
          + SelfCheckSql.ROLES
          + ", "
          + DEFINERS
          + """
            SELECT format('definer function %s does not belong to %s', f.signature, k.rolname) AS problem,
                   format('ALTER ROUTINE %s OWNER TO %I', f.signature, k.rolname) AS remedy
              FROM definers f
              JOIN known k ON k.kind = 'lookup' AND k.oid <> f.proowner
             WHERE f.listed <> ALL (string_to_array(CAST(? AS text), E'\\n')) AND
            """
          + HERE;

  /** One that is gone would fail in the first call; its migration is the only SQL that has it. */
  static final String FUNCTION_MISSING =
      "WITH "
          + CALLS
          + """
            SELECT format('function %s is missing', x.signature) AS problem,
                   '-- make it again, as its migration does' AS remedy
              FROM calls x WHERE x.oid IS NULL
            UNION ALL
            SELECT format('function %s does not run as its owner', x.signature),
                   format('ALTER FUNCTION %s SECURITY DEFINER', x.signature)
              FROM calls x
              JOIN pg_catalog.pg_proc f ON f.oid = x.oid
             WHERE NOT f.prosecdef
            """;

  static final String CALL_MISSING =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + CALLS
          + """
            SELECT format('role %s may not call %s', k.rolname, x.signature) AS problem,
                   format('GRANT EXECUTE ON FUNCTION %s TO %I', x.signature, k.rolname) AS remedy
              FROM calls x
              JOIN known k ON k.kind = x.caller AND k.rolname = current_user
             WHERE NOT pg_catalog.has_function_privilege(k.oid, x.oid, 'EXECUTE')
            """;

  /** Whoever may call one besides the role that it was made for; everybody is found apart. */
  static final String CALL_BEYOND =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + CALLS
          + """
            SELECT DISTINCT
                   format('role %s may call %s', k.rolname, x.signature)
                     || CASE WHEN g.grantee = k.oid THEN ''
                             ELSE format(', as a member of %s', pg_catalog.pg_get_userbyid(g.grantee)) END AS problem,
                   format('REVOKE %sEXECUTE ON FUNCTION %s FROM %I CASCADE',
                          CASE WHEN k.kind = x.caller THEN 'GRANT OPTION FOR ' ELSE '' END, x.signature,
                          pg_catalog.pg_get_userbyid(g.grantee)) AS remedy
              FROM calls x
              JOIN pg_catalog.pg_proc f ON f.oid = x.oid,
                   LATERAL pg_catalog.aclexplode(f.proacl) g
              JOIN known k ON k.kind IN ('application', 'admin')
              JOIN pg_catalog.pg_roles r ON r.oid = k.oid AND NOT r.rolsuper
             WHERE (g.grantee = k.oid
                    OR g.grantee NOT IN (0, f.proowner) AND pg_catalog.pg_has_role(k.oid, g.grantee, 'MEMBER')
                       AND g.grantee NOT IN (SELECT o.oid FROM known o))
               AND (k.kind <> x.caller OR g.is_grantable)
            """;

  /** What the owner has: functions that triggers and hosts' policies call. */
  static final String PLAIN =
      "WITH "
          + SelfCheckSql.ROLES
          + """
            , plain AS (
              SELECT f.oid, f.proowner, f.prosecdef, f.proconfig, f.prorettype, x.signature
                FROM unnest(string_to_array(CAST(? AS text), E'\\n')) x (signature)
                JOIN pg_catalog.pg_proc f ON f.oid = pg_catalog.to_regprocedure(x.signature))
            SELECT format('function %s does not belong to %s', p.signature, k.rolname) AS problem,
                   format('ALTER FUNCTION %s OWNER TO %I', p.signature, k.rolname) AS remedy
              FROM plain p
              JOIN known k ON k.kind = 'owner' AND k.oid <> p.proowner
            UNION ALL
            SELECT format('function %s runs as its owner', p.signature),
                   format('ALTER FUNCTION %s SECURITY INVOKER', p.signature)
              FROM plain p WHERE p.prosecdef
            UNION ALL
            SELECT format('function %s has no pinned search_path', p.signature),
                   format('ALTER FUNCTION %s SET search_path = tenantkit, pg_temp', p.signature)
              FROM plain p
             WHERE p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype
               AND NOT EXISTS (SELECT FROM unnest(p.proconfig) setting (text)
                                WHERE setting.text = 'search_path=tenantkit, pg_temp')
            """;

  /** The text of every function of the schema, for {@link FunctionBodies}. */
  static final String BODIES =
      """
      SELECT x.signature, f.prosrc
        FROM unnest(string_to_array(CAST(? AS text), E'\\n')) x (signature)
        JOIN pg_catalog.pg_proc f ON f.oid = pg_catalog.to_regprocedure(x.signature)""";

  /** It names the admin role, so its migration writes it with the name that it has here. */
  static final String SUPER_ADMIN =
      """
      SELECT 'function tenantkit.is_super_admin() is not as its migration made it' AS problem,
             format('CREATE OR REPLACE FUNCTION tenantkit.is_super_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS %L',
                    ours.body) AS remedy
        FROM pg_catalog.pg_proc f,
             (SELECT format('SELECT session_user = %L::name AND current_user = %L::name', x.role, x.role) AS body
                FROM (SELECT CAST(? AS text) AS role) x) ours
       WHERE f.oid = pg_catalog.to_regprocedure('tenantkit.is_super_admin()') AND f.prosrc <> ours.body""";

  static final String LOOKUP_ROLE =
      "WITH "
          + SelfCheckSql.ROLES
          + """
            SELECT format('role %s, which owns the cross-tenant functions, is %s', r.rolname, a.name) AS problem,
                   format('ALTER ROLE %I NO%s', r.rolname, a.name) AS remedy
              FROM known k
              JOIN pg_catalog.pg_roles r ON r.oid = k.oid,
                   LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('LOGIN', r.rolcanlogin)) a
                     (name, has)
             WHERE k.kind = 'lookup' AND a.has
            """;
}
