-- Tenantkit on PostgreSQL: shared and leased limits, credits. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (3, 'V003__rate_limits.sql', 3);
