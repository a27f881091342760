-- Tenantkit on PostgreSQL: integrations with providers. Their credentials are secrets of the project integrations. Run as V001 is.

CREATE TABLE tenantkit.integrations (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
  provider varchar(64) COLLATE "C" NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  name varchar(128) NOT NULL CHECK (name <> ''),
  status varchar(16) COLLATE "C" NOT NULL CHECK (status IN ('connected', 'verifying', 'error', 'disabled')),
  config text NOT NULL,
  verdict varchar(32) COLLATE "C" CHECK (verdict IN ('VALID', 'VALID_RESTRICTED', 'VALID_NO_QUOTA', 'EXPIRED', 'INVALID',
                                                     'WRONG_ENDPOINT', 'UNREACHABLE', 'RATE_LIMITED')),
  error_message varchar(300),
  credential_version bigint NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  last_used_at timestamptz,
  last_verified_at timestamptz,
  next_check_at timestamptz NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- For due work, which asks for the organizations of all tenants. It does not begin with the organization, so that no plan made
-- while the table was empty takes it for the primary key.
CREATE INDEX integrations_due ON tenantkit.integrations (next_check_at, organization_id) WHERE status <> 'disabled';

-- Entry of the closed list: due work walks the organizations that have an integration to check. Ids only; the rows are then read
-- one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_integrations(due_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT DISTINCT i.organization_id
      FROM tenantkit.integrations i
     WHERE i.next_check_at <= due_by AND i.status <> 'disabled' AND i.organization_id > after_id
     ORDER BY i.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_integrations(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.integrations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.integrations FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.integrations AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.integrations AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.integrations TO %I', application_role);
  EXECUTE format('GRANT SELECT (organization_id, status, next_check_at) ON tenantkit.integrations TO %I', lookup_role);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_integrations(timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format(
    'ALTER FUNCTION tenantkit.organizations_with_due_integrations(timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (15, 'V015__integrations.sql', 15);
