package io.tenantkit.jdbc;

/**
 * The queries of {@link SelfCheck} on privileges. What the migrations grant is listed here, whole:
 * whatever a runtime role has beyond it, on any table, view or sequence of the schema, is found, so
 * that a table which somebody adds is covered without being named.
 */
final class PrivilegeSql {
  private PrivilegeSql() {}

  /**
   * Which role has what: on the whole table, or on the columns that are named. What no verb needs
   * may be taken away.
   */
  private static final String ALLOWED =
      """
      listed (kind, relation, privileges, columns, needed) AS (VALUES
        ('application', 'role_names', 'SELECT', NULL, true),
        ('application', 'schema_history', 'SELECT', NULL, true),
        ('application', 'installation', 'SELECT', NULL, true),
        ('application', 'organizations', 'SELECT', NULL, true),
        ('application', 'api_keys', 'SELECT INSERT UPDATE', NULL, true),
        ('application', 'key_notices', 'SELECT INSERT UPDATE', NULL, true),
        ('application', 'teams', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'integrations', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'team_members', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'audit_events', 'SELECT INSERT', NULL, true),
        ('application', 'audit_heads', 'SELECT', NULL, true),
        ('application', 'audit_checkpoints', 'SELECT INSERT', NULL, true),
        ('application', 'audit_keys', 'SELECT INSERT', NULL, true),
        ('application', 'master_keys', 'SELECT INSERT', NULL, true),
        ('application', 'retired_master_keys', 'SELECT', NULL, true),
        ('application', 'organization_keys', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'organization_keys', 'UPDATE', 'master_key_id wrapped encryptions', true),
        ('application', 'erasures', 'SELECT INSERT', NULL, true),
        ('application', 'erasure_keys', 'SELECT INSERT', NULL, true),
        ('application', 'projects', 'SELECT INSERT', NULL, true),
        ('application', 'secrets', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'secret_teams', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'secret_versions', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'secret_versions', 'UPDATE', 'state organization_key_id wrapped_data_key', true),
        ('application', 'secret_fields', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'secret_tags', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'secret_versions', 'SELECT INSERT', NULL, true),
        ('application', 'secret_fields', 'SELECT INSERT', NULL, true),
        ('application', 'secret_usage_marks', 'SELECT INSERT UPDATE', NULL, true),
        ('application', 'secret_usage_batches', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'secret_usage', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'secret_costs', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'security_findings', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'webhook_endpoints', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'webhook_dead_letters', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'secret_rotations', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'issued_tokens', 'SELECT INSERT DELETE', NULL, true),
        ('application', 'token_denials', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'token_denial_marks', 'SELECT INSERT UPDATE', NULL, true),
        ('application', 'received_events', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'presences', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'presence_days', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'credential_mark_keys', 'SELECT INSERT', NULL, true),
        ('application', 'credential_holders', 'SELECT DELETE', NULL, true),
        ('application', 'credential_marks', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('application', 'rate_limits', 'SELECT', NULL, false),
        ('application', 'rate_limit_leases', 'SELECT', NULL, false),
        ('application', 'credits', 'SELECT', NULL, false),
        ('admin', 'role_names', 'SELECT', NULL, true),
        ('admin', 'schema_history', 'SELECT', NULL, true),
        ('admin', 'installation', 'SELECT', NULL, true),
        ('admin', 'organizations', 'SELECT INSERT UPDATE', NULL, true),
        ('admin', 'api_keys', 'SELECT INSERT', NULL, true),
        ('admin', 'audit_events', 'SELECT INSERT', NULL, true),
        ('admin', 'audit_heads', 'SELECT', NULL, true),
        ('admin', 'audit_checkpoints', 'SELECT INSERT', NULL, true),
        ('admin', 'operator_events', 'SELECT INSERT', NULL, true),
        ('admin', 'external_organizations', 'SELECT INSERT DELETE', NULL, true),
        ('admin', 'master_keys', 'SELECT DELETE', NULL, true),
        ('admin', 'retired_master_keys', 'SELECT INSERT', NULL, true),
        ('admin', 'erasures', 'SELECT', NULL, true),
        ('admin', 'erasure_keys', 'SELECT DELETE', NULL, true),
        ('admin', 'credential_mark_keys', 'SELECT DELETE', NULL, true),
        ('admin', 'credential_marks', 'SELECT', NULL, true),
        ('lookup', 'organization_keys', 'SELECT', 'organization_id key_number master_key_id created_at encryptions', true),
        ('lookup', 'organizations', 'SELECT', 'id status rate_limit key_policy', true),
        ('lookup', 'api_keys', 'SELECT', 'id organization_id name description key_hash key_prefix mode scopes rate_limit credits'
           ' allowed_addresses enabled created_by created_at updated_at expires_at revoked_at revoked_reason family_id'
           ' successor_id version idempotency_id first_used_at last_used_at usage_count', true),
        ('lookup', 'api_keys', 'UPDATE', 'last_used_at usage_count', true),
        ('lookup', 'audit_events', 'SELECT', 'organization_id id seq', true),
        ('lookup', 'audit_events', 'DELETE', NULL, true),
        ('lookup', 'audit_heads', 'SELECT INSERT UPDATE', NULL, true),
        ('lookup', 'audit_checkpoints', 'SELECT', 'organization_id kind seq', true),
        ('lookup', 'external_organizations', 'SELECT', 'organization_id issuer external_id', true),
        ('lookup', 'webhook_endpoints', 'SELECT', 'organization_id id enabled due_at claimed_until delivered_seq', true),
        ('lookup', 'webhook_dead_letters', 'SELECT', 'organization_id endpoint_id queued', true),
        ('lookup', 'rate_limits', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('lookup', 'rate_limit_leases', 'SELECT INSERT UPDATE DELETE', NULL, true),
        ('lookup', 'limit_cleaning', 'SELECT INSERT UPDATE', NULL, true),
        ('lookup', 'credits', 'SELECT INSERT UPDATE', NULL, true),
        ('lookup', 'changes', 'SELECT', 'organization_id kind subject transaction_id', true),
        ('lookup', 'changes', 'INSERT', 'organization_id kind subject', true),
        ('lookup', 'changes', 'DELETE', NULL, true),
        ('lookup', 'change_horizon', 'SELECT UPDATE', NULL, true),
        ('lookup', 'change_epoch', 'SELECT INSERT', NULL, true),
        ('lookup', 'secret_versions', 'SELECT', 'organization_id expires_at state', true),
        ('lookup', 'secret_usage_marks', 'SELECT', 'organization_id written analysed cleaned_at', true),
        ('lookup', 'integrations', 'SELECT', 'organization_id status next_check_at', true),
        ('lookup', 'secret_rotations', 'SELECT', 'organization_id secret_id wake_at', true),
        ('lookup', 'secrets', 'SELECT', 'organization_id id deleted_at', true),
        ('lookup', 'issued_tokens', 'SELECT', 'organization_id expires_at', true),
        ('lookup', 'token_denials', 'SELECT', 'organization_id ends_at', true),
        ('lookup', 'token_denial_marks', 'SELECT', 'organization_id revision ends_at', true),
        ('lookup', 'received_events', 'SELECT', 'organization_id received_at', true),
        ('lookup', 'presences', 'SELECT', 'organization_id left_at check_at settled', true),
        ('lookup', 'credential_holders', 'SELECT INSERT UPDATE', NULL, true),
        ('lookup', 'credential_marks', 'SELECT', 'organization_id environment key_mark pair_mark server_secret_mark until', true),
        ('lookup', 'credential_marks', 'DELETE', NULL, true),
        ('lookup', 'usage_batches', 'SELECT INSERT UPDATE DELETE', NULL, true)),
      allowed AS (
        SELECT l.kind, l.relation, p.privilege, c.name AS of_column, l.needed
          FROM listed l
         CROSS JOIN LATERAL unnest(string_to_array(l.privileges, ' ')) p (privilege)
          LEFT JOIN LATERAL unnest(string_to_array(l.columns, ' ')) c (name) ON true)
      """;

