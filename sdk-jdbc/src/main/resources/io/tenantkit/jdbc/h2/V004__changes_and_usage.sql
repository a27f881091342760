-- Tenantkit on H2 2.x: the change feed and the usage flush. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 4, 'V004__changes_and_usage.sql', 4 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 4);
