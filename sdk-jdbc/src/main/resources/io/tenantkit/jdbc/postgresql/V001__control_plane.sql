-- Tenantkit on PostgreSQL 14 or later. Run as the owner role, after roles.sql, by SchemaMigrator, Flyway, Liquibase (sqlFile with
-- splitStatements="false") or psql -1 -v ON_ERROR_STOP=1. No placeholders: the role names come from tenantkit.role_names.
-- organization_id leads every primary key, unique constraint and foreign key; the key hash alone is unique over all tenants.

DO $guard$
DECLARE
  owner_role name;
BEGIN
  IF to_regclass('tenantkit.role_names') IS NULL THEN
    RAISE EXCEPTION 'the schema tenantkit is not prepared: a DBA runs roles.sql first';
  END IF;
  SELECT r.role_name INTO owner_role FROM tenantkit.role_names r WHERE r.kind = 'owner';
  IF current_user <> owner_role THEN
    RAISE EXCEPTION 'run the migrations as role %, not as %', owner_role, current_user;
  END IF;
END
$guard$;

CREATE TABLE tenantkit.schema_history (
  version integer NOT NULL PRIMARY KEY,
  file varchar(255) NOT NULL,
  -- The oldest schema version that a library may know and still work here.
  oldest_reader integer NOT NULL,
  checksum varchar(64),
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- By this a connection that a host hands over is known to be of this very database.
CREATE TABLE tenantkit.installation (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  id varchar(36) NOT NULL DEFAULT gen_random_uuid()::text
);
INSERT INTO tenantkit.installation (only_row) VALUES (true);

CREATE TABLE tenantkit.organizations (
  id varchar(255) COLLATE "C" NOT NULL PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]*$'),
  name varchar(255) NOT NULL,
  status varchar(16) NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);

CREATE TABLE tenantkit.api_keys (
  id varchar(64) COLLATE "C" NOT NULL CHECK (id ~ '^[!-~]+$'),
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  name varchar(255) NOT NULL,
  description text,
  key_hash varchar(128) COLLATE "C" NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  key_prefix varchar(16) NOT NULL,
  scopes jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(scopes) = 'array'),
  rate_limit jsonb,
  enabled boolean NOT NULL DEFAULT true,
  expires_at timestamptz,
  created_by varchar(255) NOT NULL,
  last_used_at timestamptz,
  usage_count jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  -- What follows is not in rows written by hand.
  revoked_reason varchar(255),
  mode varchar(8) CHECK (mode IN ('LIVE', 'TEST')),
  family_id varchar(64) COLLATE "C",
  successor_id varchar(64) COLLATE "C",
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE tenantkit.audit_events (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  action varchar(128) NOT NULL,
  target_type varchar(64) NOT NULL,
  target_id varchar(255) NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (organization_id, id)
);

-- Check values only: no key, no tenant.
CREATE TABLE tenantkit.master_keys (
  id varchar(255) COLLATE "C" NOT NULL PRIMARY KEY,
  check_value varchar(255) NOT NULL,
  first_seen timestamptz NOT NULL
);

CREATE TABLE tenantkit.organization_keys (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  key_number integer NOT NULL,
  key_id varchar(64) COLLATE "C" NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, key_number),
  UNIQUE (organization_id, key_id)
);

CREATE TABLE tenantkit.projects (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  name varchar(128) COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE tenantkit.secrets (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  project_id varchar(64) COLLATE "C" NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  name varchar(128) COLLATE "C" NOT NULL,
  type varchar(128) NOT NULL,
  current_version bigint NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, project_id, environment, name),
  FOREIGN KEY (organization_id, project_id) REFERENCES tenantkit.projects (organization_id, id)
);

CREATE TABLE tenantkit.secret_versions (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  version_number bigint NOT NULL,
  organization_key_id varchar(64) COLLATE "C" NOT NULL,
  wrapped_data_key bytea NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, secret_id, version_number),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE tenantkit.secret_fields (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  version_number bigint NOT NULL,
  field_name varchar(128) COLLATE "C" NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (organization_id, secret_id, version_number, field_name),
  FOREIGN KEY (organization_id, secret_id, version_number)
    REFERENCES tenantkit.secret_versions (organization_id, secret_id, version_number) ON DELETE CASCADE
);

-- The closed list of cross-tenant reads, entry 1: who presents a key has no tenant yet. plpgsql, because a definer function in
-- plain SQL costs four times a bare SELECT.
CREATE FUNCTION tenantkit.api_key_by_hash(presented varchar)
RETURNS TABLE (
  id varchar, organization_id varchar, name varchar, key_prefix varchar, mode varchar, scopes jsonb, enabled boolean,
  created_by varchar, created_at timestamptz, updated_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
  revoked_reason varchar, family_id varchar, successor_id varchar, version bigint, organization_status varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT k.id, k.organization_id, k.name, k.key_prefix, k.mode, k.scopes, k.enabled, k.created_by, k.created_at,
           k.updated_at, k.expires_at, k.revoked_at, k.revoked_reason, k.family_id, k.successor_id, k.version, o.status
      FROM tenantkit.api_keys k
      JOIN tenantkit.organizations o ON o.id = k.organization_id
     WHERE k.key_hash = presented;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.api_key_by_hash(varchar) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
  tenant_column name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['organizations', 'api_keys', 'audit_events', 'organization_keys', 'projects', 'secrets',
                                      'secret_versions', 'secret_fields'] LOOP
    tenant_column := CASE tenant_table WHEN 'organizations' THEN 'id' ELSE 'organization_id' END;
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (%I = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (%I = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role, tenant_column, tenant_column);
  END LOOP;

  -- Operators see all organizations by role, never by a setting, which any SQL could set.
  FOREACH tenant_table IN ARRAY ARRAY['organizations', 'api_keys', 'audit_events'] LOOP
    EXECUTE format('CREATE POLICY operator ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
      tenant_table, admin_role);
  END LOOP;
  FOREACH tenant_table IN ARRAY ARRAY['organizations', 'api_keys'] LOOP
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR SELECT TO %I USING (true)',
      tenant_table, lookup_role);
  END LOOP;

  EXECUTE format('GRANT SELECT ON tenantkit.schema_history, tenantkit.installation TO %I, %I', application_role, admin_role);

  EXECUTE format('GRANT SELECT ON tenantkit.organizations TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.api_keys TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.audit_events TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.master_keys TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.organization_keys TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.projects TO %I', application_role);
  -- A secret's versions and fields go with it by foreign key, so DELETE on the secret is enough.
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.secrets TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.secret_versions TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.secret_fields TO %I', application_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.api_key_by_hash(varchar) TO %I', application_role);

  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.organizations TO %I', admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.api_keys TO %I', admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.audit_events TO %I', admin_role);

  EXECUTE format(
    'GRANT SELECT (id, organization_id, name, key_hash, key_prefix, mode, scopes, enabled, created_by, created_at, updated_at,'
      ' expires_at, revoked_at, revoked_reason, family_id, successor_id, version) ON tenantkit.api_keys TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (id, status) ON tenantkit.organizations TO %I', lookup_role);

  -- A function's owner needs CREATE on the schema at the moment it becomes the owner, and never again.
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.api_key_by_hash(varchar) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (1, 'V001__control_plane.sql', 1);
