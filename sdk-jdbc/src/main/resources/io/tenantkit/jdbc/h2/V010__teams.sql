-- Tenantkit on H2 2.x: teams and their members. Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.teams (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL CHECK (REGEXP_LIKE(id, '^[!-~]+\z')),
  name varchar(128) NOT NULL CHECK (name <> ''),
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  updated_at timestamp(6) with time zone NOT NULL,
  version bigint DEFAULT 1 NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE IF NOT EXISTS tenantkit.team_members (
  organization_id varchar(255) NOT NULL,
  team_id varchar(64) NOT NULL,
  actor_kind varchar(16) NOT NULL CHECK (actor_kind IN ('USER', 'API_KEY', 'AGENT')),
  actor_id varchar(255) NOT NULL CHECK (actor_id <> ''),
  added_by varchar(255) NOT NULL,
  added_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, team_id, actor_kind, actor_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES tenantkit.teams (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS tenantkit.team_members_actor ON tenantkit.team_members (organization_id, actor_kind, actor_id, team_id);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 10, 'V010__teams.sql', 10 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 10);
