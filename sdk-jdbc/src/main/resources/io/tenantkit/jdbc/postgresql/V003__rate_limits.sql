-- Tenantkit on PostgreSQL: shared and leased limits, credits. Run as V001 is.
--
-- A limit's row holds the theoretical arrival time (TAT) of the generic cell rate algorithm, in parts of 1/requests nanosecond since
-- 1970: in these, the time in which one request comes back is exactly window_nanos. io.tenantkit.spi.Bucket says what is counted and
-- proves that it never over-admits; these functions are the same arithmetic, by the database's clock.

CREATE TABLE tenantkit.rate_limits (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  -- A key's family, or empty for what all keys of the organization share.
  subject varchar(64) COLLATE "C" NOT NULL,
  name varchar(64) COLLATE "C" NOT NULL,
  requests bigint NOT NULL,
  window_nanos bigint NOT NULL,
  burst bigint NOT NULL,
  tat numeric NOT NULL,
  -- Requests of leases that have not been ended.
  outstanding bigint NOT NULL,
  PRIMARY KEY (organization_id, subject, name)
)
-- Rows are updated in place all the time: room for it, and no index on what changes.
WITH (fillfactor = 50);

CREATE TABLE tenantkit.rate_limit_leases (
  organization_id varchar(255) COLLATE "C" NOT NULL,
  subject varchar(64) COLLATE "C" NOT NULL,
  name varchar(64) COLLATE "C" NOT NULL,
  node varchar(64) COLLATE "C" NOT NULL,
  lease_number bigint NOT NULL,
  requests bigint NOT NULL,
  -- In nanoseconds since 1970.
  expires numeric NOT NULL,
  PRIMARY KEY (organization_id, subject, name, node, lease_number),
  FOREIGN KEY (organization_id, subject, name) REFERENCES tenantkit.rate_limits (organization_id, subject, name) ON DELETE CASCADE
);

CREATE TABLE tenantkit.credits (
  organization_id varchar(255) COLLATE "C" NOT NULL REFERENCES tenantkit.organizations (id),
  subject varchar(64) COLLATE "C" NOT NULL,
  -- The budget that remaining was counted of.
  budget bigint NOT NULL,
  -- Below 0 after the budget was made less than what had been spent: a debt that is forgotten could be spent again.
  remaining bigint NOT NULL,
  -- In nanoseconds since 1970.
  refilled bigint NOT NULL,
  PRIMARY KEY (organization_id, subject)
)
WITH (fillfactor = 50);

-- Up to where the clean-up has come. No tenant's row.
CREATE TABLE tenantkit.limit_cleaning (
  only_row boolean DEFAULT true NOT NULL PRIMARY KEY CHECK (only_row),
  last_organization varchar(255) COLLATE "C" NOT NULL,
  last_subject varchar(64) COLLATE "C" NOT NULL,
  last_name varchar(64) COLLATE "C" NOT NULL
);

-- Entry "shared limits" of the closed list. Every statement names the organization, which must exist; the caller sorts the limits by
-- subject and name, so that calls lock rows in one order. Takes the cost of all limits and of the credits, or nothing; then leases
-- slices. One answer for each limit, in their order, and one of place 0 for the credits.
CREATE FUNCTION tenantkit.take_limits(
  tenant varchar, holder varchar, number bigint, lease_nanos bigint,
  subjects varchar[], names varchar[], rates bigint[], windows bigint[], bursts bigint[], costs bigint[], slices bigint[],
  spender varchar, budget_now bigint, refill bigint, refill_nanos bigint, spends bigint)
RETURNS TABLE (place integer, admitted boolean, remaining bigint, retry_after bigint, reset_after bigint, leased bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  nanos bigint := CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) * 1000;
  rate bigint;
  period bigint;
  most bigint;
  cost bigint;
  here numeric;
  room numeric;
  booked numeric;
  tats numeric[] := '{}';
  -- The row's own, for a call that has other numbers and takes nothing.
  kept numeric[] := '{}';
  changed boolean[] := '{}';
  ahead bigint[] := '{}';
  fits boolean[] := '{}';
  waits bigint[] := '{}';
  every boolean := true;
  lease record;
  held record;
  purse record;
  steps numeric;
  granted bigint;
  nodes bigint;
