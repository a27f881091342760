-- Tenantkit on H2 2.x: rotation, re-wrap and destruction of the vault's keys. Every statement may be repeated after a crash; the
-- row in schema_history comes last.

-- Reserved before they are made, so never fewer than were made.
ALTER TABLE tenantkit.organization_keys ADD COLUMN IF NOT EXISTS encryptions bigint DEFAULT 0 NOT NULL;
-- A key that was destroyed has no master key and nothing wrapped; its row keeps its number and id from others.
ALTER TABLE tenantkit.organization_keys ALTER COLUMN master_key_id DROP NOT NULL;

-- A master key cannot be retired while it wraps a key, nor wrap one afterwards.
ALTER TABLE tenantkit.organization_keys ADD CONSTRAINT IF NOT EXISTS tenantkit.organization_keys_master_key
  FOREIGN KEY (master_key_id) REFERENCES tenantkit.master_keys (id);
-- A key cannot go while a version is under it, nor a version come under a key that went.
ALTER TABLE tenantkit.secret_versions ADD CONSTRAINT IF NOT EXISTS tenantkit.secret_versions_organization_key
  FOREIGN KEY (organization_id, organization_key_id) REFERENCES tenantkit.organization_keys (organization_id, key_id);

CREATE TABLE IF NOT EXISTS tenantkit.retired_master_keys (
  id varchar(255) NOT NULL PRIMARY KEY,
  check_value varchar(255) NOT NULL,
  first_seen timestamp(6) with time zone NOT NULL,
  retired_at timestamp(6) with time zone NOT NULL,
  retired_by varchar(255) NOT NULL,
  reason varchar(1000) NOT NULL
);

-- Insert-only. An empty secret id says that the whole organization was erased.
CREATE TABLE IF NOT EXISTS tenantkit.erasures (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  secret_id varchar(64) NOT NULL,
  erased_at timestamp(6) with time zone NOT NULL,
  record varchar NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- Insert-only: the keys that sign records of erasures, wrapped under a master key.
CREATE TABLE IF NOT EXISTS tenantkit.erasure_keys (
  public_key varchar(255) NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped varbinary(8192) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (public_key, master_key_id)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 12, 'V012__vault_keys.sql', 12 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 12);
