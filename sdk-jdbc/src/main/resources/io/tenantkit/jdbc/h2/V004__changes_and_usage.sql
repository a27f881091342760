-- Tenantkit on H2 2.x: the change feed and the usage flush. Every statement may be repeated after a crash; the row in
-- schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.changes (
  organization_id varchar(255) NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind varchar(32) NOT NULL,
  subject varchar(255) NOT NULL,
  changed_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX IF NOT EXISTS tenantkit.changes_by_id ON tenantkit.changes (id);

CREATE TABLE IF NOT EXISTS tenantkit.change_horizon (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  pruned_to bigint NOT NULL,
  candidate bigint,
  candidate_since timestamp(6) with time zone
);
INSERT INTO tenantkit.change_horizon (pruned_to) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.change_horizon);

CREATE TABLE IF NOT EXISTS tenantkit.usage_batches (
  node varchar(64) NOT NULL PRIMARY KEY,
  sequence bigint NOT NULL,
  left_out varchar NOT NULL,
  written_at timestamp(6) with time zone NOT NULL
);

CREATE TRIGGER IF NOT EXISTS tenantkit.api_key_version BEFORE UPDATE ON tenantkit.api_keys
  FOR EACH ROW CALL 'io.tenantkit.jdbc.H2VersionTrigger';
CREATE TRIGGER IF NOT EXISTS tenantkit.organization_version BEFORE UPDATE ON tenantkit.organizations
  FOR EACH ROW CALL 'io.tenantkit.jdbc.H2VersionTrigger';
CREATE TRIGGER IF NOT EXISTS tenantkit.api_key_changed AFTER INSERT, UPDATE, DELETE ON tenantkit.api_keys
  FOR EACH ROW CALL 'io.tenantkit.jdbc.H2ChangeTrigger';
CREATE TRIGGER IF NOT EXISTS tenantkit.organization_changed AFTER INSERT, UPDATE, DELETE ON tenantkit.organizations
  FOR EACH ROW CALL 'io.tenantkit.jdbc.H2ChangeTrigger';

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 4, 'V004__changes_and_usage.sql', 4 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 4);
