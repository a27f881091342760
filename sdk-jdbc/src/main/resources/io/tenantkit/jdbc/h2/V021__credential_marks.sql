-- Tenantkit on H2 2.x: keyed marks of credentials, by which their owner is found.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 21, 'V021__credential_marks.sql', 16 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 21);
