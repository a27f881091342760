-- Tenantkit on PostgreSQL: rotation, re-wrap and destruction of the vault's keys. Run as V001 is.

-- Encryptions are reserved before they are made, so never fewer than were made. A key that was destroyed has no master key and
-- nothing wrapped; its row keeps its number and id from others.
ALTER TABLE tenantkit.organization_keys
  ADD COLUMN encryptions bigint NOT NULL DEFAULT 0,
  ALTER COLUMN master_key_id DROP NOT NULL;

-- A master key cannot be retired while it wraps a key, nor wrap one afterwards.
ALTER TABLE tenantkit.organization_keys ADD CONSTRAINT organization_keys_master_key
  FOREIGN KEY (master_key_id) REFERENCES tenantkit.master_keys (id);
-- A key cannot go while a version is under it, nor a version come under a key that went.
ALTER TABLE tenantkit.secret_versions ADD CONSTRAINT secret_versions_organization_key
  FOREIGN KEY (organization_id, organization_key_id) REFERENCES tenantkit.organization_keys (organization_id, key_id);

CREATE TABLE tenantkit.retired_master_keys (
  id varchar(255) COLLATE "C" NOT NULL PRIMARY KEY,
  check_value varchar(255) NOT NULL,
  first_seen timestamptz NOT NULL,
  retired_at timestamptz NOT NULL,
  retired_by varchar(255) NOT NULL,
  reason varchar(1000) NOT NULL
);

-- Insert-only. An empty secret id says that the whole organization was erased.
CREATE TABLE tenantkit.erasures (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  erased_at timestamptz NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- Insert-only: the keys that sign records of erasures, wrapped under a master key.
CREATE TABLE tenantkit.erasure_keys (
  public_key varchar(255) COLLATE "C" NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) <= 8192),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (public_key, master_key_id)
);

-- Entry of the closed list: whose newest key is old or much used. Ids only; each organization then rotates as itself.
CREATE FUNCTION tenantkit.organization_keys_due(
  created_by timestamptz, encryptions_from bigint, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT k.organization_id
      FROM tenantkit.organization_keys k
     WHERE (k.created_at <= created_by OR k.encryptions >= encryptions_from)
       AND k.organization_id > after_id AND k.master_key_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM tenantkit.organization_keys n
                        WHERE n.organization_id = k.organization_id AND n.key_number > k.key_number)
     ORDER BY k.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organization_keys_due(timestamptz, bigint, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.erasures ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.erasures FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.erasures AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('CREATE POLICY operator ON tenantkit.erasures AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
    admin_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.organization_keys AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);

  EXECUTE format('GRANT SELECT ON tenantkit.retired_master_keys TO %I', application_role);
  EXECUTE format('GRANT DELETE, UPDATE (master_key_id, wrapped, encryptions) ON tenantkit.organization_keys TO %I',
    application_role);
  EXECUTE format('GRANT UPDATE (organization_key_id, wrapped_data_key) ON tenantkit.secret_versions TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.erasures, tenantkit.erasure_keys TO %I', application_role);
  EXECUTE format('GRANT SELECT, DELETE ON tenantkit.master_keys TO %I', admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.retired_master_keys TO %I', admin_role);
  EXECUTE format('GRANT SELECT ON tenantkit.erasures TO %I', admin_role);
  EXECUTE format('GRANT SELECT (organization_id, key_number, master_key_id, created_at, encryptions)'
    ' ON tenantkit.organization_keys TO %I', lookup_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.organization_keys_due(timestamptz, bigint, varchar, integer) TO %I',
    application_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.organization_keys_due(timestamptz, bigint, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (12, 'V012__vault_keys.sql', 12);
