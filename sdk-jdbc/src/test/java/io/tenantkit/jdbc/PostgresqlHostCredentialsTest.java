package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Behind row level security, as a host's table should be. */
final class PostgresqlHostCredentialsTest extends HostCredentials {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void start() {
    database = Cluster.migrated();
    String owner = '"' + database.roles().owner() + '"';
    String application = '"' + database.roles().application() + '"';
    database.asDba(
        """
        CREATE TABLE integrations (
          id integer PRIMARY KEY, organization_id varchar(255) COLLATE "C" NOT NULL, provider varchar(64) NOT NULL,
          key_id text, key_secret text, credentials_migrated boolean NOT NULL);
        ALTER TABLE integrations OWNER TO {owner};
        ALTER TABLE integrations ENABLE ROW LEVEL SECURITY;
        ALTER TABLE integrations FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON integrations TO {app}
          USING (organization_id = (SELECT tenantkit.get_current_tenant_id()))
          WITH CHECK (organization_id = (SELECT tenantkit.get_current_tenant_id()));
        GRANT SELECT, UPDATE ON integrations TO {app};
        """
            .replace("{owner}", owner)
            .replace("{app}", application));
    app = database.app(4);
    admin = database.admin(1);
  }

  @AfterAll
  static void stop() {
    app.close();
    admin.close();
  }

  @Override
  JdbcStorage open() throws SQLException {
    database.clear();
    sql("TRUNCATE integrations");
    return JdbcStorage.postgresql(app).admin(admin).open();
  }

  @Override
  void sql(String sql) throws SQLException {
    run(DriverManager.getConnection(Cluster.url(database.name()), "postgres", "postgres"), sql);
  }

  @Override
  void grant(String table) throws SQLException {
    sql("GRANT SELECT, UPDATE ON " + table + " TO \"" + database.roles().application() + '"');
  }

  @Override
  List<@Nullable String> ask(String sql) throws SQLException {
    return texts(
        DriverManager.getConnection(Cluster.url(database.name()), "postgres", "postgres"), sql);
  }
}