BEGIN
  -- Whoever may call this may not give back by it: less than nothing would be taken.
  IF (0 <= ALL (costs) AND 0 <= ALL (slices) AND 0 < ALL (rates) AND 0 < ALL (windows) AND 0 < ALL (bursts)
      AND 0 <= COALESCE(spends, 0) AND 0 <= COALESCE(budget_now, 0) AND 0 < COALESCE(refill, 1)
      AND 0 < COALESCE(refill_nanos, 1) AND 0 <= lease_nanos
      AND (budget_now IS NULL) = (spends IS NULL) AND (refill IS NULL) = (refill_nanos IS NULL)) IS NOT TRUE THEN
    RAISE numeric_value_out_of_range USING MESSAGE = 'a limit is taken by counts of 0 or more';
  END IF;
  -- A wait for a row ends soon, whatever holds it.
  PERFORM set_config('lock_timeout', '500ms', true);
  IF budget_now IS NULL THEN
    -- Limits need no flush to disk: what a crash of the server loses is a moment of counting. Credits do.
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;

  FOR i IN 1 .. COALESCE(array_length(names, 1), 0) LOOP
    rate := rates[i]; period := windows[i]; most := bursts[i]; cost := costs[i];
    here := nanos::numeric * rate;
    room := here + most::numeric * period + CASE WHEN period >= 1000 * rate THEN 1000 * rate - 1 ELSE 0 END;
    LOOP
      SELECT l.requests, l.window_nanos, l.burst, l.tat, l.outstanding INTO held
        FROM tenantkit.rate_limits l
       WHERE l.organization_id = tenant AND l.subject = subjects[i] AND l.name = names[i]
         FOR UPDATE;
      EXIT WHEN FOUND;
      INSERT INTO tenantkit.rate_limits AS l (organization_id, subject, name, requests, window_nanos, burst, tat, outstanding)
      VALUES (tenant, subjects[i], names[i], rate, period, most, here, 0)
      ON CONFLICT DO NOTHING;
    END LOOP;
    IF held.outstanding > 0 THEN
      -- Leases that nobody ended count as used when they expired.
      FOR lease IN
        WITH gone AS (
          DELETE FROM tenantkit.rate_limit_leases e
           WHERE e.organization_id = tenant AND e.subject = subjects[i] AND e.name = names[i] AND e.expires <= nanos
          RETURNING e.expires, e.requests)
        SELECT g.expires, g.requests FROM gone g ORDER BY g.expires
      LOOP
        held.tat := GREATEST(lease.expires * held.requests + held.outstanding::numeric * held.window_nanos, held.tat);
        held.outstanding := held.outstanding - lease.requests;
      END LOOP;
    END IF;
    kept[i] := held.tat;
    changed[i] := held.requests <> rate OR held.window_nanos <> period OR held.burst <> most;
    IF changed[i] THEN
      -- As many requests as were booked, by the new numbers.
      held.tat := here + ceil(GREATEST(0, held.tat - nanos::numeric * held.requests) * period / held.window_nanos);
    END IF;
    booked := GREATEST(here + LEAST(held.outstanding, most)::numeric * period, held.tat);
    fits[i] := cost = 0 OR booked + cost::numeric * period <= room;
    IF changed[i] THEN
      booked := LEAST(booked, room);
    END IF;
    waits[i] := CASE WHEN fits[i] THEN 0 WHEN cost > most THEN -1
                     ELSE div(booked + cost::numeric * period - room + rate - 1, rate) END;
    tats[i] := booked;
    ahead[i] := held.outstanding;
    every := every AND fits[i];
  END LOOP;

  IF budget_now IS NOT NULL THEN
    LOOP
      SELECT c.budget, c.remaining, c.refilled INTO purse
        FROM tenantkit.credits c
       WHERE c.organization_id = tenant AND c.subject = spender
         FOR UPDATE;
      EXIT WHEN FOUND;
      INSERT INTO tenantkit.credits AS c (organization_id, subject, budget, remaining, refilled)
      VALUES (tenant, spender, budget_now, budget_now, nanos)
      ON CONFLICT DO NOTHING;
    END LOOP;
    -- A changed budget adds or takes the difference, then steps are added.
    purse.remaining := LEAST(budget_now, purse.remaining + budget_now - purse.budget);
    IF refill IS NOT NULL THEN
      steps := GREATEST(0, (nanos - purse.refilled) / refill_nanos);
      purse.remaining := LEAST(budget_now, purse.remaining + steps * refill);
      purse.refilled := purse.refilled + steps * refill_nanos;
    END IF;
    every := every AND (spends = 0 OR purse.remaining >= spends);
  END IF;

  FOR i IN 1 .. COALESCE(array_length(names, 1), 0) LOOP
    rate := rates[i]; period := windows[i]; most := bursts[i]; cost := costs[i];
    here := nanos::numeric * rate;
    room := here + most::numeric * period + CASE WHEN period >= 1000 * rate THEN 1000 * rate - 1 ELSE 0 END;
    booked := tats[i];
    granted := 0;
    IF every THEN
      booked := booked + cost::numeric * period;
      IF slices[i] > 0 THEN
        SELECT 1 + count(DISTINCT e.node) INTO nodes
          FROM tenantkit.rate_limit_leases e
         WHERE e.organization_id = tenant AND e.subject = subjects[i] AND e.name = names[i] AND e.node <> holder;
        granted := LEAST(slices[i], GREATEST(1, most / (8 * nodes)), LEAST(most, div(GREATEST(0, room - booked), period)));
        IF granted > 0 THEN
          booked := booked + granted::numeric * period;
          INSERT INTO tenantkit.rate_limit_leases (organization_id, subject, name, node, lease_number, requests, expires)
          VALUES (tenant, subjects[i], names[i], holder, number, granted, nanos + lease_nanos);
        END IF;
      END IF;
    END IF;
    IF changed[i] AND NOT (every AND (cost > 0 OR granted > 0)) THEN
      UPDATE tenantkit.rate_limits l
         SET tat = kept[i], outstanding = ahead[i]
       WHERE l.organization_id = tenant AND l.subject = subjects[i] AND l.name = names[i];
    ELSE
      UPDATE tenantkit.rate_limits l
         SET requests = rate, window_nanos = period, burst = most, tat = booked, outstanding = ahead[i] + granted
       WHERE l.organization_id = tenant AND l.subject = subjects[i] AND l.name = names[i];
    END IF;
    place := i; admitted := fits[i]; leased := granted; retry_after := waits[i];
    remaining := LEAST(most, div(GREATEST(0, room - booked), period));
    reset_after := div(booked - here + rate - 1, rate);
    RETURN NEXT;
  END LOOP;

  IF budget_now IS NOT NULL THEN
    place := 0; admitted := spends = 0 OR purse.remaining >= spends; leased := 0; retry_after := 0; reset_after := 0;
    IF every THEN
      purse.remaining := purse.remaining - spends;
    END IF;
    UPDATE tenantkit.credits c
       SET budget = budget_now, remaining = purse.remaining, refilled = purse.refilled
     WHERE c.organization_id = tenant AND c.subject = spender;
    remaining := GREATEST(0, purse.remaining);
    IF refill IS NOT NULL THEN
      reset_after := LEAST(4611686018427387903,
        CASE WHEN purse.remaining >= budget_now THEN 0
             ELSE purse.refilled + ceil((budget_now - purse.remaining)::numeric / refill) * refill_nanos - nanos END);
    END IF;
    IF NOT admitted THEN
      retry_after := CASE WHEN refill IS NULL OR spends > budget_now THEN -1
        ELSE LEAST(4611686018427387903,
          purse.refilled + ceil((spends - purse.remaining)::numeric / refill) * refill_nanos - nanos) END;
    END IF;
    RETURN NEXT;
  END IF;
