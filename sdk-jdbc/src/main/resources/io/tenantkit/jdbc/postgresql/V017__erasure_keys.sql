-- Tenantkit on PostgreSQL: the keys that sign erasures, and the master keys that wrap them. Run as V001 is.

-- Under master keys that were retired: those keys are wrapped by another one too, or nobody opens them any more.
DELETE FROM tenantkit.erasure_keys k
 WHERE NOT EXISTS (SELECT FROM tenantkit.master_keys m WHERE m.id = k.master_key_id);

-- A master key cannot be retired while it wraps such a key, nor wrap one afterwards. Who retires it takes away what is under it.
ALTER TABLE tenantkit.erasure_keys ADD CONSTRAINT erasure_keys_master_key
  FOREIGN KEY (master_key_id) REFERENCES tenantkit.master_keys (id);

DO $access$
DECLARE
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
BEGIN
  EXECUTE format('GRANT SELECT, DELETE ON tenantkit.erasure_keys TO %I', admin_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (17, 'V017__erasure_keys.sql', 17);
