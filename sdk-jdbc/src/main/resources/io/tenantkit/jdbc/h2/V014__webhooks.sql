-- Tenantkit on H2 2.x: webhooks. Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.webhook_endpoints (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  url varchar(2048) NOT NULL,
  description varchar(255) NOT NULL,
  events varchar(4096) NOT NULL,
  enabled boolean NOT NULL,
  version bigint NOT NULL,
  overlap_until timestamp(6) with time zone,
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  updated_at timestamp(6) with time zone NOT NULL,
  delivered_seq bigint NOT NULL,
  attempts integer NOT NULL,
  due_at timestamp(6) with time zone NOT NULL,
  last_failure varchar(255) NOT NULL,
  claim varchar(64),
  claimed_until timestamp(6) with time zone,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE IF NOT EXISTS tenantkit.webhook_dead_letters (
  organization_id varchar(255) NOT NULL,
  endpoint_id varchar(64) NOT NULL,
  seq bigint NOT NULL,
  message_id varchar(255) NOT NULL,
  type varchar(255) NOT NULL,
  payload varchar(32768) NOT NULL,
  attempts integer NOT NULL,
  failed_at timestamp(6) with time zone NOT NULL,
  failure varchar(255) NOT NULL,
  queued boolean NOT NULL,
  PRIMARY KEY (organization_id, endpoint_id, seq),
  FOREIGN KEY (organization_id, endpoint_id) REFERENCES tenantkit.webhook_endpoints (organization_id, id) ON DELETE CASCADE
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 14, 'V014__webhooks.sql', 14 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 14);
