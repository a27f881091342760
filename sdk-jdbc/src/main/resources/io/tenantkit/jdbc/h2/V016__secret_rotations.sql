-- Tenantkit on H2 2.x: rotations of secrets. Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.secret_rotations (
  organization_id varchar(255) NOT NULL,
  secret_id varchar(64) NOT NULL,
  every_seconds bigint NOT NULL CHECK (every_seconds >= 0),
  rotate_at timestamp(6) with time zone,
  notice_seconds bigint NOT NULL CHECK (notice_seconds >= 0),
  overlap_seconds bigint NOT NULL CHECK (overlap_seconds >= 0),
  due_at timestamp(6) with time zone,
  step varchar(16) NOT NULL CHECK (step IN ('IDLE', 'CREATING', 'CREATED', 'TESTED', 'PROMOTED', 'UNDOING')),
  rotation_id varchar(64) NOT NULL,
  base_version bigint NOT NULL,
  pending_version bigint NOT NULL,
  previous_version bigint NOT NULL,
  retire_at timestamp(6) with time zone,
  attempts integer NOT NULL,
  attempts_since timestamp(6) with time zone,
  failure varchar(128) NOT NULL,
  last_rotated_at timestamp(6) with time zone,
  soon_told_for timestamp(6) with time zone,
  due_told_for timestamp(6) with time zone,
  wake_at timestamp(6) with time zone,
  claimed_by varchar(64) NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (organization_id, secret_id),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS tenantkit.secret_rotations_due ON tenantkit.secret_rotations (organization_id, wake_at);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 16, 'V016__secret_rotations.sql', 16 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 16);