END
$function$;

-- The same for one limit without a lease, which is what most shared limits are: arrays and answers as tables cost more than the row.
-- While the row has these numbers and room, one UPDATE decides; else take_limits does, in the same round trip.
CREATE FUNCTION tenantkit.take_limit(
  tenant varchar, of_subject varchar, of_name varchar, rate bigint, period bigint, most bigint, cost bigint,
  OUT admitted boolean, OUT remaining bigint, OUT retry_after bigint, OUT reset_after bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  nanos bigint := CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) * 1000;
  here numeric := nanos::numeric * rate;
  taken numeric := cost::numeric * period;
  room numeric := here + most::numeric * period + CASE WHEN period >= 1000 * rate THEN 1000 * rate - 1 ELSE 0 END;
  booked numeric;
  settings text := set_config('lock_timeout', '500ms', true) || set_config('synchronous_commit', 'off', true);
BEGIN
  UPDATE tenantkit.rate_limits l
     SET tat = GREATEST(here, l.tat) + taken
   WHERE l.organization_id = tenant AND l.subject = of_subject AND l.name = of_name
     AND l.requests = rate AND l.window_nanos = period AND l.burst = most AND l.outstanding = 0
     AND GREATEST(here, l.tat) <= room - taken
  RETURNING l.tat INTO booked;
  IF booked IS NULL THEN
    SELECT t.admitted, t.remaining, t.retry_after, t.reset_after INTO admitted, remaining, retry_after, reset_after
      FROM tenantkit.take_limits(tenant, '', 0, 0, ARRAY[of_subject], ARRAY[of_name], ARRAY[rate], ARRAY[period], ARRAY[most],
        ARRAY[cost], ARRAY[0]::bigint[], NULL, NULL, NULL, NULL, NULL) t;
    RETURN;
  END IF;
  admitted := true;
  retry_after := 0;
  remaining := LEAST(most, div(room - booked, period));
  reset_after := div(booked - here + rate - 1, rate);
