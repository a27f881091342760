-- Tenantkit on PostgreSQL: the chain, heads and checkpoints of the audit trail. Run as V001 is.

-- Each event has the next number of its organization, and as its link a SHA-256 over the link before it and every field.
-- What was there before the chain is numbered down from 0 and has no link: a chain is never computed afterwards.
ALTER TABLE tenantkit.audit_events ADD COLUMN seq bigint, ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);

-- The owner sees no tenant's row while row level security is forced on it.
ALTER TABLE tenantkit.audit_events NO FORCE ROW LEVEL SECURITY;
UPDATE tenantkit.audit_events e
   SET seq = 1 - o.place
  FROM (SELECT b.organization_id, b.id,
               row_number() OVER (PARTITION BY b.organization_id ORDER BY b.occurred_at DESC, b.id DESC) AS place
          FROM tenantkit.audit_events b) o
 WHERE e.organization_id = o.organization_id AND e.id = o.id;
ALTER TABLE tenantkit.audit_events FORCE ROW LEVEL SECURITY;
ALTER TABLE tenantkit.audit_events ALTER COLUMN seq SET NOT NULL, ADD UNIQUE (organization_id, seq);

-- Room on each page, so that a head moves without touching its index.
CREATE TABLE tenantkit.audit_heads (
  organization_id varchar(255) COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenantkit.organizations (id),
  seq bigint NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
) WITH (fillfactor = 50);

CREATE TABLE tenantkit.audit_checkpoints (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  kind varchar(8) COLLATE "C" NOT NULL CHECK (kind IN ('HEAD', 'ANCHOR')),
  seq bigint NOT NULL CHECK (seq > 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  signed_at timestamptz NOT NULL,
  key_number integer NOT NULL,
  signature bytea NOT NULL CHECK (octet_length(signature) = 32),
  PRIMARY KEY (organization_id, kind, seq)
);

-- Wrapped under a master key, so no row says what it signs with. Rows are only added, also when a key is wrapped anew: what signs for
-- all tenants cannot be written over, and the library passes over what it cannot open.
CREATE TABLE tenantkit.audit_keys (
  key_number integer NOT NULL,
  wrap_number integer NOT NULL,
  master_key_id varchar(255) NOT NULL,
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) <= 8192),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (key_number, wrap_number)
);

-- Nobody can use up the numbers: a key has the next one or one that is there, a wrapping the next of its key.
CREATE FUNCTION tenantkit.audit_key_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  IF NEW.key_number NOT BETWEEN 1 AND (SELECT coalesce(max(k.key_number), 0) + 1 FROM tenantkit.audit_keys k)
     OR NEW.wrap_number NOT BETWEEN 1 AND (SELECT coalesce(max(k.wrap_number), 0) + 1 FROM tenantkit.audit_keys k
                                            WHERE k.key_number = NEW.key_number) THEN
    RAISE check_violation USING MESSAGE = 'an audit key has the next number';
  END IF;
  RETURN NEW;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.audit_key_added() FROM PUBLIC;
CREATE TRIGGER audit_key_added BEFORE INSERT ON tenantkit.audit_keys
  FOR EACH ROW EXECUTE FUNCTION tenantkit.audit_key_added();

-- Every INSERT becomes the next link, one written by hand too. The head's row lock is held until the commit, so numbers have no
-- gaps and their order is that of commits. It runs as the lookup role, because nobody else may write heads. The text is that of
-- StoredAuditEvent in Java.
CREATE FUNCTION tenantkit.audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  details_text text := NEW.details::text;
  fields text;
