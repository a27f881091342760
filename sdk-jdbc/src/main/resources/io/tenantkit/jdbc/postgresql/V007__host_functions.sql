-- Tenantkit on PostgreSQL: functions for the host's own policies. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (7, 'V007__host_functions.sql', 7);
