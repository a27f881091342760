-- Tenantkit on H2 2.x: what secrets carry beside their values, stages, expiry and destination of versions. Every statement may be
-- repeated after a crash; the row in schema_history comes last.

ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS owner_kind varchar(16) DEFAULT 'HOST' NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS description varchar(1024) DEFAULT '' NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS tags varchar(2080) DEFAULT '' NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS metadata varchar DEFAULT '{}' NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS max_versions integer DEFAULT 10 NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS newest_version bigint DEFAULT 0 NOT NULL;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS pending_version bigint;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS previous_version bigint;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS expires_at timestamp(6) with time zone;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS deleted_at timestamp(6) with time zone;
ALTER TABLE tenantkit.secrets ADD COLUMN IF NOT EXISTS revision bigint DEFAULT 1 NOT NULL;
ALTER TABLE tenantkit.secrets ADD CONSTRAINT IF NOT EXISTS secrets_metadata_form CHECK (metadata IS JSON OBJECT);
ALTER TABLE tenantkit.secrets ADD CONSTRAINT IF NOT EXISTS secrets_max_versions_range CHECK (max_versions BETWEEN 1 AND 100);

-- Who created a secret is in its trail with the kind of actor.
UPDATE tenantkit.secrets s
   SET owner_kind = COALESCE((SELECT MAX(e.actor_kind)
                                FROM tenantkit.audit_events e
                               WHERE e.organization_id = s.organization_id AND e.target_type = 'secret' AND e.target_id = s.id
                                 AND e.action = 'secret.created' AND e.actor_id = s.created_by), owner_kind);

CREATE INDEX IF NOT EXISTS tenantkit.secrets_by_name ON tenantkit.secrets (organization_id, name, id);
CREATE INDEX IF NOT EXISTS tenantkit.secrets_by_project ON tenantkit.secrets (organization_id, project_id, id);
CREATE INDEX IF NOT EXISTS tenantkit.secrets_by_type ON tenantkit.secrets (organization_id, type, id);
CREATE INDEX IF NOT EXISTS tenantkit.secrets_expiring ON tenantkit.secrets (organization_id, expires_at, id);
CREATE INDEX IF NOT EXISTS tenantkit.secrets_deleted ON tenantkit.secrets (organization_id, deleted_at, id);

ALTER TABLE tenantkit.secret_versions ADD COLUMN IF NOT EXISTS state varchar(16) DEFAULT 'ACTIVE' NOT NULL;
ALTER TABLE tenantkit.secret_versions ADD COLUMN IF NOT EXISTS expires_at timestamp(6) with time zone;
ALTER TABLE tenantkit.secret_versions ADD COLUMN IF NOT EXISTS destination varchar(16384) DEFAULT '' NOT NULL;
ALTER TABLE tenantkit.secret_versions ADD CONSTRAINT IF NOT EXISTS secret_versions_state_form
  CHECK (state IN ('ACTIVE', 'DELETED', 'DESTROYED'));

CREATE INDEX IF NOT EXISTS tenantkit.secret_versions_expiring ON tenantkit.secret_versions (organization_id, expires_at);

-- Where secrets are found by tag. The tags themselves are in the secret's row, which tells what to delete here.
CREATE TABLE IF NOT EXISTS tenantkit.secret_tags (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  tag varchar(64) NOT NULL,
  secret_id varchar(64) NOT NULL,
  PRIMARY KEY (organization_id, tag, secret_id)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 9, 'V009__secret_life.sql', 9 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 9);
