-- Tenantkit on PostgreSQL: notices on keys, each given once. Run as V001 is.

CREATE TABLE tenantkit.key_notices (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  key_id varchar(64) COLLATE "C" NOT NULL,
  kind varchar(16) NOT NULL CHECK (kind IN ('NEAR_EXPIRY', 'ROTATION_DUE', 'UNUSED', 'OLD_KEY_USED')),
  noticed_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, key_id, kind),
  FOREIGN KEY (organization_id, key_id) REFERENCES tenantkit.api_keys (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX api_keys_ending ON tenantkit.api_keys (organization_id, expires_at)
  WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- Entry of the closed list: due work walks the organizations that may have a key to tell of. Ids only; the keys are then read
-- one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_keys(
  ends_after timestamptz, ends_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id
       AND (o.key_policy -> 'rotateAfter' IS NOT NULL OR o.key_policy -> 'unusedAfter' IS NOT NULL
            OR EXISTS (SELECT FROM tenantkit.api_keys k
                        WHERE k.organization_id = o.id AND k.expires_at > ends_after AND k.expires_at <= ends_by
                          AND k.revoked_at IS NULL))
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_keys(timestamptz, timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.key_notices ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.key_notices FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.key_notices AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.key_notices TO %I', application_role);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_keys(timestamptz, timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT SELECT (key_policy) ON tenantkit.organizations TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format(
    'ALTER FUNCTION tenantkit.organizations_with_due_keys(timestamptz, timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (8, 'V008__key_notices.sql', 8);
