-- Tenantkit on PostgreSQL: organizations of token issuers. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (6, 'V006__external_organizations.sql', 6);
