package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.jdbc.DatabaseUnsafeException.Finding;
import io.tenantkit.tenant.OrganizationId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A host's schema that is as it should be, broken on purpose: the kit names it, the SQL that it
 * gives is run, and all is well again.
 */
final class RowLevelSecurityKitTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");

  private Cluster.Database database;
  private HikariDataSource app;
  private RowLevelSecurityKit kit;

  @BeforeEach
  void open() {
    database = Cluster.migrated();
    run(
        """
        CREATE SCHEMA shop AUTHORIZATION {owner};
        GRANT USAGE ON SCHEMA shop TO PUBLIC;
        SET ROLE {owner};
        CREATE TABLE shop.customers (organization_id text NOT NULL, id uuid NOT NULL, name text,
          PRIMARY KEY (organization_id, id));
        CREATE TABLE shop."Order" (organization_id text NOT NULL, id uuid NOT NULL, customer_id uuid NOT NULL,
          number text NOT NULL, PRIMARY KEY (organization_id, id), UNIQUE (organization_id, number),
          FOREIGN KEY (organization_id, customer_id) REFERENCES shop.customers (organization_id, id));
        CREATE TABLE shop.currencies (code text PRIMARY KEY);
        CREATE VIEW shop.plain AS SELECT code FROM shop.currencies;
        """);
    for (String table : List.of("shop.customers", "shop.\"Order\"")) {
      run(
          """
          SET ROLE {owner};
          ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
          ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
          CREATE POLICY tenant ON {table} TO {app}
            USING (organization_id = (SELECT tenantkit.get_current_tenant_id()))
            WITH CHECK (organization_id = (SELECT tenantkit.get_current_tenant_id()));
          GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app};
          GRANT SELECT ON shop.currencies, shop.plain TO {app};
          """
              .replace("{table}", table));
    }
    app = database.app(1);
    kit =
        RowLevelSecurityKit.over(app)
            .sample("shop.customers", (c, id) -> customer(c, id))
            .sample(
                "shop.\"Order\"",
                (c, id) ->
                    insert(
                        c,
                        "INSERT INTO shop.\"Order\" VALUES (?, CAST(? AS uuid), CAST(? AS uuid), 'n"
                            + " 1')",
                        id.value(),
                        UUID.randomUUID().toString(),
                        customer(c, id)));
  }

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void schemaAsItShouldBeHasNoFindings() throws Exception {
    assertThat(kit.check()).isEmpty();
    assertThat(kit.attack(ACME, GLOBEX)).isEmpty();
    // Nothing is left of the tries.
    try (Connection dba = database.dba();
        var statement = dba.createStatement();
        var found = statement.executeQuery("SELECT count(*) FROM shop.customers")) {
      found.next();
      assertThat(found.getInt(1)).isZero();
    }
    try (Connection connection = app.getConnection()) {
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "table.rls      | ALTER TABLE shop.customers DISABLE ROW LEVEL SECURITY",
        "table.force    | ALTER TABLE shop.customers NO FORCE ROW LEVEL SECURITY",
        "policy.missing | DROP POLICY tenant ON shop.\"Order\"",
        "policy.open    | CREATE POLICY more ON shop.customers USING (true)",
        "policy.open    | CREATE POLICY more ON shop.customers FOR INSERT WITH CHECK (true)",
        "policy.open    | ALTER POLICY tenant ON shop.customers WITH CHECK (true)",
        "policy.open    | ALTER POLICY tenant ON shop.customers USING (tenantkit.is_super_admin()"
            + " OR organization_id = tenantkit.get_current_tenant_id())",
        "policy.open    | ALTER POLICY tenant ON shop.customers USING (organization_id ="
            + " current_setting('app.organization_id', true))",
        "policy.open    | ALTER POLICY tenant ON shop.customers USING (name = (SELECT"
            + " tenantkit.get_current_tenant_id()))",
        "policy.check   | DROP POLICY tenant ON shop.customers; CREATE POLICY tenant ON"
            + " shop.customers USING (organization_id = (SELECT"
            + " tenantkit.get_current_tenant_id()))",
        "index.missing  | CREATE TABLE shop.logs (line text, organization_id text NOT NULL); CREATE"
            + " INDEX ON shop.logs (line, organization_id)",
        "key.unique     | ALTER TABLE shop.\"Order\" ADD CONSTRAINT number_alone UNIQUE (number)",
        "key.unique     | CREATE UNIQUE INDEX lower_name ON shop.customers (lower(name)) WHERE name"
            + " <> ''",
        "key.foreign    | ALTER TABLE shop.customers ADD UNIQUE (id); ALTER TABLE shop.\"Order\""
            + " ADD FOREIGN KEY (customer_id) REFERENCES shop.customers (id)",
        "view.definer   | CREATE VIEW shop.names AS SELECT name FROM shop.customers; GRANT SELECT"
            + " ON shop.names TO {app}",
        "role.owner     | ALTER TABLE shop.customers OWNER TO {app}",
        "role.owner     | RESET ROLE; GRANT {owner} TO {app}",
        "role.attribute | RESET ROLE; ALTER ROLE {app} BYPASSRLS",
        "role.setting   | RESET ROLE; ALTER ROLE {app} SET app.organization_id = 'acme'",
        "grant.table    | GRANT TRUNCATE ON shop.customers TO PUBLIC",
      })
  void breakIsCaughtAndMended(String code, String breaking) {
    run((code.equals("role.owner") ? "RESET ROLE;" : "SET ROLE {owner};") + breaking);
    app.getHikariPoolMXBean().softEvictConnections();
    List<Finding> findings = kit.check();
    assertThat(findings).extracting(Finding::code).contains(code);

    for (int round = 0; round < 3 && !findings.isEmpty(); round++) {
      findings.forEach(each -> run(each.remedy()));
      app.getHikariPoolMXBean().softEvictConnections();
      findings = kit.check();
    }
    assertThat(findings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "try.read,try.update,try.delete,try.unset,try.insert,try.move | ALTER TABLE shop.customers"
            + " DISABLE ROW LEVEL SECURITY",
        "try.read,try.unset | CREATE POLICY more ON shop.customers FOR SELECT USING (true)",
        "try.insert | CREATE POLICY more ON shop.customers FOR INSERT WITH CHECK (true)",
        "try.insert | ALTER POLICY tenant ON shop.customers WITH CHECK (true)",
        "try.read,try.delete,try.unset | ALTER POLICY tenant ON shop.customers USING (true)",
        "try.sample | CREATE TABLE shop.forgotten (organization_id text)",
      })
  void attackThatSucceedsIsNamed(String codes, String breaking) {
    run("SET ROLE {owner};" + breaking);
    assertThat(kit.attack(ACME, GLOBEX))
        .extracting(Finding::code)
        .containsAll(Pattern.compile(",").splitAsStream(codes.strip()).toList());
  }

  @Test
  void otherColumnSchemaAndAcceptedKey() {
    run(
        """
        CREATE SCHEMA other AUTHORIZATION {owner};
        SET ROLE {owner};
        CREATE TABLE other.links ("Tenant" uuid NOT NULL, token text CONSTRAINT token_alone UNIQUE);
        """);
    RowLevelSecurityKit others = RowLevelSecurityKit.over(app).column("Tenant").schemas("other");
    assertThat(others.check())
        .extracting(Finding::code)
        .containsExactly(
            "table.rls", "table.force", "policy.missing", "index.missing", "key.unique");
    others.globalKey("token_alone");
    others.check().forEach(each -> run(each.remedy()));
    assertThat(others.check()).isEmpty();
    assertThat(RowLevelSecurityKit.over(app).column("Tenant").schemas("shop").check()).isEmpty();
  }

  private static String customer(Connection connection, OrganizationId organization)
      throws SQLException {
    String id = UUID.randomUUID().toString();
    insert(
        connection,
        "INSERT INTO shop.customers VALUES (?, CAST(? AS uuid), 'a name')",
        organization.value(),
        id);
    return id;
  }

  private static void insert(Connection connection, String sql, String... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private void run(String sql) {
    database.asDba(
        sql.replace("{owner}", '"' + database.roles().owner() + '"')
            .replace("{app}", '"' + database.roles().application() + '"'));
  }
}
