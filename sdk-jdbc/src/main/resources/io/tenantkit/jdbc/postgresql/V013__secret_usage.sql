-- Tenantkit on PostgreSQL: sums of the uses of secrets, their cost, and what was unusual. Run as V001 is.

-- How far an organization has come. Locked by each batch that is written, so numbers have no gaps and follow commits.
CREATE TABLE tenantkit.secret_usage_marks (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  written bigint NOT NULL,
  analysed bigint NOT NULL DEFAULT 0,
  cleaned_at timestamptz NOT NULL DEFAULT timestamptz 'epoch',
  PRIMARY KEY (organization_id)
);

-- The last batch of each node, so that one whose commit was unknown is not added twice.
CREATE TABLE tenantkit.secret_usage_batches (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  node varchar(64) COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, node)
);

-- Each use is in three sums: of its hour, of its day and of all time. Spans begin in UTC. No foreign key to the secret, which
-- its uses outlive.
CREATE TABLE tenantkit.secret_usage (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  grain varchar(4) COLLATE "C" NOT NULL CHECK (grain IN ('HOUR', 'DAY', 'EVER')),
  starts_at timestamptz NOT NULL,
  -- Empty for an attempt that got none.
  secret_id varchar(64) COLLATE "C" NOT NULL,
  actor_kind varchar(16) COLLATE "C" NOT NULL,
  actor_id varchar(255) COLLATE "C" NOT NULL,
  tool varchar(64) COLLATE "C" NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  outcome varchar(16) COLLATE "C" NOT NULL CHECK (outcome IN ('OK', 'DENIED', 'NOT_FOUND', 'REJECTED', 'FAILED')),
  uses bigint NOT NULL CHECK (uses > 0),
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  last_address varchar(64),
  -- The number of the batch that changed it last.
  written bigint NOT NULL,
  PRIMARY KEY (organization_id, grain, starts_at, secret_id, actor_kind, actor_id, tool, environment, outcome)
);
CREATE INDEX secret_usage_by_secret ON tenantkit.secret_usage (organization_id, grain, secret_id, starts_at);

CREATE TABLE tenantkit.secret_costs (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  secret_id varchar(64) COLLATE "C" NOT NULL,
  starts_at timestamptz NOT NULL,
  unit varchar(64) COLLATE "C" NOT NULL,
  currency varchar(3) COLLATE "C" NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  amount bigint NOT NULL CHECK (amount >= 0),
  cost_micros bigint NOT NULL CHECK (cost_micros >= 0),
  reports bigint NOT NULL CHECK (reports > 0),
  PRIMARY KEY (organization_id, secret_id, starts_at, unit, currency, environment)
);

-- The id follows from day, rule and subject, so that of several nodes one finds it.
CREATE TABLE tenantkit.security_findings (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  rule varchar(32) NOT NULL,
  severity varchar(16) NOT NULL,
  secret_id varchar(64) COLLATE "C" NOT NULL,
  environment varchar(16) COLLATE "C" NOT NULL CHECK (environment IN ('DEVELOPMENT', 'STAGING', 'PRODUCTION')),
  actor_kind varchar(16) NOT NULL,
  actor_id varchar(255) NOT NULL,
  tool varchar(64) NOT NULL,
  happened_at timestamptz NOT NULL,
  baseline bigint NOT NULL,
  observed bigint NOT NULL,
  threshold bigint NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- Entry of the closed list: due work walks the organizations whose uses were not judged or cleaned. Ids only; their rows are then
-- read one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_usage(cleaned_before timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT m.organization_id
      FROM tenantkit.secret_usage_marks m
     WHERE m.organization_id > after_id AND (m.analysed < m.written OR m.cleaned_at < cleaned_before)
     ORDER BY m.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_usage(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['secret_usage_marks', 'secret_usage_batches', 'secret_usage', 'secret_costs',
                                      'security_findings'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
  END LOOP;
  EXECUTE format('CREATE POLICY lookup ON tenantkit.secret_usage_marks AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);

  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.secret_usage_marks TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.secret_usage_batches, tenantkit.secret_usage,'
    ' tenantkit.secret_costs TO %I', application_role);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON tenantkit.security_findings TO %I', application_role);
  EXECUTE format('GRANT SELECT (organization_id, written, analysed, cleaned_at) ON tenantkit.secret_usage_marks TO %I',
    lookup_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_usage(timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.organizations_with_due_usage(timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (13, 'V013__secret_usage.sql', 13);
