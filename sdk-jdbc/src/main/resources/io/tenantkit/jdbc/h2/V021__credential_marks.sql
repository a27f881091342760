-- Tenantkit on H2 2.x: keyed marks of credentials, by which their owner is found. Every statement may be repeated after a crash; the
-- row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.credential_mark_keys (
  id varchar(64) NOT NULL,
  master_key_id varchar(255) NOT NULL REFERENCES tenantkit.master_keys (id),
  wrapped varbinary(8192) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  is_first varchar(8) CHECK (is_first = 'first') UNIQUE,
  PRIMARY KEY (id, master_key_id)
);

-- Whose a mark is, of those that only one organization may have. A row without marks that name it is left over.
CREATE TABLE IF NOT EXISTS tenantkit.credential_holders (
  mark varchar(64) NOT NULL PRIMARY KEY,
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  UNIQUE (mark, organization_id)
);

CREATE TABLE IF NOT EXISTS tenantkit.credential_marks (
  organization_id varchar(255) NOT NULL,
  secret_id varchar(64) NOT NULL,
  version_number bigint NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  key_mark varchar(64) NOT NULL,
  server_mark varchar(64) NOT NULL,
  pair_mark varchar(64) NOT NULL,
  server_secret_mark varchar(64) NOT NULL,
  short_secret boolean NOT NULL,
  until timestamp(6) with time zone,
  checked_at timestamp(6) with time zone,
  verdict varchar(32),
  message varchar(300),
  check_millis bigint,
  PRIMARY KEY (organization_id, secret_id, version_number),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (pair_mark, organization_id) REFERENCES tenantkit.credential_holders (mark, organization_id),
  FOREIGN KEY (server_secret_mark, organization_id) REFERENCES tenantkit.credential_holders (mark, organization_id)
);

CREATE INDEX IF NOT EXISTS tenantkit.credential_marks_key ON tenantkit.credential_marks (key_mark);
CREATE INDEX IF NOT EXISTS tenantkit.credential_marks_server ON tenantkit.credential_marks (server_mark);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 21, 'V021__credential_marks.sql', 21 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 21);
