-- Tenantkit on PostgreSQL: keyed marks of credentials, by which their owner is found. Run as V001 is.

-- Insert-only: the key of the marks, one for the installation, wrapped under master keys. is_first is set in one row at the most,
-- so that of several nodes that make the key at once one does.
CREATE TABLE tenantkit.credential_mark_keys (
  id varchar(64) COLLATE "C" NOT NULL,
  master_key_id varchar(255) NOT NULL REFERENCES tenantkit.master_keys (id),
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) <= 8192),
  created_at timestamptz NOT NULL,
  is_first varchar(8) CHECK (is_first = 'first') UNIQUE,
  PRIMARY KEY (id, master_key_id)
);

-- Whose a mark is, of those that only one organization may have. Globally unique, as hashes are. A row without marks that name it
-- is left over, and the next that claims it takes it.
CREATE TABLE tenantkit.credential_holders (
  mark varchar(64) COLLATE "C" NOT NULL PRIMARY KEY CHECK (mark ~ '^[0-9a-f]{64}$'),
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  UNIQUE (mark, organization_id)
);

-- The marks of the versions of secrets that hold credentials: HMAC-SHA256 under the installation's key. A version that was replaced
-- counts until a time; what was claimed last has none. The last columns tell how the credentials were checked last.
CREATE TABLE tenantkit.credential_marks (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  version_number bigint NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  key_mark varchar(64) COLLATE "C" NOT NULL CHECK (key_mark ~ '^[0-9a-f]{64}$'),
  server_mark varchar(64) COLLATE "C" NOT NULL CHECK (server_mark ~ '^[0-9a-f]{64}$'),
  pair_mark varchar(64) COLLATE "C" NOT NULL,
  server_secret_mark varchar(64) COLLATE "C" NOT NULL,
  short_secret boolean NOT NULL,
  until timestamptz,
  checked_at timestamptz,
  verdict varchar(32),
  message varchar(300),
  check_millis bigint,
  PRIMARY KEY (organization_id, secret_id, version_number),
  FOREIGN KEY (organization_id, secret_id) REFERENCES tenantkit.secrets (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (pair_mark, organization_id) REFERENCES tenantkit.credential_holders (mark, organization_id),
  FOREIGN KEY (server_secret_mark, organization_id) REFERENCES tenantkit.credential_holders (mark, organization_id)
);

-- They do not begin with the organization: those who look by them do not know it.
CREATE INDEX credential_marks_key ON tenantkit.credential_marks (key_mark);
CREATE INDEX credential_marks_server ON tenantkit.credential_marks (server_mark);
CREATE INDEX credential_marks_pair ON tenantkit.credential_marks (pair_mark);
CREATE INDEX credential_marks_server_secret ON tenantkit.credential_marks (server_secret_mark);

-- Entry of the closed list: makes the current tenant the holder of two marks, unless somebody else's credentials have them. Tells
-- yes or no, never whose. Of others it removes marks that count no more and bear the very same, and what they left over.
CREATE FUNCTION tenantkit.claim_credentials(claimed_pair varchar, claimed_server_secret varchar, claimed_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  tenant varchar := NULLIF(current_setting('app.organization_id', true), '');
  claimed varchar;
BEGIN
  IF tenant IS NULL THEN
    RETURN false;
  END IF;
  DELETE FROM tenantkit.credential_marks m
   WHERE m.organization_id <> tenant AND m.until <= claimed_at
     AND (m.pair_mark = claimed_pair OR m.server_secret_mark = claimed_server_secret);
  -- In one order for all, so that two that claim the same do not wait for each other in a circle. The row is written even when it
  -- is the tenant's, which locks it until the marks name it.
  FOR claimed IN SELECT c.mark FROM (VALUES (claimed_pair), (claimed_server_secret)) c (mark) ORDER BY c.mark COLLATE "C" LOOP
    INSERT INTO tenantkit.credential_holders AS h (mark, organization_id) VALUES (claimed, tenant)
      ON CONFLICT (mark) DO UPDATE SET organization_id = EXCLUDED.organization_id;
  END LOOP;
  RETURN true;
EXCEPTION
  -- Marks of the holder's name the row.
  WHEN foreign_key_violation THEN
    RETURN false;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.claim_credentials(varchar, varchar, timestamptz) FROM PUBLIC;

-- Entry of the closed list: whether another organization than the current tenant has credentials with one of these marks. Yes or
-- no, never whose.
CREATE FUNCTION tenantkit.credentials_held(wanted_pair varchar, wanted_server_secret varchar, wanted_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  tenant varchar := NULLIF(current_setting('app.organization_id', true), '');
BEGIN
  RETURN tenant IS NULL OR EXISTS (
    SELECT FROM tenantkit.credential_marks m
     WHERE m.organization_id <> tenant AND (m.pair_mark = wanted_pair OR m.server_secret_mark = wanted_server_secret)
       AND (m.until IS NULL OR m.until > wanted_at));
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.credentials_held(varchar, varchar, timestamptz) FROM PUBLIC;

-- Entry of the closed list: who says that a key is theirs, for who receives what a server signed. Organizations and environments
-- only; the signature then tells whose it is.
CREATE FUNCTION tenantkit.credential_owners(
  wanted_key varchar, wanted_at timestamptz, after_id varchar, after_environment varchar, page_limit integer)
RETURNS TABLE (organization_id varchar, environment varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT DISTINCT m.organization_id, m.environment
      FROM tenantkit.credential_marks m
     WHERE m.key_mark = wanted_key AND (m.until IS NULL OR m.until > wanted_at)
       AND (m.organization_id > after_id OR m.organization_id = after_id AND m.environment > after_environment)
     ORDER BY m.organization_id, m.environment
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.credential_owners(varchar, timestamptz, varchar, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
  signature text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['credential_holders', 'credential_marks'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
      tenant_table, lookup_role);
  END LOOP;
  EXECUTE format('CREATE POLICY operator ON tenantkit.credential_marks AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
    admin_role);

  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.credential_mark_keys TO %I', application_role);
  EXECUTE format('GRANT SELECT, DELETE ON tenantkit.credential_mark_keys TO %I', admin_role);
  EXECUTE format('GRANT SELECT, DELETE ON tenantkit.credential_holders TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.credential_marks TO %I', application_role);
  EXECUTE format('GRANT SELECT ON tenantkit.credential_marks TO %I', admin_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.credential_holders TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, environment, key_mark, pair_mark, server_secret_mark, until), DELETE'
    ' ON tenantkit.credential_marks TO %I', lookup_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  FOREACH signature IN ARRAY ARRAY[
    'tenantkit.claim_credentials(varchar, varchar, timestamptz)',
    'tenantkit.credentials_held(varchar, varchar, timestamptz)',
    'tenantkit.credential_owners(varchar, timestamptz, varchar, varchar, integer)'] LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', signature, application_role);
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', signature, lookup_role);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (21, 'V021__credential_marks.sql', 21);
