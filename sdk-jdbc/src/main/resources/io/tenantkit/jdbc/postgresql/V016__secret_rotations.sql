-- Tenantkit on PostgreSQL: rotations of secrets. Run as V001 is.

-- When a secret is rotated, how far that has come, and when due work has to look at it again: while a node is at work, the end of
-- its lease.
CREATE TABLE tenantkit.secret_rotations (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  every_seconds bigint NOT NULL CHECK (every_seconds >= 0),
  rotate_at timestamptz,
  notice_seconds bigint NOT NULL CHECK (notice_seconds >= 0),
  overlap_seconds bigint NOT NULL CHECK (overlap_seconds >= 0),
  due_at timestamptz,
  step varchar(16) NOT NULL CHECK (step IN ('IDLE', 'CREATING', 'CREATED', 'TESTED', 'PROMOTED', 'UNDOING')),
  rotation_id varchar(64) COLLATE "C" NOT NULL,
  base_version bigint NOT NULL,
  pending_version bigint NOT NULL,
  previous_version bigint NOT NULL,
  retire_at timestamptz,
  attempts integer NOT NULL,
  attempts_since timestamptz,
  failure varchar(128) NOT NULL,
  last_rotated_at timestamptz,
  soon_told_for timestamptz,
  due_told_for timestamptz,
  wake_at timestamptz,
  claimed_by varchar(64) COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (organization_id, secret_id),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE
);

-- Partial, so that it is of use only to who looks for due ones: while the table is empty a whole one would look as good as the
-- primary key, and the plan is kept.
CREATE INDEX secret_rotations_due ON tenantkit.secret_rotations (organization_id, wake_at) WHERE wake_at IS NOT NULL;

-- Entry of the closed list: due work walks the organizations that have something to rotate or to tell. Ids only; the rotations are
-- then read one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_rotations(due_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id
       AND EXISTS (SELECT FROM tenantkit.secret_rotations r WHERE r.organization_id = o.id AND r.wake_at <= due_by)
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_rotations(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.secret_rotations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.secret_rotations FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.secret_rotations AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.secret_rotations AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.secret_rotations TO %I', application_role);
  EXECUTE format('GRANT SELECT (organization_id, wake_at) ON tenantkit.secret_rotations TO %I', lookup_role);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_rotations(timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format(
    'ALTER FUNCTION tenantkit.organizations_with_due_rotations(timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (16, 'V016__secret_rotations.sql', 16);
