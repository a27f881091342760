-- Tenantkit on PostgreSQL: the change feed and the usage flush. Run as V001 is.

-- What other nodes may have cached and is no longer as they know it. Written by triggers alone, so SQL by hand counts too.
CREATE TABLE tenantkit.changes (
  -- Empty where a change is nobody's.
  organization_id varchar(255) COLLATE "C" NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind varchar(32) COLLATE "C" NOT NULL,
  subject varchar(255) COLLATE "C" NOT NULL,
  -- A poller knows by it, and by its last snapshot, what it has not seen: the order of ids is not the order of commits.
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX changes_by_transaction ON tenantkit.changes (transaction_id);

-- Transactions before pruned_below had ended, and their rows could be seen, for as long as rows are kept.
CREATE TABLE tenantkit.change_horizon (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  pruned_below xid8 NOT NULL,
  candidate xid8,
  candidate_since timestamptz
);
INSERT INTO tenantkit.change_horizon (pruned_below) VALUES (pg_snapshot_xmin(pg_current_snapshot()));

-- One row for as long as what was committed stays so. A server that crashed, was restored or was promoted comes back with an
-- unlogged table empty, and may give out again the numbers of transactions that somebody has seen.
CREATE UNLOGGED TABLE tenantkit.change_epoch (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  id varchar(36) NOT NULL DEFAULT gen_random_uuid()::text
);

-- The last batch of each node, so that one whose commit was unknown is not added twice. No tenant.
CREATE TABLE tenantkit.usage_batches (
  node varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
  sequence bigint NOT NULL,
  -- The places, from 1, of what was left out because its row was held.
  left_out integer[] NOT NULL,
  written_at timestamptz NOT NULL
);

-- Definer functions, since whoever changes a row may not be allowed to write here. Nobody may call them.
CREATE FUNCTION tenantkit.api_key_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES ('', 'everything', 'api_keys');
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- Use is no change, whichever columns a later version adds.
    NEW.last_used_at := OLD.last_used_at;
    NEW.usage_count := OLD.usage_count;
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES (OLD.organization_id, 'api_key', OLD.key_hash);
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.key_hash <> OLD.key_hash THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES (NEW.organization_id, 'api_key', NEW.key_hash);
  END IF;
  RETURN NULL;
END
$function$;

CREATE FUNCTION tenantkit.organization_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES ('', 'everything', 'organizations');
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES (OLD.id, 'organization', OLD.id);
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
    INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES (NEW.id, 'organization', NEW.id);
  END IF;
  RETURN NULL;
END
$function$;

-- The library changes a row only at the version it read. SQL by hand does not know of that, so it is counted here: or what the
-- library read before would be written over a revocation by hand.
CREATE FUNCTION tenantkit.version_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  unused tenantkit.api_keys;
BEGIN
  IF NEW.version <> OLD.version THEN
    RETURN NEW;
  END IF;
  IF TG_RELID = 'tenantkit.api_keys'::regclass THEN
    unused := NEW;
    unused.last_used_at := OLD.last_used_at;
    unused.usage_count := OLD.usage_count;
    unused.first_used_at := OLD.first_used_at;
    IF unused IS DISTINCT FROM OLD THEN
      NEW.version := OLD.version + 1;
    END IF;
  ELSIF NEW IS DISTINCT FROM OLD THEN
    NEW.version := OLD.version + 1;
  END IF;
  RETURN NEW;
END
$function$;
CREATE TRIGGER version_kept BEFORE UPDATE ON tenantkit.api_keys
  FOR EACH ROW EXECUTE FUNCTION tenantkit.version_kept();
CREATE TRIGGER version_kept BEFORE UPDATE ON tenantkit.organizations
  FOR EACH ROW EXECUTE FUNCTION tenantkit.version_kept();
ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER version_kept;
ALTER TABLE tenantkit.organizations ENABLE ALWAYS TRIGGER version_kept;

-- Always: also for a session that replays another server's changes.
CREATE TRIGGER api_key_changed AFTER INSERT OR UPDATE OR DELETE ON tenantkit.api_keys
  FOR EACH ROW EXECUTE FUNCTION tenantkit.api_key_changed();
CREATE TRIGGER api_keys_emptied AFTER TRUNCATE ON tenantkit.api_keys
  FOR EACH STATEMENT EXECUTE FUNCTION tenantkit.api_key_changed();
CREATE TRIGGER organization_changed AFTER INSERT OR UPDATE OR DELETE ON tenantkit.organizations
  FOR EACH ROW EXECUTE FUNCTION tenantkit.organization_changed();
CREATE TRIGGER organizations_emptied AFTER TRUNCATE ON tenantkit.organizations
  FOR EACH STATEMENT EXECUTE FUNCTION tenantkit.organization_changed();
ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER api_key_changed;
ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER api_keys_emptied;
ALTER TABLE tenantkit.organizations ENABLE ALWAYS TRIGGER organization_changed;
ALTER TABLE tenantkit.organizations ENABLE ALWAYS TRIGGER organizations_emptied;

-- The closed list, change feed. A stable function works on the snapshot of the query that calls it, so the rows and the
-- snapshot are of one moment: what this poll does not see, the next one knows it has not seen. A snapshot is of use while history
-- only went forward, which the cursor's first part tells: the server's start and epoch (restarted, crashed, promoted or replaced,
-- transaction numbers say nothing about those before), the database and the files of its tables (made anew from a dump or a copy,
-- in the same server). Rows with numbers that this server has not given out came from another one with a dump or by replication;
-- it told of them itself. A cursor without a first part means that begin_changes is to be called.
CREATE FUNCTION tenantkit.changes_since(known_server varchar, known_snapshot varchar, most integer)
RETURNS TABLE (kind varchar, organization_id varchar, subject text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  epoch varchar;
  server varchar;
  seen pg_snapshot := CAST(known_snapshot AS pg_snapshot);
BEGIN
  -- A standby may lag behind for any time and would answer that nothing has changed.
  IF pg_is_in_recovery() THEN
    RAISE read_only_sql_transaction USING MESSAGE = 'the change feed is the primary server''s';
  END IF;
  SELECT e.id INTO epoch FROM tenantkit.change_epoch e;
  IF epoch IS NULL THEN
    RETURN QUERY SELECT 'cursor'::varchar, ''::varchar, ''::text;
    RETURN;
  END IF;
  server := concat_ws('/', extract(epoch FROM pg_postmaster_start_time()), epoch,
    (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()),
    pg_relation_filenode('tenantkit.organizations'), pg_relation_filenode('tenantkit.api_keys'),
    pg_relation_filenode('tenantkit.changes'), pg_relation_filenode('tenantkit.change_horizon'));
  RETURN QUERY SELECT 'cursor'::varchar, server, pg_current_snapshot()::text;
  IF seen IS NULL OR known_server IS DISTINCT FROM server
     OR pg_snapshot_xmin(seen) < (SELECT h.pruned_below FROM tenantkit.change_horizon h)
     -- Not even the process noticed: a machine that was set back to an earlier state, with its memory.
     OR pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot()) THEN
    RETURN QUERY SELECT 'everything'::varchar, ''::varchar, ''::text;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT c.kind, c.organization_id, c.subject::text
      FROM tenantkit.changes c
     WHERE c.transaction_id >= pg_snapshot_xmin(seen) AND NOT pg_visible_in_snapshot(c.transaction_id, seen)
       AND c.transaction_id < pg_snapshot_xmax(pg_current_snapshot())
     LIMIT most;
END
$function$;

-- The closed list, change feed: begins an epoch where there is none.
CREATE FUNCTION tenantkit.begin_changes() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
BEGIN
  INSERT INTO tenantkit.change_epoch (only_row) VALUES (true) ON CONFLICT DO NOTHING;
END
$function$;

-- The closed list, clean-up of the change feed.
CREATE FUNCTION tenantkit.prune_changes(at_time timestamptz, keep_seconds bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  keep interval := make_interval(secs => keep_seconds);
  mark tenantkit.change_horizon;
  removed bigint := 0;
  ahead xid8;
BEGIN
  SELECT h.* INTO mark FROM tenantkit.change_horizon h FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  -- What another server numbered would stand here, and have everything told, until this one has come to those numbers.
  ahead := pg_snapshot_xmax(pg_current_snapshot());
  DELETE FROM tenantkit.changes c WHERE c.transaction_id >= ahead;
  IF mark.pruned_below > ahead OR mark.candidate > ahead THEN
    mark.pruned_below := LEAST(mark.pruned_below, pg_snapshot_xmin(pg_current_snapshot()));
    mark.candidate := NULL;
    mark.candidate_since := NULL;
  END IF;
  -- Whoever has a clock far ahead must not stop the others for ever.
  IF mark.candidate_since > at_time - keep AND mark.candidate_since < at_time + keep THEN
    RETURN 0;
  END IF;
  IF mark.candidate IS NOT NULL THEN
    DELETE FROM tenantkit.changes c WHERE c.transaction_id < mark.candidate;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  UPDATE tenantkit.change_horizon
     SET pruned_below = coalesce(mark.candidate, mark.pruned_below),
         candidate = pg_snapshot_xmin(pg_current_snapshot()),
         candidate_since = at_time;
  RETURN removed;
END
$function$;

-- The closed list, usage flush. Answers the places of what was left out, the same again for a batch that was written before.
CREATE FUNCTION tenantkit.add_usage(from_node varchar, batch bigint, patient boolean, organizations varchar[], keys varchar[],
                                    counts bigint[], last_micros bigint[])
RETURNS SETOF integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  skipped integer[];
BEGIN
  IF (0 < ALL (counts)) IS NOT TRUE THEN
    RAISE numeric_value_out_of_range USING MESSAGE = 'a key is used once or more';
  END IF;
  -- Waits for a transaction that is just writing the same batch.
  INSERT INTO tenantkit.usage_batches AS b (node, sequence, left_out, written_at)
  VALUES (from_node, batch, '{}', clock_timestamp())
      ON CONFLICT (node) DO UPDATE SET sequence = EXCLUDED.sequence, left_out = '{}', written_at = EXCLUDED.written_at
   WHERE b.sequence < EXCLUDED.sequence;
  IF NOT FOUND THEN
    RETURN QUERY SELECT unnest(b.left_out) FROM tenantkit.usage_batches b WHERE b.node = from_node;
    RETURN;
  END IF;
  IF batch = 1 THEN
    DELETE FROM tenantkit.usage_batches b WHERE b.written_at < clock_timestamp() - interval '30 days';
  END IF;
  IF patient THEN
    PERFORM set_config('lock_timeout', '5s', true);
    PERFORM
       FROM tenantkit.api_keys k
       JOIN unnest(organizations, keys) g (organization_id, id) ON g.organization_id = k.organization_id AND g.id = k.id
      ORDER BY k.organization_id, k.id
        FOR NO KEY UPDATE OF k;
  END IF;
  WITH given AS (
    SELECT g.organization_id, g.id, g.uses,
           -- A node's clock may be ahead, and what was written here never goes back.
           least(timestamptz 'epoch' + g.micros * interval '1 microsecond', clock_timestamp()) AS last_at, g.place
      FROM unnest(organizations, keys, counts, last_micros) WITH ORDINALITY g (organization_id, id, uses, micros, place)),
  free AS MATERIALIZED (
    SELECT k.organization_id, k.id
      FROM tenantkit.api_keys k
      JOIN given g ON g.organization_id = k.organization_id AND g.id = k.id
       FOR NO KEY UPDATE OF k SKIP LOCKED),
  done AS (
    UPDATE tenantkit.api_keys k
       SET last_used_at = greatest(k.last_used_at, g.last_at),
           usage_count = jsonb_set(
             CASE WHEN jsonb_typeof(k.usage_count) = 'object' THEN k.usage_count ELSE '{}' END, '{total}',
             to_jsonb(g.uses + CASE WHEN jsonb_typeof(k.usage_count -> 'total') = 'number'
                                    THEN trunc(CAST(k.usage_count ->> 'total' AS numeric)) ELSE 0 END))
      FROM free f
      JOIN given g ON g.organization_id = f.organization_id AND g.id = f.id
     WHERE k.organization_id = f.organization_id AND k.id = f.id
    RETURNING g.place)
  SELECT coalesce(array_agg(CAST(g.place AS integer)), '{}') INTO skipped
    FROM given g
    JOIN tenantkit.api_keys k ON k.organization_id = g.organization_id AND k.id = g.id
   WHERE g.place NOT IN (SELECT d.place FROM done d);
  UPDATE tenantkit.usage_batches b SET left_out = skipped WHERE b.node = from_node AND cardinality(skipped) > 0;
  RETURN QUERY SELECT unnest(skipped);
END
$function$;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  signature text;
BEGIN
  ALTER TABLE tenantkit.changes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE tenantkit.changes FORCE ROW LEVEL SECURITY;
  -- The application has no grant on this table; the policy stands for the day that somebody gives it one.
  EXECUTE format(
    'CREATE POLICY tenant ON tenantkit.changes AS PERMISSIVE FOR ALL TO %I'
      ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
      ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
    application_role);
  EXECUTE format('CREATE POLICY lookup ON tenantkit.changes AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
    lookup_role);
  EXECUTE format('CREATE POLICY usage ON tenantkit.api_keys AS PERMISSIVE FOR UPDATE TO %I USING (true) WITH CHECK (true)',
    lookup_role);

  EXECUTE format('GRANT SELECT (organization_id, kind, subject, transaction_id), INSERT (organization_id, kind, subject), DELETE'
    ' ON tenantkit.changes TO %I', lookup_role);
  EXECUTE format('GRANT SELECT, UPDATE ON tenantkit.change_horizon TO %I', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT ON tenantkit.change_epoch TO %I', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenantkit.usage_batches TO %I', lookup_role);
  EXECUTE format('GRANT SELECT (last_used_at, usage_count), UPDATE (last_used_at, usage_count) ON tenantkit.api_keys TO %I',
    lookup_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  FOREACH signature IN ARRAY ARRAY[
    'tenantkit.api_key_changed()', 'tenantkit.organization_changed()', 'tenantkit.changes_since(varchar, varchar, integer)',
    'tenantkit.begin_changes()', 'tenantkit.prune_changes(timestamptz, bigint)',
    'tenantkit.add_usage(varchar, bigint, boolean, varchar[], varchar[], bigint[], bigint[])'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    IF signature NOT LIKE '%changed()' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', signature, application_role);
    END IF;
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', signature, lookup_role);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (4, 'V004__changes_and_usage.sql', 4);
