-- Verifies the audit chains in plain SQL: one row for each organization whose chain does not hold, with the first number at which
-- it does not; no row when all hold. It has no key: see the one for PostgreSQL for what it cannot tell.
WITH anchors AS (
  SELECT DISTINCT ON (c.organization_id) c.organization_id, c.seq, c.hash
    FROM tenantkit.audit_checkpoints c
   WHERE c.kind = 'ANCHOR'
   ORDER BY c.organization_id, c.seq DESC),
audit_rows AS (
  SELECT e.*, coalesce(a.seq, 0) AS start_seq,
         coalesce(a.hash, HASH('SHA-256', STRINGTOUTF8('tenantkit/audit/v1/' || e.organization_id))) AS start_hash,
         lag(e.seq) OVER chain AS previous_seq, lag(e.hash) OVER chain AS previous_hash
    FROM tenantkit.audit_events e
    LEFT JOIN anchors a ON a.organization_id = e.organization_id
   WHERE e.seq > 0
  WINDOW chain AS (PARTITION BY e.organization_id ORDER BY e.seq, e.id)),
judged AS (
  SELECT r.organization_id, r.seq,
         CASE
           WHEN r.seq <> coalesce(r.previous_seq, r.start_seq) + 1
             THEN CASE WHEN r.seq <= coalesce(r.previous_seq, r.start_seq) THEN 'one too many' ELSE 'missing before' END
           WHEN r.hash IS DISTINCT FROM HASH('SHA-256', coalesce(r.previous_hash, r.start_hash) || STRINGTOUTF8(concat(
                  r.seq, ':', CAST(extract(epoch FROM r.occurred_at) * 1000000 AS bigint), ':',
                  octet_length(STRINGTOUTF8(r.organization_id)), ':', r.organization_id,
                  octet_length(STRINGTOUTF8(r.id)), ':', r.id,
                  octet_length(STRINGTOUTF8(r.actor_kind)), ':', r.actor_kind,
                  octet_length(STRINGTOUTF8(r.actor_id)), ':', r.actor_id,
                  octet_length(STRINGTOUTF8(r.action)), ':', r.action,
                  octet_length(STRINGTOUTF8(r.target_type)), ':', r.target_type,
                  octet_length(STRINGTOUTF8(r.target_id)), ':', r.target_id,
                  octet_length(STRINGTOUTF8(r.details)), ':', r.details)))
             THEN 'altered or moved'
         END AS problem
    FROM audit_rows r
  UNION ALL
  SELECT h.organization_id, h.seq + 1, 'the head does not follow from the events'
    FROM tenantkit.audit_heads h
    LEFT JOIN anchors a ON a.organization_id = h.organization_id
    LEFT JOIN tenantkit.audit_events e
      ON e.organization_id = h.organization_id
     AND e.seq = (SELECT max(m.seq) FROM tenantkit.audit_events m WHERE m.organization_id = h.organization_id AND m.seq > 0)
   WHERE h.seq <> coalesce(e.seq, a.seq, 0) OR h.hash <> coalesce(e.hash, a.hash)
  UNION ALL
  SELECT o.organization_id, o.seq + 1, 'events without a head'
    FROM (SELECT e.organization_id, max(e.seq) AS seq FROM tenantkit.audit_events e
           WHERE e.seq > 0 GROUP BY e.organization_id) o
   WHERE NOT EXISTS (SELECT 1 FROM tenantkit.audit_heads h WHERE h.organization_id = o.organization_id)
  UNION ALL
  SELECT c.organization_id, c.seq, 'not what a checkpoint tells of'
    FROM tenantkit.audit_checkpoints c
    LEFT JOIN anchors a ON a.organization_id = c.organization_id
    LEFT JOIN tenantkit.audit_events e ON e.organization_id = c.organization_id AND e.seq = c.seq
   WHERE c.seq > coalesce(a.seq, 0) AND c.hash IS DISTINCT FROM e.hash)
SELECT DISTINCT ON (j.organization_id) j.organization_id, j.seq, j.problem
  FROM judged j
 WHERE j.problem IS NOT NULL
 ORDER BY j.organization_id, j.seq, j.problem
