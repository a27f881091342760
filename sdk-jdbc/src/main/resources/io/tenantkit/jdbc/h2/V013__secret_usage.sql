-- Tenantkit on H2 2.x: sums of the uses of secrets, their cost, and what was unusual. Every statement may be repeated after a crash;
-- the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.secret_usage_marks (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  written bigint NOT NULL,
  analysed bigint DEFAULT 0 NOT NULL,
  cleaned_at timestamp(6) with time zone DEFAULT TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00' NOT NULL,
  PRIMARY KEY (organization_id)
);

CREATE TABLE IF NOT EXISTS tenantkit.secret_usage_batches (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  node varchar(64) NOT NULL,
  sequence bigint NOT NULL,
  written_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, node)
);

CREATE TABLE IF NOT EXISTS tenantkit.secret_usage (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  grain varchar(4) NOT NULL CHECK (grain IN ('HOUR', 'DAY', 'EVER')),
  starts_at timestamp(6) with time zone NOT NULL,
  secret_id varchar(64) NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  tool varchar(64) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  outcome varchar(16) NOT NULL CHECK (outcome IN ('OK', 'DENIED', 'NOT_FOUND', 'REJECTED', 'FAILED')),
  uses bigint NOT NULL CHECK (uses > 0),
  first_at timestamp(6) with time zone NOT NULL,
  last_at timestamp(6) with time zone NOT NULL,
  last_address varchar(64),
  written bigint NOT NULL,
  PRIMARY KEY (organization_id, grain, starts_at, secret_id, actor_kind, actor_id, tool, environment, outcome)
);
CREATE INDEX IF NOT EXISTS tenantkit.secret_usage_by_secret
  ON tenantkit.secret_usage (organization_id, grain, secret_id, starts_at);

CREATE TABLE IF NOT EXISTS tenantkit.secret_costs (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  secret_id varchar(64) NOT NULL,
  starts_at timestamp(6) with time zone NOT NULL,
  unit varchar(64) NOT NULL,
  currency varchar(3) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  amount bigint NOT NULL CHECK (amount >= 0),
  cost_micros bigint NOT NULL CHECK (cost_micros >= 0),
  reports bigint NOT NULL CHECK (reports > 0),
  PRIMARY KEY (organization_id, secret_id, starts_at, unit, currency, environment)
);

CREATE TABLE IF NOT EXISTS tenantkit.security_findings (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  rule varchar(32) NOT NULL,
  severity varchar(16) NOT NULL,
  secret_id varchar(64) NOT NULL,
  environment varchar(16) NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  tool varchar(64) NOT NULL,
  happened_at timestamp(6) with time zone NOT NULL,
  baseline bigint NOT NULL,
  observed bigint NOT NULL,
  threshold bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 13, 'V013__secret_usage.sql', 13 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 13);
