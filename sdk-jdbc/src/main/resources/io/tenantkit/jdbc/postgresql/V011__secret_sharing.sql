-- Tenantkit on PostgreSQL: whom secrets are for. Run as V001 is.

-- Until now whoever held the scopes saw every secret; those that there are stay so, until their owners say otherwise.
ALTER TABLE tenantkit.secrets
  ADD COLUMN access_level varchar(16) COLLATE "C" NOT NULL DEFAULT 'PUBLIC'
    CHECK (access_level IN ('PRIVATE', 'TEAM', 'AUTHENTICATED', 'PUBLIC', 'ADMIN', 'ENTERPRISE'));
ALTER TABLE tenantkit.secrets ALTER COLUMN access_level SET DEFAULT 'PRIVATE';

-- No index by team: it would look as good as the primary key while the table is empty, and the plan is kept. Who deletes a team
-- reads this organization's rows.
CREATE TABLE tenantkit.secret_teams (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  team_id varchar(64) COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, secret_id, team_id),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, team_id) REFERENCES tenantkit.teams (organization_id, id) ON DELETE CASCADE
);

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
BEGIN
  ALTER TABLE tenantkit.secret_teams ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.secret_teams FORCE ROW LEVEL SECURITY;
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.secret_teams AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.secret_teams TO %I', application_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (11, 'V011__secret_sharing.sql', 11);
