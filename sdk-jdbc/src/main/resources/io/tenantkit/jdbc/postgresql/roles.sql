-- The four roles of Tenantkit and its schema. A DBA runs this once per database, before the migrations:
--
--   psql -v owner=tenantkit_owner -v application=tenantkit_app -v admin=tenantkit_admin \
--        -v lookup=tenantkit_lookup -f roles.sql mydatabase
--
-- The names are yours to choose; those above are the defaults. Run it as a superuser, or as a role with CREATEROLE and CREATE
-- on the database; on PostgreSQL 16 and later such a role must also have ADMIN OPTION on those of the four roles that exist
-- already, as it has on the roles that it made. It may be run again. Roles that exist already are left as they are, and no password is set here:
--
--   owner        owns the tables, runs the migrations, serves no request
--   application  the pool of the running application; row level security holds it to one organization
--   admin        the pool of operators; sees all organizations by a policy of its own
--   lookup       owns the cross-tenant functions; nobody logs in as it
\set ON_ERROR_STOP on
\if :{?owner}
\else
\set owner tenantkit_owner
\endif
\if :{?application}
\else
\set application tenantkit_app
\endif
\if :{?admin}
\else
\set admin tenantkit_admin
\endif
\if :{?lookup}
\else
\set lookup tenantkit_lookup
\endif

BEGIN;

SELECT set_config('tenantkit.owner', :'owner', true),
       set_config('tenantkit.application', :'application', true),
       set_config('tenantkit.admin', :'admin', true),
       set_config('tenantkit.lookup', :'lookup', true);

DO $roles$
DECLARE
  owner_role name := current_setting('tenantkit.owner');
  application_role name := current_setting('tenantkit.application');
  admin_role name := current_setting('tenantkit.admin');
  lookup_role name := current_setting('tenantkit.lookup');
  dba name := current_user;
  dba_may_be_owner boolean;
BEGIN
  IF (SELECT count(DISTINCT n) FROM unnest(ARRAY[owner_role, application_role, admin_role, lookup_role]) n) <> 4 THEN
    RAISE EXCEPTION 'Tenantkit needs four different roles';
  END IF;

  -- NOINHERIT: the owner must be a member of lookup to hand functions over to it, but sees nothing through it.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = owner_role) THEN
    EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', owner_role);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = application_role) THEN
    EXECUTE format('CREATE ROLE %I LOGIN', application_role);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = admin_role) THEN
    EXECUTE format('CREATE ROLE %I LOGIN', admin_role);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = lookup_role) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', lookup_role);
  END IF;
  IF NOT pg_catalog.pg_has_role(owner_role, lookup_role, 'MEMBER') THEN
    EXECUTE format('GRANT %I TO %I', lookup_role, owner_role);
  END IF;

  -- Only a superuser or a member may make things that the owner then owns. What is granted for that is taken back below; a
  -- membership that the DBA had before stays.
  dba_may_be_owner := pg_catalog.pg_has_role(dba, owner_role,
    CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END);
  IF NOT dba_may_be_owner THEN
    EXECUTE format('GRANT %I TO %I', owner_role, dba);
  END IF;
  IF to_regnamespace('tenantkit') IS NULL THEN
    EXECUTE format('CREATE SCHEMA tenantkit AUTHORIZATION %I', owner_role);
  END IF;
  EXECUTE format('SET LOCAL ROLE %I', owner_role);
  IF to_regclass('tenantkit.role_names') IS NULL THEN
    -- The migrations read the names here, so that they run as they are under any migration tool.
    CREATE TABLE tenantkit.role_names (
      kind varchar(16) NOT NULL PRIMARY KEY CHECK (kind IN ('owner', 'application', 'admin', 'lookup')),
      role_name name NOT NULL UNIQUE
    );
    INSERT INTO tenantkit.role_names (kind, role_name)
    VALUES ('owner', owner_role), ('application', application_role), ('admin', admin_role), ('lookup', lookup_role);
  ELSIF (SELECT count(*) FROM tenantkit.role_names r
          WHERE (r.kind, r.role_name) IN (VALUES ('owner', owner_role), ('application', application_role),
                                                 ('admin', admin_role), ('lookup', lookup_role))) <> 4 THEN
    RAISE EXCEPTION 'this database has Tenantkit roles of other names, see tenantkit.role_names';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA tenantkit TO %I, %I, %I', application_role, admin_role, lookup_role);
  EXECUTE format('GRANT SELECT ON tenantkit.role_names TO %I, %I', application_role, admin_role);
  EXECUTE format('SET LOCAL ROLE %I', dba);
  IF NOT dba_may_be_owner THEN
    EXECUTE format('REVOKE %I FROM %I', owner_role, dba);
  END IF;
END
$roles$;

COMMIT;
