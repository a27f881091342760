package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import java.util.List;

/** A database that is broken on purpose, and what the start says to it. */
final class BrokenSchema {
  private final Cluster.Database database = Cluster.migrated();
  private final DatabaseRoles roles = database.roles();

  /** With roles, which are the whole server's, and a schema that the host may have beside ours. */
  BrokenSchema() {
    assertThat(findings()).as("as migrated, it starts").isEmpty();
    for (String role : List.of("harmless", "middle", "mighty SUPERUSER")) {
      database.asDba(
          "DO $$ BEGIN CREATE ROLE "
              + role
              + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }
    database.asDba(
        named(
            "CREATE SCHEMA host; GRANT USAGE ON SCHEMA host TO PUBLIC;"
                + " GRANT USAGE, CREATE ON SCHEMA host TO {owner}"));
  }

  Cluster.Database database() {
    return database;
  }

  /** What refuses the start; empty when it starts. */
  List<DatabaseUnsafeException.Finding> findings() {
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      JdbcStorage.postgresql(app).admin(admin).open().close();
      return List.of();
    } catch (DatabaseUnsafeException e) {
      return e.findings();
    }
  }

  /** Breaks it, and runs the SQL that each finding names until there is none. */
  void isRefusedAndMended(String code, String breakage) {
    database.asDba(named(breakage));

    List<DatabaseUnsafeException.Finding> first = findings();

    assertThat(first).extracting(DatabaseUnsafeException.Finding::code).contains(code);
    List<DatabaseUnsafeException.Finding> left = first;
    // Dropping a bent policy shows that one is missing, so mending may take another round.
    for (int round = 0; round < 3 && !left.isEmpty(); round++) {
      left.forEach(finding -> database.asDba(finding.remedy()));
      left = findings();
    }
    assertThat(left).isEmpty();
    whatTheHostHasBesideUsGoes();
  }

  void whatTheHostHasBesideUsGoes() {
    database.asDba(
        named(
            "DROP TABLE IF EXISTS tenantkit.extra_1; DROP VIEW IF EXISTS tenantkit.extra_2, host.keys, host.b, host.a;"
                + " DROP FUNCTION IF EXISTS host.audit_chain();"
                + " REVOKE harmless, middle, mighty FROM {app}; REVOKE {owner}, harmless FROM middle;"
                + " REVOKE mighty FROM harmless; REVOKE ALL ON ALL TABLES IN SCHEMA tenantkit FROM harmless;"
                + " REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenantkit FROM harmless; REVOKE ALL ON SCHEMA tenantkit FROM harmless"));
    assertThat(findings()).isEmpty();
  }

  /** With this database's names for the roles. */
  String named(String sql) {
    return sql.replace("{app}", quoted(roles.application()))
        .replace("{admin}", quoted(roles.admin()))
        .replace("{owner}", quoted(roles.owner()))
        .replace("{lookup}", quoted(roles.lookup()))
        .replace("{database}", quoted(database.name()));
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
