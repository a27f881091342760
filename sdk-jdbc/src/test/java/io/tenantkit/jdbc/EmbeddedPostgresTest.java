package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Test;

/** The PostgreSQL under test is the one that the build asked for. */
final class EmbeddedPostgresTest {
  @Test
  void is_of_the_version_asked_for() throws Exception {
    String wanted = System.getProperty("tenantkit.postgres.version");
    assertThat(wanted).isNotNull();
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder().setPGStartupWait(Cluster.STARTUP).start();
        var connection = postgres.getPostgresDatabase().getConnection()) {
      int major = connection.getMetaData().getDatabaseMajorVersion();
      assertThat(wanted).startsWith(major + ".");
    }
  }
}
