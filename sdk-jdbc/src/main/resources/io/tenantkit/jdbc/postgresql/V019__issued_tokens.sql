-- Tenantkit on PostgreSQL: tokens that were issued, and those that are refused. Run as V001 is.

-- What was handed out, never the token itself. The issuer is the part of the library that signs; the place is what a token opens, as a
-- room, and empty when it opens none. A while after its end a row goes.
CREATE TABLE tenantkit.issued_tokens (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  issuer varchar(32) COLLATE "C" NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  subject varchar(256) COLLATE "C" NOT NULL,
  place varchar(256) COLLATE "C" NOT NULL,
  kind varchar(32) COLLATE "C" NOT NULL,
  grants varchar(1024) NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, issuer, id)
);
CREATE INDEX issued_tokens_by_subject ON tenantkit.issued_tokens (organization_id, issuer, subject, place);
CREATE INDEX issued_tokens_by_end ON tenantkit.issued_tokens (organization_id, expires_at);

-- Who is kept out of what, and until when; the first end is what was meant when it was written.
CREATE TABLE tenantkit.token_denials (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  issuer varchar(32) COLLATE "C" NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  target varchar(16) COLLATE "C" NOT NULL CHECK (target IN ('TOKEN', 'SUBJECT', 'ALL')),
  token_id varchar(64) COLLATE "C" NOT NULL,
  subject varchar(256) COLLATE "C" NOT NULL,
  place varchar(256) COLLATE "C" NOT NULL,
  denied_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  first_ends_at timestamptz NOT NULL,
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  reason varchar(255) NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- Counts the changes of an organization's denials, and until when there are some: what each node asks for once a second.
CREATE TABLE tenantkit.token_denial_marks (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  revision bigint NOT NULL,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id)
);

-- Entry of the closed list: which organizations have denials, and whether they changed. The denials are then read one organization at
-- a time.
CREATE FUNCTION tenantkit.organizations_with_token_denials(at_time timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar, revision bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT m.organization_id, m.revision
      FROM tenantkit.token_denial_marks m
     WHERE m.organization_id > after_id AND m.ends_at > at_time
     ORDER BY m.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_token_denials(timestamptz, varchar, integer) FROM PUBLIC;

-- Entry of the closed list: clean-up walks the organizations that have rows which ended. Ids only; the rows are then removed one
-- organization at a time.
CREATE FUNCTION tenantkit.organizations_with_ended_tokens(ended_before timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id
       AND (EXISTS (SELECT FROM tenantkit.issued_tokens t WHERE t.organization_id = o.id AND t.expires_at < ended_before)
            OR EXISTS (SELECT FROM tenantkit.token_denials d WHERE d.organization_id = o.id AND d.ends_at < ended_before))
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_ended_tokens(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
  crossing name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['issued_tokens', 'token_denials', 'token_denial_marks'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR SELECT TO %I USING (true)', tenant_table, lookup_role);
  END LOOP;

  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.issued_tokens TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.token_denials TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.token_denial_marks TO %I', application_role);
  EXECUTE format('GRANT SELECT (organization_id, expires_at) ON tenantkit.issued_tokens TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, ends_at) ON tenantkit.token_denials TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, revision, ends_at) ON tenantkit.token_denial_marks TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  FOREACH crossing IN ARRAY ARRAY['organizations_with_token_denials', 'organizations_with_ended_tokens'] LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.%I(timestamptz, varchar, integer) TO %I', crossing, application_role);
    EXECUTE format('ALTER FUNCTION tenantkit.%I(timestamptz, varchar, integer) OWNER TO %I', crossing, lookup_role);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (19, 'V019__issued_tokens.sql', 19);
