-- Tenantkit on PostgreSQL: functions for the host's own policies, and the trail of operators' own SQL. Run as V001 is.

-- The tenant of this transaction, or NULL. In a policy write it as a sub-select, which is then looked up once and not per row:
-- USING (organization_id = (SELECT tenantkit.get_current_tenant_id())). Plain SQL, so that it is inlined.
CREATE FUNCTION tenantkit.get_current_tenant_id() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$ SELECT NULLIF(pg_catalog.current_setting('app.organization_id', true), '') $function$;
REVOKE EXECUTE ON FUNCTION tenantkit.get_current_tenant_id() FROM PUBLIC;

-- What operators did through their own SQL: no tenant's row. The time is the database's.
CREATE TABLE tenantkit.operator_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor_id varchar(255) NOT NULL,
  reason varchar(1000) NOT NULL
);

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  admin_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin');
BEGIN
  -- By role and never by a setting, which any SQL could set. By both names: who is logged in as the admin role but works as
  -- another has laid its power down, and who works as it without being logged in as it has borrowed it and can give it back.
  EXECUTE format(
    'CREATE FUNCTION tenantkit.is_super_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS %L',
    format('SELECT session_user = %L::name AND current_user = %L::name', admin_role, admin_role));
  REVOKE EXECUTE ON FUNCTION tenantkit.is_super_admin() FROM PUBLIC;

  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.get_current_tenant_id(), tenantkit.is_super_admin() TO %I, %I',
    application_role, admin_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.operator_events TO %I', admin_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (7, 'V007__host_functions.sql', 7);
