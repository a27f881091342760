-- Tenantkit on PostgreSQL: webhooks. Run as V001 is.

-- Where an organization wants to be told, and how far that has come in its audit trail. Who sends has claimed the row for a time.
CREATE TABLE tenantkit.webhook_endpoints (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) COLLATE "C" NOT NULL,
  url varchar(2048) NOT NULL,
  description varchar(255) NOT NULL,
  events varchar(4096) NOT NULL,
  enabled boolean NOT NULL,
  version bigint NOT NULL,
  overlap_until timestamptz,
  created_by varchar(255) NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  delivered_seq bigint NOT NULL,
  attempts integer NOT NULL,
  due_at timestamptz NOT NULL,
  last_failure varchar(255) NOT NULL,
  claim varchar(64) COLLATE "C",
  claimed_until timestamptz,
  PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 50);

CREATE TABLE tenantkit.webhook_dead_letters (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  endpoint_id varchar(64) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  message_id varchar(255) COLLATE "C" NOT NULL,
  type varchar(255) NOT NULL,
  payload varchar(32768) NOT NULL,
  attempts integer NOT NULL,
  failed_at timestamptz NOT NULL,
  failure varchar(255) NOT NULL,
  queued boolean NOT NULL,
  PRIMARY KEY (organization_id, endpoint_id, seq),
  FOREIGN KEY (organization_id, endpoint_id) REFERENCES tenantkit.webhook_endpoints (organization_id, id) ON DELETE CASCADE
);

-- Entry of the closed list: due work walks the organizations that have something to be told. Ids only; the endpoints are then read
-- one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_webhooks(due_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT DISTINCT e.organization_id
      FROM tenantkit.webhook_endpoints e
     WHERE e.organization_id > after_id AND e.enabled AND e.due_at <= due_by
       AND (e.claimed_until IS NULL OR e.claimed_until <= due_by)
       AND (EXISTS (SELECT FROM tenantkit.audit_heads h
                     WHERE h.organization_id = e.organization_id AND h.seq > e.delivered_seq)
            OR EXISTS (SELECT FROM tenantkit.webhook_dead_letters d
                        WHERE d.organization_id = e.organization_id AND d.endpoint_id = e.id AND d.queued))
     ORDER BY e.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_webhooks(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['webhook_endpoints', 'webhook_dead_letters'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR SELECT TO %I USING (true)', tenant_table, lookup_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.%I TO %I', tenant_table, application_role);
  END LOOP;

  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_webhooks(timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT SELECT (organization_id, id, enabled, due_at, claimed_until, delivered_seq)'
    ' ON tenantkit.webhook_endpoints TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, endpoint_id, queued) ON tenantkit.webhook_dead_letters TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.organizations_with_due_webhooks(timestamptz, varchar, integer) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (14, 'V014__webhooks.sql', 14);
