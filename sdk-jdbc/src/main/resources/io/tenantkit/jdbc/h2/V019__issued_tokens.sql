-- Tenantkit on H2 2.x: tokens that were issued, and those that are refused. Every statement may be repeated after a crash; the row in
-- schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.issued_tokens (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  issuer varchar(32) NOT NULL,
  id varchar(64) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  subject varchar(256) NOT NULL,
  place varchar(256) NOT NULL,
  kind varchar(32) NOT NULL,
  grants varchar(1024) NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  issued_at timestamp(6) with time zone NOT NULL,
  expires_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, issuer, id)
);
CREATE INDEX IF NOT EXISTS tenantkit.issued_tokens_by_subject
  ON tenantkit.issued_tokens (organization_id, issuer, subject, place);
CREATE INDEX IF NOT EXISTS tenantkit.issued_tokens_by_end ON tenantkit.issued_tokens (organization_id, expires_at);

CREATE TABLE IF NOT EXISTS tenantkit.token_denials (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  issuer varchar(32) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  target varchar(16) NOT NULL CHECK (target IN ('TOKEN', 'SUBJECT', 'ALL')),
  token_id varchar(64) NOT NULL,
  subject varchar(256) NOT NULL,
  place varchar(256) NOT NULL,
  denied_at timestamp(6) with time zone NOT NULL,
  ends_at timestamp(6) with time zone NOT NULL,
  first_ends_at timestamp(6) with time zone NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  reason varchar(255) NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE IF NOT EXISTS tenantkit.token_denial_marks (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  revision bigint NOT NULL,
  ends_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 19, 'V019__issued_tokens.sql', 19 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 19);
