package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The DBA's script, run by a role that is no superuser. */
final class RolesTest {
  private static final DatabaseRoles ROLES =
      new DatabaseRoles("made owner", "made app", "made admin", "made lookup");

  @Test
  void roleWithCreateRoleInstallsAndKeepsOnlyWhatItHadBefore() throws Exception {
    Cluster.Database made = new Cluster.Database("made_by_a_creator", ROLES);
    Cluster.empty().asDba("CREATE DATABASE " + made.name());
    made.asDba(
        "CREATE ROLE creator LOGIN CREATEROLE; GRANT CREATE ON DATABASE made_by_a_creator TO creator");

    script(made);
    assertThat(worksAsOwner(made)).isFalse();
    migratesAndOpens(made);

    script(made);
    assertThat(worksAsOwner(made)).isFalse();

    // Since 16 the creator of a role has it already, with ADMIN but without SET.
    made.asDba(
        "GRANT \"made owner\" TO creator"
            + (major(made) >= 16 ? " WITH INHERIT FALSE, SET TRUE" : ""));
    script(made);
    assertThat(worksAsOwner(made)).isTrue();

    made.asDba(
        (major(made) >= 16
                ? "GRANT \"made owner\" TO creator WITH SET FALSE"
                : "REVOKE \"made owner\" FROM creator")
            + "; CREATE ROLE team; GRANT \"made owner\" TO team; GRANT team TO creator");
    script(made);
    assertThat(worksAsOwner(made)).isTrue();
    migratesAndOpens(made);
  }

  private static int major(Cluster.Database database) throws SQLException {
    try (Connection dba = database.dba()) {
      return dba.getMetaData().getDatabaseMajorVersion();
    }
  }

  private static void script(Cluster.Database database) throws SQLException {
    try (Connection connection = database.connect("creator");
        Statement statement = connection.createStatement()) {
      statement.execute(ROLES.script());
    }
  }

  private static boolean worksAsOwner(Cluster.Database database) throws SQLException {
    try (Connection connection = database.connect("creator");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT pg_has_role('creator', 'made owner', CASE WHEN"
                    + " current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)")) {
      found.next();
      return found.getBoolean(1);
    }
  }

  private static void migratesAndOpens(Cluster.Database database) {
    try (HikariDataSource owner = database.pool(ROLES.owner(), 1);
        HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      SchemaMigrator.postgresql(owner).migrate();
      JdbcStorage.postgresql(app).admin(admin).open().close();
    }
  }
}
