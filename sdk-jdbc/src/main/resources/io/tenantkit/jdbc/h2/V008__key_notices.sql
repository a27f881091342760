-- Tenantkit on H2 2.x: notices on keys, each given once. Every statement may be repeated after a crash; the row in
-- schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.key_notices (
  organization_id varchar(255) NOT NULL,
  key_id varchar(64) NOT NULL,
  kind varchar(16) NOT NULL CHECK (kind IN ('NEAR_EXPIRY', 'ROTATION_DUE', 'UNUSED', 'OLD_KEY_USED')),
  noticed_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, key_id, kind),
  FOREIGN KEY (organization_id, key_id) REFERENCES tenantkit.api_keys (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS tenantkit.api_keys_ending ON tenantkit.api_keys (organization_id, expires_at);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 8, 'V008__key_notices.sql', 8 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 8);
