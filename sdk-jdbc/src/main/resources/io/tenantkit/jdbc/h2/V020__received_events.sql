-- Tenantkit on H2 2.x: events that came in from elsewhere, and who was present.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 20, 'V020__received_events.sql', 16 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 20);
