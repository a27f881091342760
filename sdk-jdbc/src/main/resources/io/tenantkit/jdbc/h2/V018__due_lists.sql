-- Tenantkit on H2 2.x: what due work looks for. Its queries are the library's here, so the schema stays as it is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 18, 'V018__due_lists.sql', 16 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 18);
