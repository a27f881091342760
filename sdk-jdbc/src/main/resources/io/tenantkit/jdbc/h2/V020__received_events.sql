-- Tenantkit on H2 2.x: events that came in from elsewhere, and who was present. Every statement may be repeated after a crash; the row
-- in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.received_events (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  source varchar(64) NOT NULL,
  id varchar(255) NOT NULL,
  received_at timestamp(6) with time zone NOT NULL,
  claim varchar(64),
  held_until timestamp(6) with time zone,
  PRIMARY KEY (organization_id, source, id)
);
CREATE INDEX IF NOT EXISTS tenantkit.received_events_by_time ON tenantkit.received_events (organization_id, received_at);

CREATE TABLE IF NOT EXISTS tenantkit.presences (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  environment varchar(16) NOT NULL,
  place_id varchar(64) NOT NULL,
  id varchar(64) NOT NULL,
  place_name varchar(256) NOT NULL,
  subject varchar(256) NOT NULL,
  kind varchar(32) NOT NULL,
  joined_at timestamp(6) with time zone NOT NULL,
  left_at timestamp(6) with time zone,
  closing varchar(16),
  seen_at timestamp(6) with time zone NOT NULL,
  check_at timestamp(6) with time zone NOT NULL,
  summed_from timestamp(6) with time zone,
  summed_until timestamp(6) with time zone,
  summed_corrected boolean NOT NULL,
  settled boolean NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (organization_id, environment, place_id, id)
);
CREATE INDEX IF NOT EXISTS tenantkit.presences_by_state ON tenantkit.presences (organization_id, settled, left_at);

CREATE TABLE IF NOT EXISTS tenantkit.presence_days (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  environment varchar(16) NOT NULL,
  epoch_day integer NOT NULL,
  kind varchar(32) NOT NULL,
  presences bigint NOT NULL,
  millis bigint NOT NULL,
  minutes bigint NOT NULL,
  corrected bigint NOT NULL,
  PRIMARY KEY (organization_id, environment, epoch_day, kind)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 20, 'V020__received_events.sql', 20 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 20);
