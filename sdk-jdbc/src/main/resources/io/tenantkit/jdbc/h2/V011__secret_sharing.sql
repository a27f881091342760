-- Tenantkit on H2 2.x: whom secrets are for. Every statement may be repeated after a crash; the row in schema_history comes last.

-- Until now whoever held the scopes saw every secret; those that there are stay so, until their owners say otherwise.
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS access_level varchar(16) DEFAULT 'PUBLIC' NOT NULL
  CHECK (access_level IN ('PRIVATE', 'TEAM', 'AUTHENTICATED', 'PUBLIC', 'ADMIN', 'ENTERPRISE'));
ALTER TABLE tenantkit.secrets ALTER COLUMN access_level SET DEFAULT 'PRIVATE';

CREATE TABLE IF NOT EXISTS tenantkit.secret_teams (
  organization_id varchar(255) NOT NULL,
  secret_id varchar(64) NOT NULL,
  team_id varchar(64) NOT NULL,
  PRIMARY KEY (organization_id, secret_id, team_id),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, team_id) REFERENCES tenantkit.teams (organization_id, id) ON DELETE CASCADE
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 11, 'V011__secret_sharing.sql', 11 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 11);
