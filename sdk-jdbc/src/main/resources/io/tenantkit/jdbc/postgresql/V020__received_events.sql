-- Tenantkit on PostgreSQL: events that came in from elsewhere, and who was present. Run as V001 is.

-- Who handles an event holds it for a time; without a time it was handled.
CREATE TABLE tenantkit.received_events (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  source varchar(64) COLLATE "C" NOT NULL,
  id varchar(255) COLLATE "C" NOT NULL,
  received_at timestamptz NOT NULL,
  claim varchar(64) COLLATE "C",
  held_until timestamptz,
  PRIMARY KEY (organization_id, source, id)
) WITH (fillfactor = 70);
CREATE INDEX received_events_by_time ON tenantkit.received_events (organization_id, received_at);

-- Who was where from when to when. Settled rows are in the sums of days as they are.
CREATE TABLE tenantkit.presences (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  environment varchar(16) COLLATE "C" NOT NULL,
  place_id varchar(64) COLLATE "C" NOT NULL,
  id varchar(64) COLLATE "C" NOT NULL,
  place_name varchar(256) NOT NULL,
  subject varchar(256) NOT NULL,
  kind varchar(32) COLLATE "C" NOT NULL,
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  closing varchar(16) CHECK (closing IN ('LEFT', 'ENDED', 'MISSED')),
  seen_at timestamptz NOT NULL,
  check_at timestamptz NOT NULL,
  summed_from timestamptz,
  summed_until timestamptz,
  summed_corrected boolean NOT NULL,
  settled boolean NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (organization_id, environment, place_id, id),
  CHECK ((left_at IS NULL) = (closing IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX presences_unsettled ON tenantkit.presences (organization_id, environment, place_id, id) WHERE NOT settled;
CREATE INDEX presences_lasting ON tenantkit.presences (organization_id, check_at) WHERE left_at IS NULL;
CREATE INDEX presences_settled ON tenantkit.presences (organization_id, left_at) WHERE settled;

-- The sums of days, in UTC; the day is counted from 1970-01-01.
CREATE TABLE tenantkit.presence_days (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  environment varchar(16) COLLATE "C" NOT NULL,
  epoch_day integer NOT NULL,
  kind varchar(32) COLLATE "C" NOT NULL,
  presences bigint NOT NULL,
  millis bigint NOT NULL,
  minutes bigint NOT NULL,
  corrected bigint NOT NULL,
  PRIMARY KEY (organization_id, environment, epoch_day, kind)
) WITH (fillfactor = 70);

-- Entry of the closed list: due work walks the organizations that have somebody to look for, presences to sum or to forget, or events
-- to forget. Ids only; the rows are then read one organization at a time.
CREATE FUNCTION tenantkit.organizations_with_due_presences(
  check_by timestamptz, forget_before timestamptz, received_before timestamptz, after_id varchar, page_limit integer)
RETURNS TABLE (organization_id varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  RETURN QUERY
    SELECT o.id
      FROM tenantkit.organizations o
     WHERE o.id > after_id
       AND (EXISTS (SELECT FROM tenantkit.presences p
                     WHERE p.organization_id = o.id AND NOT p.settled AND (p.left_at IS NOT NULL OR p.check_at <= check_by))
            OR EXISTS (SELECT FROM tenantkit.presences p
                        WHERE p.organization_id = o.id AND p.settled AND p.left_at < forget_before)
            OR EXISTS (SELECT FROM tenantkit.received_events e
                        WHERE e.organization_id = o.id AND e.received_at < received_before))
     ORDER BY o.id
     LIMIT page_limit;
END
$function$;
REVOKE EXECUTE ON FUNCTION tenantkit.organizations_with_due_presences(timestamptz, timestamptz, timestamptz, varchar, integer)
  FROM PUBLIC;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['received_events', 'presences', 'presence_days'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.%I TO %I', tenant_table, application_role);
  END LOOP;
  FOREACH tenant_table IN ARRAY ARRAY['received_events', 'presences'] LOOP
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR SELECT TO %I USING (true)', tenant_table, lookup_role);
  END LOOP;

  EXECUTE format(
    'GRANT EXECUTE ON FUNCTION tenantkit.organizations_with_due_presences(timestamptz, timestamptz, timestamptz, varchar, integer) TO %I',
    application_role);
  EXECUTE format('GRANT SELECT (organization_id, received_at) ON tenantkit.received_events TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (organization_id, left_at, check_at, settled) ON tenantkit.presences TO %I', lookup_role);
  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  EXECUTE format(
    'ALTER FUNCTION tenantkit.organizations_with_due_presences(timestamptz, timestamptz, timestamptz, varchar, integer) OWNER TO %I',
    lookup_role);
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (20, 'V020__received_events.sql', 20);
