-- Tenantkit on PostgreSQL: what secrets carry beside their values, stages, expiry and destination of versions. Run as V001 is.

ALTER TABLE tenantkit.secrets
  ADD COLUMN owner_kind varchar(16) NOT NULL DEFAULT 'HOST',
  ADD COLUMN description varchar(1024) NOT NULL DEFAULT '',
  ADD COLUMN tags varchar(2080) COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  ADD COLUMN max_versions integer NOT NULL DEFAULT 10 CHECK (max_versions BETWEEN 1 AND 100),
  ADD COLUMN newest_version bigint NOT NULL DEFAULT 0,
  ADD COLUMN pending_version bigint,
  ADD COLUMN previous_version bigint,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN revision bigint NOT NULL DEFAULT 1;

-- Who created a secret is in its trail with the kind of actor. The owner sees no row while row level security is forced.
ALTER TABLE tenantkit.secrets NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantkit.audit_events NO FORCE ROW LEVEL SECURITY;
UPDATE tenantkit.secrets s
   SET owner_kind = e.actor_kind
  FROM tenantkit.audit_events e
 WHERE e.organization_id = s.organization_id AND e.target_type = 'secret' AND e.target_id = s.id
   AND e.action = 'secret.created' AND e.actor_id = s.created_by;
ALTER TABLE tenantkit.secrets FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantkit.audit_events FORCE ROW LEVEL SECURITY;

-- Partial, so that each is of use only to a statement that repeats the condition: while the table is empty the planner likes an
-- index that begins with the organization as well as the primary key, and the plan is kept.
ALTER TABLE tenantkit.secrets DROP CONSTRAINT secrets_organization_id_project_id_environment_name_key;
CREATE UNIQUE INDEX secrets_place ON tenantkit.secrets (organization_id, project_id, environment, name) WHERE environment <> '';
CREATE INDEX secrets_by_name ON tenantkit.secrets (organization_id, name, id) WHERE name <> '';
CREATE INDEX secrets_by_project ON tenantkit.secrets (organization_id, project_id, id) WHERE project_id <> '';
CREATE INDEX secrets_by_type ON tenantkit.secrets (organization_id, type, id) WHERE type <> '';
CREATE INDEX secrets_expiring ON tenantkit.secrets (organization_id, expires_at, id) WHERE expires_at IS NOT NULL;
CREATE INDEX secrets_deleted ON tenantkit.secrets (organization_id, id) WHERE deleted_at IS NOT NULL;

ALTER TABLE tenantkit.secret_versions
  ADD COLUMN state varchar(16) NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'DELETED', 'DESTROYED')),
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN destination varchar(16384) COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX secret_versions_expiring ON tenantkit.secret_versions (organization_id, expires_at)
  WHERE expires_at IS NOT NULL AND state <> 'DESTROYED';

-- Where secrets are found by tag. The tags themselves are in the secret's row, which tells what to delete here: a foreign key to
-- it would need a second index, and a plan from the time when both were empty might take the wrong one.
CREATE TABLE tenantkit.secret_tags (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  tag varchar(64) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, tag, secret_id)
);

-- Entry of the closed list: the clean-up walks the organizations that have something to destroy. Ids only; the versions are then
-- read one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_expired_versions(expired_before timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id
       AND EXISTS (SELECT FROM tenantkit.secret_versions v
                    WHERE v.organization_id = o.id AND v.expires_at < expired_before AND v.state <> 'DESTROYED')
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_expired_versions(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  ALTER TABLE tenantkit.secret_tags ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.secret_tags FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.secret_tags AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.secret_versions AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.secret_tags TO %I', application_role);
  EXECUTE format('GRANT UPDATE (state, wrapped_data_key), DELETE ON tenantkit.secret_versions TO %I', application_role);
  EXECUTE format('GRANT DELETE ON tenantkit.secret_fields TO %I', application_role);
  EXECUTE format('GRANT SELECT (organization_id, expires_at, state) ON tenantkit.secret_versions TO %I', lookup_role);
  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_expired_versions(timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format(
    'ALTER FUNCTION tenantkit.organizations_with_expired_versions(timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (9, 'V009__secret_life.sql', 9);
