package io.tenantkit.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On an H2 file. */
final class H2SecretTamperingTest extends SecretTampering {
  @BeforeAll
  void open(@TempDir Path folder) {
    open(OwnedDatabase.h2(folder.resolve("vault")));
  }

  @AfterAll
  void close() {
    closeAll();
  }
}
