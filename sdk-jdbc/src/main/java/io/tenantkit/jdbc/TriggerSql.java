package io.tenantkit.jdbc;

/** The queries of {@link SelfCheck} on triggers, and on what else the change feed stands on. */
final class TriggerSql {
  private TriggerSql() {}

  /** Were it logged, a crash that lost transactions would leave their epoch. */
  static final String EPOCH =
      """
      SELECT 'tenantkit.change_epoch is not unlogged, so a crash of the server is not noticed' AS problem,
             'ALTER TABLE tenantkit.change_epoch SET UNLOGGED' AS remedy
        FROM pg_catalog.pg_class c
       WHERE c.oid = pg_catalog.to_regclass('tenantkit.change_epoch') AND c.relpersistence <> 'u'""";

  /**
   * The triggers that the migrations make: there, switched on, and as they were made. The numbers
   * are {@code pg_trigger.tgtype}: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32
   * truncate. Its parameters are the code that is asked for, and whether the schema is newer than
   * this library and may have made them otherwise.
   */
  static final String TRIGGERS =
      """
      WITH expected (code, relation, name, moment, number, level, called, always) AS (VALUES
        ('audit.chain', 'audit_events', 'audit_chain', 'BEFORE INSERT', 7, 'ROW', 'audit_chain', false),
        ('trigger.guard', 'audit_keys', 'audit_key_added', 'BEFORE INSERT', 7, 'ROW', 'audit_key_added', false),
        ('trigger.guard', 'api_keys', 'version_kept', 'BEFORE UPDATE', 19, 'ROW', 'version_kept', true),
        ('trigger.guard', 'organizations', 'version_kept', 'BEFORE UPDATE', 19, 'ROW', 'version_kept', true),
        ('trigger.changes', 'api_keys', 'api_key_changed', 'AFTER INSERT OR UPDATE OR DELETE', 29, 'ROW',
         'api_key_changed', true),
        ('trigger.changes', 'api_keys', 'api_keys_emptied', 'AFTER TRUNCATE', 32, 'STATEMENT', 'api_key_changed', true),
        ('trigger.changes', 'organizations', 'organization_changed', 'AFTER INSERT OR UPDATE OR DELETE', 29, 'ROW',
         'organization_changed', true),
        ('trigger.changes', 'organizations', 'organizations_emptied', 'AFTER TRUNCATE', 32, 'STATEMENT',
         'organization_changed', true)),
      found AS (
        SELECT x.*, t.oid IS NULL AS missing,
               CASE WHEN x.always THEN t.tgenabled <> 'A' ELSE t.tgenabled NOT IN ('O', 'A') END AS off,
               NOT CAST(CAST(? AS text) AS boolean)
                 AND (t.tgtype <> x.number
                      OR t.tgfoid <> coalesce(pg_catalog.to_regprocedure(format('tenantkit.%I()', x.called)), 0)
                      OR t.tgqual IS NOT NULL OR pg_catalog.array_length(t.tgattr, 1) > 0 OR t.tgnargs > 0
                      OR t.tgconstraint <> 0 OR t.tgdeferrable OR t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL)
                 AS bent
          FROM expected x
          LEFT JOIN pg_catalog.pg_trigger t
            ON t.tgrelid = pg_catalog.to_regclass('tenantkit.' || x.relation) AND t.tgname = x.name AND NOT t.tgisinternal)
      SELECT format('trigger %s on tenantkit.%s is %s', f.name, f.relation,
                    CASE WHEN f.missing THEN 'missing' WHEN f.bent THEN 'not as it was made' ELSE 'switched off' END)
               || CASE f.code WHEN 'audit.chain' THEN ', so events are no links of the chain'
                              WHEN 'trigger.changes' THEN ', so other nodes do not see what changes there' ELSE '' END
               AS problem,
             CASE WHEN f.missing OR f.bent
                  THEN format('DROP TRIGGER IF EXISTS %I ON tenantkit.%I; ', f.name, f.relation)
                       || format('CREATE TRIGGER %I %s ON tenantkit.%I FOR EACH %s EXECUTE FUNCTION tenantkit.%I(); ',
                                 f.name, f.moment, f.relation, f.level, f.called)
                  ELSE '' END
               || format('ALTER TABLE tenantkit.%I ENABLE%s TRIGGER %I', f.relation,
                         CASE WHEN f.always THEN ' ALWAYS' ELSE '' END, f.name) AS remedy
        FROM found f
       WHERE f.code = CAST(? AS text) AND (f.missing OR f.off OR f.bent)""";
}
