package io.tenantkit.jdbc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On PostgreSQL. */
final class PostgresqlSecretTamperingTest extends SecretTampering {
  @BeforeAll
  void open() {
    open(OwnedDatabase.postgresql());
  }

  @AfterAll
  void close() {
    closeAll();
  }
}
