-- Tenantkit on H2 2.x: the trail of operators' own SQL. H2 has no policies, so the functions for them are PostgreSQL's alone.
-- Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.operator_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  actor_id varchar(255) NOT NULL,
  reason varchar(1000) NOT NULL
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 7, 'V007__host_functions.sql', 7 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 7);