BEGIN
  fields := concat(
    ':', (extract(epoch FROM NEW.occurred_at) * 1000000)::bigint, ':',
    octet_length(convert_to(NEW.organization_id, 'UTF8')), ':', NEW.organization_id,
    octet_length(convert_to(NEW.id, 'UTF8')), ':', NEW.id,
    octet_length(convert_to(NEW.actor_kind, 'UTF8')), ':', NEW.actor_kind,
    octet_length(convert_to(NEW.actor_id, 'UTF8')), ':', NEW.actor_id,
    octet_length(convert_to(NEW.action, 'UTF8')), ':', NEW.action,
    octet_length(convert_to(NEW.target_type, 'UTF8')), ':', NEW.target_type,
    octet_length(convert_to(NEW.target_id, 'UTF8')), ':', NEW.target_id,
    octet_length(convert_to(details_text, 'UTF8')), ':', details_text);
  UPDATE tenantkit.audit_heads h
     SET seq = h.seq + 1, hash = sha256(h.hash || convert_to((h.seq + 1) || fields, 'UTF8'))
   WHERE h.organization_id = NEW.organization_id
   RETURNING h.seq, h.hash INTO NEW.seq, NEW.hash;
  IF NOT FOUND THEN
    INSERT INTO tenantkit.audit_heads AS h (organization_id, seq, hash)
    VALUES (NEW.organization_id, 1,
            sha256(sha256(convert_to('tenantkit/audit/v1/' || NEW.organization_id, 'UTF8')) || convert_to(1 || fields, 'UTF8')))
    ON CONFLICT (organization_id) DO UPDATE
      SET seq = h.seq + 1, hash = sha256(h.hash || convert_to((h.seq + 1) || fields, 'UTF8'))
    RETURNING h.seq, h.hash INTO NEW.seq, NEW.hash;
  END IF;
  -- With ON CONFLICT DO NOTHING the head would move and no row follow. The order leads the planner to the index of ids: the
  -- plan is kept from when the table was empty and all indexes were alike to it.
  IF NEW.id = (SELECT e.id FROM tenantkit.audit_events e
                WHERE e.organization_id = NEW.organization_id AND e.id >= NEW.id ORDER BY e.id LIMIT 1) THEN
    RAISE unique_violation USING MESSAGE = 'the audit event exists already';
  END IF;
  RETURN NEW;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.audit_chain() FROM PUBLIC;
CREATE TRIGGER audit_chain BEFORE INSERT ON tenantkit.audit_events
  FOR EACH ROW EXECUTE FUNCTION tenantkit.audit_chain();

-- The closed list of cross-tenant reads: whose head moved since it was signed. Ids only.
CREATE FUNCTION tenantkit.audit_unsigned(after_id varchar, at_most integer) RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT h.organization_id
      FROM tenantkit.audit_heads h
     WHERE h.organization_id > after_id
       -- The last one and not any: a row above the head, which nobody signed, shows instead of hiding what comes.
       AND (SELECT max(c.seq) FROM tenantkit.audit_checkpoints c
             WHERE c.organization_id = h.organization_id AND c.kind = 'HEAD') IS DISTINCT FROM h.seq
     ORDER BY h.organization_id
     LIMIT at_most;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.audit_unsigned(varchar, integer) FROM PUBLIC;

-- The one way to remove events, for the admin role: what an anchor replaces, never above the last signed head.
CREATE FUNCTION tenantkit.audit_prune(pruned_organization varchar, through_seq bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  removed bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM tenantkit.audit_checkpoints c
                  WHERE c.organization_id = pruned_organization AND c.kind = 'ANCHOR' AND c.seq = through_seq)
     OR NOT EXISTS (SELECT FROM tenantkit.audit_checkpoints c
                     WHERE c.organization_id = pruned_organization AND c.kind = 'HEAD' AND c.seq >= through_seq) THEN
    RETURN -1;
  END IF;
  DELETE FROM tenantkit.audit_events e WHERE e.organization_id = pruned_organization AND e.seq <= through_seq;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.audit_prune(varchar, bigint) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['audit_heads', 'audit_checkpoints'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('CREATE POLICY operator ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
      tenant_table, admin_role);
  END LOOP;
  EXECUTE format('CREATE POLICY lookup ON tenantkit.audit_heads AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
    lookup_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.audit_checkpoints AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.audit_events AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('CREATE POLICY prune ON tenantkit.audit_events AS PERMISSIVE FOR DELETE TO %I USING (true)', lookup_role);

  EXECUTE format('GRANT SELECT ON tenantkit.audit_heads TO %I, %I', application_role, admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.audit_checkpoints TO %I, %I', application_role, admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.audit_keys TO %I', application_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.audit_unsigned(varchar, integer) TO %I', application_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.audit_prune(varchar, bigint) TO %I', admin_role);

  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.audit_heads TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, kind, seq) ON tenantkit.audit_checkpoints TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, id, seq), DELETE ON tenantkit.audit_events TO %I', lookup_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.audit_chain() OWNER TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.audit_unsigned(varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.audit_prune(varchar, bigint) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (5, 'V005__audit_chain.sql', 5);