  /**
   * Every grant in the schema but the owner's own, and which of our roles has it: by itself, by a
   * role that it is a member of, or because everybody has it. What another of our roles has is that
   * role's; the membership is found apart.
   */
  private static final String GIVEN =
      """
      given AS (
        SELECT c.relname, c.relkind, NULL::name AS attname, g.grantee, g.privilege_type, g.is_grantable
          FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) g
         WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND g.grantee <> c.relowner
        UNION ALL
        SELECT c.relname, c.relkind, a.attname, g.grantee, g.privilege_type, g.is_grantable
          FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped,
               LATERAL pg_catalog.aclexplode(a.attacl) g
         WHERE c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND g.grantee <> c.relowner),
      held AS (
        SELECT g.*, k.kind, k.oid AS holder,
               CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END AS named,
               CASE g.grantee WHEN 0 THEN 'PUBLIC has '
                    WHEN k.oid THEN format('role %s has ', k.rolname)
                    ELSE format('role %s has, as a member of %s, ', k.rolname, pg_catalog.pg_get_userbyid(g.grantee)) END
                 AS who,
               CASE WHEN g.attname IS NULL THEN '' ELSE format(' (%I)', g.attname) END AS columns,
               CASE g.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE '' END || format('tenantkit.%I', g.relname) AS target
          FROM given g
          JOIN known k ON k.kind <> 'owner'
          JOIN pg_catalog.pg_roles r ON r.oid = k.oid AND NOT r.rolsuper
         WHERE g.grantee IN (0, k.oid)
            OR pg_catalog.pg_has_role(k.oid, g.grantee, 'MEMBER') AND g.grantee NOT IN (SELECT o.oid FROM known o))
      """;

