-- Tenantkit on PostgreSQL: what keys and organizations carry. Run as V001 is.

ALTER TABLE tenantkit.organizations
  ADD COLUMN plan varchar(64) NOT NULL DEFAULT 'free' CHECK (plan ~ '^[a-z0-9_-]+$'),
  ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  ADD COLUMN rate_limit jsonb,
  ADD COLUMN key_policy jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(key_policy) = 'object');

ALTER TABLE tenantkit.api_keys
  ADD COLUMN credits jsonb,
  ADD COLUMN allowed_addresses jsonb CHECK (jsonb_typeof(allowed_addresses) = 'array'),
  ADD COLUMN idempotency_id varchar(255) COLLATE "C",
  ADD COLUMN idempotency_request varchar(64) COLLATE "C",
  ADD COLUMN first_used_at timestamptz,
  ADD CHECK ((idempotency_id IS NULL) = (idempotency_request IS NULL));

-- Partial, so that it is of no use to find a key by its id: while the table is empty the planner likes it as well as the primary
-- key, and the plan is kept.
CREATE UNIQUE INDEX api_keys_idempotency ON tenantkit.api_keys (organization_id, idempotency_id) WHERE idempotency_id IS NOT NULL;

-- Entry 1 of the closed list as of this version. The one of V001 stays for nodes that have not been upgraded yet.
CREATE FUNCTION tenantkit.presented_key(presented varchar)
RETURNS TABLE (
  id varchar, organization_id varchar, name varchar, description text, key_prefix varchar, mode varchar, scopes jsonb,
  rate_limit jsonb, credits jsonb, allowed_addresses jsonb, enabled boolean, created_by varchar, created_at timestamptz,
  updated_at timestamptz, expires_at timestamptz, revoked_at timestamptz, revoked_reason varchar, family_id varchar,
  successor_id varchar, version bigint, awaits_first_use boolean, organization_status varchar, organization_rate_limit jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  -- A standby may lag behind for any time and would answer for a key that was revoked since.
  IF pg_is_in_recovery() THEN
    RAISE read_only_sql_transaction USING MESSAGE = 'keys are looked up on the primary server';
  END IF;
  RETURN QUERY
    SELECT k.id, k.organization_id, k.name, k.description, k.key_prefix, k.mode, k.scopes, k.rate_limit, k.credits,
           k.allowed_addresses, k.enabled, k.created_by, k.created_at, k.updated_at, k.expires_at, k.revoked_at,
           k.revoked_reason, k.family_id, k.successor_id, k.version, k.idempotency_id IS NOT NULL AND k.first_used_at IS NULL,
           o.status, o.rate_limit
      FROM tenantkit.api_keys k
      JOIN tenantkit.organizations o ON o.id = k.organization_id
     WHERE k.key_hash = presented;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.presented_key(varchar) FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION tenantkit.presented_key(varchar) TO %I', application_role);
  EXECUTE format(
    'GRANT SELECT (description, rate_limit, credits, allowed_addresses, idempotency_id, first_used_at)'
      ' ON tenantkit.api_keys TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (rate_limit) ON tenantkit.organizations TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format('ALTER FUNCTION tenantkit.presented_key(varchar) OWNER TO %I', lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (2, 'V002__keys_and_organizations.sql', 2);
