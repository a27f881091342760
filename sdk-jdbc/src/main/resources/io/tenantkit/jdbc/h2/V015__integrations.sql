-- Tenantkit on H2 2.x: integrations with providers. Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.integrations (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL CHECK (REGEXP_LIKE(id, '^[A-Za-z0-9][A-Za-z0-9._-]*\z')),
  provider varchar(64) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  name varchar(128) NOT NULL CHECK (name <> ''),
  status varchar(16) NOT NULL CHECK (status IN ('connected', 'verifying', 'error', 'disabled')),
  config varchar(65536) NOT NULL,
  verdict varchar(32) CHECK (verdict IN ('VALID', 'VALID_RESTRICTED', 'VALID_NO_QUOTA', 'EXPIRED', 'INVALID', 'WRONG_ENDPOINT', 'UNREACHABLE', 'RATE_LIMITED')),
  error_message varchar(300),
  credential_version bigint NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  updated_at timestamp(6) with time zone NOT NULL,
  last_used_at timestamp(6) with time zone,
  last_verified_at timestamp(6) with time zone,
  next_check_at timestamp(6) with time zone NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE INDEX IF NOT EXISTS tenantkit.integrations_due ON tenantkit.integrations (next_check_at, organization_id);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 15, 'V015__integrations.sql', 15 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 15);
