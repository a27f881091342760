-- Tenantkit on H2 2.x: functions for the host's own policies. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 7, 'V007__host_functions.sql', 7 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 7);
