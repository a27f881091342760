-- Tenantkit on H2 2.x: what keys and organizations carry. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 2, 'V002__keys_and_organizations.sql', 2 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 2);
