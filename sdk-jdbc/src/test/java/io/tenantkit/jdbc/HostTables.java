package io.tenantkit.jdbc;

/** A host's own tables, the way README.md says. */
final class HostTables {
  private HostTables() {}

  /** A table that tenants share, owned by the owner role. */
  static void create(Cluster.Database database) {
    String owner = '"' + database.roles().owner() + '"';
    String app = '"' + database.roles().application() + '"';
    String admin = '"' + database.roles().admin().replace("\"", "\"\"") + '"';
    database.asDba(
        """
        CREATE TABLE notes (organization_id varchar(255) COLLATE "C" NOT NULL, text varchar(255) NOT NULL);
        CREATE INDEX ON notes (organization_id);
        ALTER TABLE notes OWNER TO {owner};
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE notes FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON notes TO {app}
          USING (organization_id = (SELECT tenantkit.get_current_tenant_id()))
          WITH CHECK (organization_id = (SELECT tenantkit.get_current_tenant_id()));
        CREATE POLICY operator ON notes TO {admin} USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO {app}, {admin};
        """
            .replace("{owner}", owner)
            .replace("{app}", app)
            .replace("{admin}", admin));
  }
}
