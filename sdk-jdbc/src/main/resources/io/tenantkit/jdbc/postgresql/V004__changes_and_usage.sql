-- Tenantkit on PostgreSQL: the change feed and the usage flush. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (4, 'V004__changes_and_usage.sql', 4);
