-- Tenantkit on H2 2.x: tokens that were issued, and those that are refused.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 19, 'V019__issued_tokens.sql', 16 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 19);