  /**
   * In a newer schema, whose grants this library does not know, only what no runtime role may ever
   * have: what row level security does not hold, changes of the trail, and what everybody has.
   */
  private static final String BEYOND =
      """
       NOT EXISTS (SELECT FROM allowed a
                    WHERE h.grantee <> 0 AND a.kind = h.kind AND a.relation = h.relname AND a.privilege = h.privilege_type
                      AND (a.of_column IS NULL OR a.of_column = h.attname))
       AND (NOT CAST(CAST(? AS text) AS boolean)
            OR h.grantee = 0
            OR h.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')
            OR h.kind <> 'lookup' AND h.privilege_type IN ('UPDATE', 'DELETE')
               AND h.relname IN ('audit_events', 'audit_checkpoints', 'audit_keys', 'operator_events')
            OR h.kind <> 'lookup' AND h.privilege_type IN ('INSERT', 'UPDATE', 'DELETE') AND h.relname = 'audit_heads'
            OR h.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
               AND h.relname IN ('schema_history', 'role_names', 'installation'))
      """;

  /**
   * What a table's REVOKE takes with it of the columns is given back, or a function would fail
   * until the next start. Its one parameter is whether the schema is newer than this library.
   */
  static final String TABLE_GRANTS =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + ALLOWED
          + ", "
          + GIVEN
          + """
            SELECT DISTINCT
                   format('%s%s on tenantkit.%s', h.who, h.privilege_type, h.relname) AS problem,
                   format('REVOKE %s ON %s FROM %s CASCADE', h.privilege_type, h.target, h.named)
                     || coalesce((SELECT format('; GRANT %s (%s) ON %s TO %s', h.privilege_type,
                                                string_agg(pg_catalog.quote_ident(a.of_column), ', '), h.target, h.named)
                                    FROM allowed a
                                   WHERE a.kind = h.kind AND a.relation = h.relname AND a.privilege = h.privilege_type
                                     AND a.of_column IS NOT NULL AND h.grantee = h.holder
                                  HAVING count(*) > 0), '') AS remedy
              FROM held h
             WHERE h.attname IS NULL AND
            """
          + BEYOND;

