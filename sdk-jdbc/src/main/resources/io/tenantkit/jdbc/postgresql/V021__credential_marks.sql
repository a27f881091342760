-- Tenantkit on PostgreSQL: keyed marks of credentials, by which their owner is found. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (21, 'V021__credential_marks.sql', 18);