END
$function$;

-- Ends leases: what was used of them counts as used now, what was not is there again. Leases that are gone are passed over. The caller
-- sorts them by organization, subject and name.
CREATE FUNCTION tenantkit.end_leases(
  holder varchar, tenants varchar[], subjects varchar[], names varchar[], numbers bigint[], unused bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp
AS $function$
DECLARE
  nanos bigint := CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) * 1000;
  held record;
  lease record;
BEGIN
  PERFORM set_config('lock_timeout', '500ms', true);
  PERFORM set_config('synchronous_commit', 'off', true);
  FOR i IN 1 .. COALESCE(array_length(names, 1), 0) LOOP
    SELECT l.requests, l.window_nanos, l.tat, l.outstanding INTO held
      FROM tenantkit.rate_limits l
     WHERE l.organization_id = tenants[i] AND l.subject = subjects[i] AND l.name = names[i]
       FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    DELETE FROM tenantkit.rate_limit_leases e
     WHERE e.organization_id = tenants[i] AND e.subject = subjects[i] AND e.name = names[i]
       AND e.node = holder AND e.lease_number = numbers[i]
    RETURNING e.requests, e.expires INTO lease;
    CONTINUE WHEN NOT FOUND;
    held.tat := GREATEST(LEAST(nanos, lease.expires) * held.requests + held.outstanding::numeric * held.window_nanos, held.tat);
    IF lease.expires > nanos THEN
      held.tat := held.tat - GREATEST(0, LEAST(COALESCE(unused[i], 0), lease.requests))::numeric * held.window_nanos;
    END IF;
    UPDATE tenantkit.rate_limits l
       SET tat = held.tat, outstanding = held.outstanding - lease.requests
     WHERE l.organization_id = tenants[i] AND l.subject = subjects[i] AND l.name = names[i];
  END LOOP;
END
$function$;

-- Clean-up: removes limits of which nothing is taken any more, at most so many; how many there were. A row that is in use is left.
-- An index on the time at which a limit is idle would cost every call that takes of it. So each run looks at the next part of the
-- limits, in the order of their key, and begins anew after the last. Of several nodes one cleans. Before a table was analyzed for the
-- first time, PostgreSQL would rather read it whole and sort.
CREATE FUNCTION tenantkit.remove_idle_limits(most integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = tenantkit, pg_temp SET enable_sort = off
AS $function$
DECLARE
  nanos bigint := CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) * 1000;
  part CONSTANT integer := 20000;
  mark tenantkit.limit_cleaning;
  until tenantkit.limit_cleaning;
  gone record;
  removed integer := 0;
