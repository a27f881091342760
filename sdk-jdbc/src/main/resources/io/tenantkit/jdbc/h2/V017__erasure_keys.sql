-- Tenantkit on H2 2.x: the keys that sign erasures, and the master keys that wrap them. Every statement may be repeated after a
-- crash; the row in schema_history comes last.

-- Under master keys that were retired: those keys are wrapped by another one too, or nobody opens them any more.
DELETE FROM tenantkit.erasure_keys k
 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.master_keys m WHERE m.id = k.master_key_id);

-- A master key cannot be retired while it wraps such a key, nor wrap one afterwards. Who retires it takes away what is under it.
ALTER TABLE tenantkit.erasure_keys ADD CONSTRAINT IF NOT EXISTS tenantkit.erasure_keys_master_key
  FOREIGN KEY (master_key_id) REFERENCES tenantkit.master_keys (id);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 17, 'V017__erasure_keys.sql', 17 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 17);
