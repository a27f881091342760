-- Tenantkit on H2 2.x: shared and leased limits, credits. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 3, 'V003__rate_limits.sql', 3 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 3);
