-- Tenantkit on PostgreSQL: tokens that were issued, and those that are refused. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (19, 'V019__issued_tokens.sql', 18);
