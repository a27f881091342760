-- Tenantkit on H2 2.x: organizations of token issuers. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 6, 'V006__external_organizations.sql', 6 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 6);
