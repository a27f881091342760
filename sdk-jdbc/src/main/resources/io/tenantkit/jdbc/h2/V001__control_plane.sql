-- Tenantkit on H2 2.x. H2 commits each definition on its own, so every statement may be repeated after a crash; the row in
-- schema_history comes last. organization_id leads every primary key, unique constraint and foreign key; the key hash alone is
-- unique over all tenants. H2 has no row level security: every statement of the library names the organization.

CREATE SCHEMA IF NOT EXISTS tenantkit;

CREATE TABLE IF NOT EXISTS tenantkit.schema_history (
  version integer NOT NULL PRIMARY KEY,
  file varchar(255) NOT NULL,
  oldest_reader integer NOT NULL,
  checksum varchar(64),
  applied_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS tenantkit.installation (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  id varchar(36) DEFAULT CAST(RANDOM_UUID() AS varchar(36)) NOT NULL
);
INSERT INTO tenantkit.installation (only_row) SELECT true WHERE NOT EXISTS (SELECT 1 FROM tenantkit.installation);

CREATE TABLE IF NOT EXISTS tenantkit.organizations (
  id varchar(255) NOT NULL PRIMARY KEY CHECK (REGEXP_LIKE(id, '^[a-z0-9][a-z0-9_-]*\z')),
  name varchar(255) NOT NULL,
  status varchar(16) DEFAULT 'ACTIVE' NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED')),
  created_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  version bigint DEFAULT 1 NOT NULL
);

CREATE TABLE IF NOT EXISTS tenantkit.api_keys (
  id varchar(64) NOT NULL CHECK (REGEXP_LIKE(id, '^[!-~]+\z')),
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  name varchar(255) NOT NULL,
  description varchar,
  key_hash varchar(128) NOT NULL UNIQUE CHECK (REGEXP_LIKE(key_hash, '^[0-9a-f]{64}\z')),
  key_prefix varchar(16) NOT NULL,
  scopes varchar DEFAULT '[]' NOT NULL CHECK (scopes IS JSON ARRAY),
  rate_limit varchar CHECK (rate_limit IS JSON),
  enabled boolean DEFAULT true NOT NULL,
  expires_at timestamp(6) with time zone,
  created_by varchar(255) NOT NULL,
  last_used_at timestamp(6) with time zone,
  usage_count varchar CHECK (usage_count IS JSON),
  created_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updated_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  revoked_at timestamp(6) with time zone,
  revoked_reason varchar(255),
  mode varchar(8) CHECK (mode IN ('LIVE', 'TEST')),
  family_id varchar(64),
  successor_id varchar(64),
  version bigint DEFAULT 1 NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE IF NOT EXISTS tenantkit.audit_events (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  occurred_at timestamp(6) with time zone NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  action varchar(128) NOT NULL,
  target_type varchar(64) NOT NULL,
  target_id varchar(255) NOT NULL,
  details varchar DEFAULT '{}' NOT NULL CHECK (details IS JSON OBJECT),
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE IF NOT EXISTS tenantkit.master_keys (
  id varchar(255) NOT NULL PRIMARY KEY,
  check_value varchar(255) NOT NULL,
  first_seen timestamp(6) with time zone NOT NULL
);

CREATE TABLE IF NOT EXISTS tenantkit.organization_keys (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  key_number integer NOT NULL,
  key_id varchar(64) NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped varbinary NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, key_number),
  UNIQUE (organization_id, key_id)
);

CREATE TABLE IF NOT EXISTS tenantkit.projects (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  name varchar(128) NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, name)
);

CREATE TABLE IF NOT EXISTS tenantkit.secrets (
  organization_id varchar(255) NOT NULL,
  id varchar(64) NOT NULL,
  project_id varchar(64) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  name varchar(128) NOT NULL,
  type varchar(128) NOT NULL,
  current_version bigint NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  updated_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, project_id, environment, name),
  FOREIGN KEY (organization_id, project_id) REFERENCES tenantkit.projects (organization_id, id)
);

CREATE TABLE IF NOT EXISTS tenantkit.secret_versions (
  organization_id varchar(255) NOT NULL,
  secret_id varchar(64) NOT NULL,
  version_number bigint NOT NULL,
  organization_key_id varchar(64) NOT NULL,
  wrapped_data_key varbinary NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, secret_id, version_number),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS tenantkit.secret_fields (
  organization_id varchar(255) NOT NULL,
  secret_id varchar(64) NOT NULL,
  version_number bigint NOT NULL,
  field_name varchar(128) NOT NULL,
  sealed varbinary NOT NULL,
  PRIMARY KEY (organization_id, secret_id, version_number, field_name),
  FOREIGN KEY (organization_id, secret_id, version_number)
    REFERENCES tenantkit.secret_versions (organization_id, secret_id, version_number) ON DELETE CASCADE
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 1, 'V001__control_plane.sql', 1 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 1);
