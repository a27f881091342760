-- Tenantkit on PostgreSQL: organizations of token issuers. Run as V001 is.

CREATE TABLE tenantkit.external_organizations (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  issuer varchar(127) COLLATE "C" NOT NULL,
  external_id varchar(128) COLLATE "C" NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  -- Unique over all tenants, as the key hash is: a pair names one tenant, or a login would have two.
  UNIQUE (issuer, external_id)
);

-- The closed list of cross-tenant reads: who presents a token has no tenant yet.
CREATE FUNCTION tenantkit.organization_by_external_id(token_issuer varchar, token_organization varchar)
RETURNS TABLE (organization_id varchar, organization_status varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT e.organization_id, o.status
      FROM tenantkit.external_organizations e
      JOIN tenantkit.organizations o ON o.id = e.organization_id
     WHERE e.issuer = token_issuer AND e.external_id = token_organization;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organization_by_external_id(varchar, varchar) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.external_organizations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.external_organizations FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.external_organizations AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format(
    'CREATE POLICY operator ON tenantkit.external_organizations AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
    admin_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.external_organizations AS PERMISSIVE FOR SELECT TO %I USING (true)',
    lookup_role);

  -- The application only asks whose pair it is; operators alone say so.
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.organization_by_external_id(varchar, varchar) TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.external_organizations TO %I', admin_role);
  EXECUTE format('GRANT SELECT (organization_id, issuer, external_id) ON tenantkit.external_organizations TO %I', lookup_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.organization_by_external_id(varchar, varchar) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (6, 'V006__external_organizations.sql', 6);
