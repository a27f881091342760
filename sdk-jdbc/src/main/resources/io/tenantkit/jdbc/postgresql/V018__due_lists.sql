-- Tenantkit on PostgreSQL: due work is done for active organizations, and secrets that are deleted have none. Run as V001 is.

-- Whoever migrates is a member of the lookup role, but has nothing of it until it says so.
DO $drop$
DECLARE
  before text := current_setting('role');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  PERFORM set_config('role', lookup_role, true);
  DROP FUNCTION tenantkit.organizations_with_due_webhooks(timestamptz, varchar, integer);
  DROP FUNCTION tenantkit.organizations_with_due_integrations(timestamptz, varchar, integer);
  DROP FUNCTION tenantkit.organizations_with_due_rotations(timestamptz, varchar, integer);
  PERFORM set_config('role', before, true);
END
$drop$;

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
      JOIN tenantkit.organizations o ON o.id = e.organization_id AND o.status = 'ACTIVE'
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

-- Entry of the closed list: due work walks the organizations that have an integration to check. Ids only; the rows are then read
-- one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_integrations(due_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT DISTINCT i.organization_id
      FROM tenantkit.integrations i
      JOIN tenantkit.organizations o ON o.id = i.organization_id AND o.status = 'ACTIVE'
     WHERE i.next_check_at <= due_by AND i.status <> 'disabled' AND i.organization_id > after_id
     ORDER BY i.organization_id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_integrations(timestamptz, varchar, integer) FROM PUBLIC;

-- Entry of the closed list: due work walks the organizations that have something to rotate or to tell. Ids only; the rotations are
-- then read one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_rotations(due_by timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id AND o.status = 'ACTIVE'
       AND EXISTS (SELECT
                     FROM tenantkit.secret_rotations r
                     JOIN tenantkit.secrets s ON s.organization_id = r.organization_id AND s.id = r.secret_id
                    WHERE r.organization_id = o.id AND r.wake_at <= due_by AND s.deleted_at IS NULL)
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_rotations(timestamptz, varchar, integer) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  due_list name;
BEGIN
  EXECUTE format('CREATE POLICY lookup ON tenantkit.secrets AS PERMISSIVE FOR SELECT TO %I USING (true)', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, id, deleted_at) ON tenantkit.secrets TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (secret_id) ON tenantkit.secret_rotations TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  FOREACH due_list IN ARRAY ARRAY['organizations_with_due_webhooks', 'organizations_with_due_integrations',
                                  'organizations_with_due_rotations'] LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.%I(timestamptz, varchar, integer) TO %I', due_list, application_role);
    EXECUTE format('ALTER FUNCTION tenantkit.%I(timestamptz, varchar, integer) OWNER TO %I', due_list, lookup_role);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (18, 'V018__due_lists.sql', 18);
