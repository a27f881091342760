-- Tenantkit on H2 2.x: shared and leased limits, credits. Every statement may be repeated after a crash; the row in schema_history comes last.
-- What PostgreSQL does in functions, the library does here: there is one process. The columns mean the same.

CREATE TABLE IF NOT EXISTS tenantkit.rate_limits (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  subject varchar(64) NOT NULL,
  name varchar(64) NOT NULL,
  requests bigint NOT NULL,
  window_nanos bigint NOT NULL,
  burst bigint NOT NULL,
  tat numeric(40) NOT NULL,
  outstanding bigint NOT NULL,
  PRIMARY KEY (organization_id, subject, name)
);

CREATE TABLE IF NOT EXISTS tenantkit.rate_limit_leases (
  organization_id varchar(255) NOT NULL,
  subject varchar(64) NOT NULL,
  name varchar(64) NOT NULL,
  node varchar(64) NOT NULL,
  lease_number bigint NOT NULL,
  requests bigint NOT NULL,
  expires numeric(40) NOT NULL,
  PRIMARY KEY (organization_id, subject, name, node, lease_number),
  FOREIGN KEY (organization_id, subject, name) REFERENCES tenantkit.rate_limits (organization_id, subject, name) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS tenantkit.credits (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  subject varchar(64) NOT NULL,
  budget bigint NOT NULL,
  remaining bigint NOT NULL,
  refilled bigint NOT NULL,
  PRIMARY KEY (organization_id, subject)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 3, 'V003__rate_limits.sql', 3 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 3);