  static final String COLUMN_GRANTS =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + ALLOWED
          + ", "
          + GIVEN
          + """
            SELECT DISTINCT
                   format('%s%s on column %s of tenantkit.%s', h.who, h.privilege_type, h.attname, h.relname) AS problem,
                   format('REVOKE %s%s ON %s FROM %s CASCADE', h.privilege_type, h.columns, h.target, h.named) AS remedy
              FROM held h
             WHERE h.attname IS NOT NULL AND
            """
          + BEYOND;

  /** What a role may hand on, others may have tomorrow. */
  static final String GRANT_OPTIONS =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + GIVEN
          + """
            SELECT DISTINCT
                   format('%s%s%s on tenantkit.%s WITH GRANT OPTION', h.who, h.privilege_type, h.columns, h.relname) AS problem,
                   format('REVOKE GRANT OPTION FOR %s%s ON %s FROM %s CASCADE', h.privilege_type, h.columns, h.target, h.named)
                     AS remedy
              FROM held h
             WHERE h.is_grantable
            """;

  /**
   * What the library's statements and its functions need, so that a grant that is missing shows at
   * the start and not in the first call. The admin role's are of its own pool's check.
   */
  static final String GRANTS_MISSING =
      "WITH "
          + SelfCheckSql.ROLES
          + ", "
          + ALLOWED
          + """
            SELECT format('role %s lacks %s%s on tenantkit.%s', k.rolname, a.privilege,
                          ' (' || string_agg(a.of_column, ', ') || ')', a.relation) AS problem,
                   format('GRANT %s%s ON tenantkit.%I TO %I', a.privilege,
                          ' (' || string_agg(pg_catalog.quote_ident(a.of_column), ', ') || ')', a.relation, k.rolname) AS remedy
              FROM allowed a
              JOIN known k ON k.kind = a.kind AND (k.rolname = current_user OR k.kind = 'lookup')
              JOIN pg_catalog.pg_class c
                ON c.relnamespace = pg_catalog.to_regnamespace('tenantkit') AND c.relname = a.relation
              LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attname = a.of_column
             WHERE a.needed
               AND NOT CASE WHEN a.of_column IS NULL THEN pg_catalog.has_table_privilege(k.oid, c.oid, a.privilege)
                            ELSE pg_catalog.has_column_privilege(k.oid, c.oid, t.attnum, a.privilege) END
             GROUP BY k.rolname, a.privilege, a.relation
            UNION ALL
            SELECT format('role %s may not use the schema tenantkit', k.rolname),
                   format('GRANT USAGE ON SCHEMA tenantkit TO %I', k.rolname)
              FROM known k
             WHERE k.kind = 'lookup' AND NOT pg_catalog.has_schema_privilege(k.oid, 'tenantkit', 'USAGE')
            """;

  static final String SCHEMA_CREATE =
      "WITH "
          + SelfCheckSql.ROLES
          + """
            SELECT format('role %s may create things in the schema tenantkit', r.rolname) AS problem,
                   format('REVOKE CREATE ON SCHEMA tenantkit FROM %s',
                          CASE WHEN g.grantee = 0 THEN 'PUBLIC'
                               ELSE format('%I', pg_catalog.pg_get_userbyid(g.grantee)) END) AS remedy
              FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) g
              JOIN (SELECT r.oid, r.rolname, r.rolsuper FROM runners r
                    UNION
                    SELECT r.oid, r.rolname, r.rolsuper
                      FROM known k JOIN pg_catalog.pg_roles r ON r.oid = k.oid WHERE k.kind = 'lookup') r
                ON NOT r.rolsuper AND (g.grantee = 0 OR pg_catalog.pg_has_role(r.oid, g.grantee, 'MEMBER'))
             WHERE n.nspname = 'tenantkit' AND g.privilege_type = 'CREATE' AND g.grantee <> n.nspowner
            """;
}
