-- Tenantkit on H2 2.x: the chain, heads and checkpoints of the audit trail. Every statement may be repeated after a crash; the row in schema_history comes last.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 5, 'V005__audit_chain.sql', 5 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 5);