BEGIN
  SELECT c.* INTO mark FROM tenantkit.limit_cleaning c FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    IF EXISTS (SELECT FROM tenantkit.limit_cleaning) THEN
      RETURN 0;
    END IF;
    INSERT INTO tenantkit.limit_cleaning AS c (last_organization, last_subject, last_name) VALUES ('', '', '')
    ON CONFLICT (only_row) DO UPDATE SET only_row = true
    RETURNING c.* INTO mark;
  END IF;
  SELECT l.organization_id, l.subject, l.name INTO until.last_organization, until.last_subject, until.last_name
    FROM tenantkit.rate_limits l
   WHERE (l.organization_id, l.subject, l.name) > (mark.last_organization, mark.last_subject, mark.last_name)
   ORDER BY l.organization_id, l.subject, l.name
  OFFSET part - 1 LIMIT 1;
  IF NOT FOUND THEN
    -- No id of an organization comes after it.
    until.last_organization := '~'; until.last_subject := ''; until.last_name := '';
  END IF;
  FOR gone IN
    SELECT l.organization_id, l.subject, l.name
      FROM tenantkit.rate_limits l
     WHERE (l.organization_id, l.subject, l.name) > (mark.last_organization, mark.last_subject, mark.last_name)
       AND (l.organization_id, l.subject, l.name) <= (until.last_organization, until.last_subject, until.last_name)
       AND l.tat <= nanos::numeric * l.requests
       -- A lease that expired is written off first; its part comes back within the time of a whole burst. Not as a join, which
       -- would read the leases of all.
       AND (SELECT true FROM tenantkit.rate_limit_leases e
             WHERE e.organization_id = l.organization_id AND e.subject = l.subject AND e.name = l.name
               AND e.expires + l.burst::numeric * l.window_nanos / l.requests > nanos
             LIMIT 1) IS NULL
     ORDER BY l.organization_id, l.subject, l.name
     LIMIT most
       FOR UPDATE OF l SKIP LOCKED
  LOOP
    DELETE FROM tenantkit.rate_limits l
     WHERE l.organization_id = gone.organization_id AND l.subject = gone.subject AND l.name = gone.name;
    removed := removed + 1;
    mark.last_organization := gone.organization_id; mark.last_subject := gone.subject; mark.last_name := gone.name;
  END LOOP;
  IF removed < most THEN
    mark := until;
    IF mark.last_organization = '~' THEN
      mark.last_organization := '';
    END IF;
  END IF;
  UPDATE tenantkit.limit_cleaning
     SET last_organization = mark.last_organization, last_subject = mark.last_subject, last_name = mark.last_name;
  RETURN removed;
END
$function$;

DO $access$
DECLARE
  application_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application');
  lookup_role name := (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'lookup');
  tenant_table name;
  signature text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['rate_limits', 'rate_limit_leases', 'credits'] LOOP
    EXECUTE format('ALTER TABLE tenantkit.%I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE tenantkit.%I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I'
        ' USING (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))'
        ' WITH CHECK (organization_id = (SELECT NULLIF(current_setting(''app.organization_id'', true), '''')))',
      tenant_table, application_role);
    EXECUTE format('CREATE POLICY lookup ON tenantkit.%I AS PERMISSIVE FOR ALL TO %I USING (true) WITH CHECK (true)',
      tenant_table, lookup_role);
    -- The application changes counts by the functions only; it may look at its own.
    EXECUTE format('GRANT SELECT ON tenantkit.%I TO %I', tenant_table, application_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.%I TO %I', tenant_table, lookup_role);
  END LOOP;
  EXECUTE format('GRANT DELETE ON tenantkit.rate_limits, tenantkit.rate_limit_leases TO %I', lookup_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON tenantkit.limit_cleaning TO %I', lookup_role);

  EXECUTE format('GRANT CREATE ON SCHEMA tenantkit TO %I', lookup_role);
  FOREACH signature IN ARRAY ARRAY[
    'tenantkit.take_limits(varchar, varchar, bigint, bigint, varchar[], varchar[], bigint[], bigint[], bigint[], bigint[], bigint[],'
      ' varchar, bigint, bigint, bigint, bigint)',
    'tenantkit.take_limit(varchar, varchar, varchar, bigint, bigint, bigint, bigint)',
    'tenantkit.end_leases(varchar, varchar[], varchar[], varchar[], bigint[], bigint[])',
    'tenantkit.remove_idle_limits(integer)'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', signature, application_role);
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', signature, lookup_role);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA tenantkit FROM %I', lookup_role);
END
$access$;

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (3, 'V003__rate_limits.sql', 3);
