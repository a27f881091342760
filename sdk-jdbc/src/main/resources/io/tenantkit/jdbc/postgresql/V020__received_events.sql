-- Tenantkit on PostgreSQL: events that came in from elsewhere, and who was present. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (20, 'V020__received_events.sql', 18);
