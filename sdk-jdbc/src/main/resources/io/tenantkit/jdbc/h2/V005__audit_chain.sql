-- Tenantkit on H2 2.x: the chain, heads and checkpoints of the audit trail. Every statement may be repeated after a crash; the row in schema_history comes last.

-- What was there before the chain is numbered down from 0 and has no link: a chain is never computed afterwards.
ALTER TABLE tenantkit.audit_events ADD COLUMN IF NOT EXISTS seq bigint;
ALTER TABLE tenantkit.audit_events ADD COLUMN IF NOT EXISTS hash varbinary(32);

MERGE INTO tenantkit.audit_events e
USING (SELECT b.organization_id, b.id,
              ROW_NUMBER() OVER (PARTITION BY b.organization_id ORDER BY b.occurred_at DESC, b.id DESC) AS place
         FROM tenantkit.audit_events b WHERE b.seq IS NULL) o
   ON e.organization_id = o.organization_id AND e.id = o.id
 WHEN MATCHED THEN UPDATE SET seq = 1 - o.place;

CREATE UNIQUE INDEX IF NOT EXISTS tenantkit.audit_events_seq ON tenantkit.audit_events (organization_id, seq);

CREATE TABLE IF NOT EXISTS tenantkit.audit_heads (
  organization_id varchar(255) NOT NULL PRIMARY KEY REFERENCES tenantkit.organizations (id),
  seq bigint NOT NULL,
  hash varbinary(32) NOT NULL CHECK (OCTET_LENGTH(hash) = 32)
);

CREATE TABLE IF NOT EXISTS tenantkit.audit_checkpoints (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  kind varchar(8) NOT NULL CHECK (kind IN ('HEAD', 'ANCHOR')),
  seq bigint NOT NULL CHECK (seq > 0),
  hash varbinary(32) NOT NULL CHECK (OCTET_LENGTH(hash) = 32),
  signed_at timestamp(6) with time zone NOT NULL,
  key_number integer NOT NULL,
  signature varbinary(32) NOT NULL CHECK (OCTET_LENGTH(signature) = 32),
  PRIMARY KEY (organization_id, kind, seq)
);

CREATE TABLE IF NOT EXISTS tenantkit.audit_keys (
  key_number integer NOT NULL,
  wrap_number integer NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped varbinary(8192) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (key_number, wrap_number)
);

-- Every INSERT becomes the next link, one written by hand too. The head's row lock is held until the commit.
CREATE TRIGGER IF NOT EXISTS tenantkit.audit_chain BEFORE INSERT ON tenantkit.audit_events
  FOR EACH ROW CALL "io.tenantkit.jdbc.H2AuditChain";

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 5, 'V005__audit_chain.sql', 5 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 5);
