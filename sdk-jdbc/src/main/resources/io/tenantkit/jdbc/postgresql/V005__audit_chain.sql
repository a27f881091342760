-- Tenantkit on PostgreSQL: the chain, heads and checkpoints of the audit trail. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (5, 'V005__audit_chain.sql', 5);
