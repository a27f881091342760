-- Tenantkit on PostgreSQL: teams and their members. Run as V001 is.

CREATE TABLE tenantkit.teams (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL CHECK (id ~ '^[!-~]+$'),
  name varchar(128) COLLATE "C" NOT NULL CHECK (name <> ''),
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, id)
);

-- Partial, as that of idempotency ids is: while the table is empty a whole one would look as good as the primary key to find a
-- team by its id, and the plan is kept. The statements that are to use it say the same of the column.
CREATE UNIQUE INDEX teams_name ON tenantkit.teams (organization_id, name) WHERE name <> '';

CREATE TABLE tenantkit.team_members (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  team_id varchar(64) COLLATE "C" NOT NULL,
  actor_kind varchar(16) COLLATE "C" NOT NULL CHECK (actor_kind IN ('USER', 'API_KEY', 'AGENT')),
  actor_id varchar(255) COLLATE "C" NOT NULL CHECK (actor_id <> ''),
  added_by varchar(255) NOT NULL,
  added_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, team_id, actor_kind, actor_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES tenantkit.teams (organization_id, id) ON DELETE CASCADE
);

-- In which teams somebody is; partial for the same reason.
CREATE INDEX team_members_actor ON tenantkit.team_members (organization_id, actor_kind, actor_id, team_id) WHERE actor_id <> '';

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  tenant_table name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['teams', 'team_members'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
  END LOOP;

  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.teams TO %I', application_role);
  -- A member's row says who added it; it is added and removed, never changed.
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.team_members TO %I', application_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (10, 'V010__teams.sql', 10);
