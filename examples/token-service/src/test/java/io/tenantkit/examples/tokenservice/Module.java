package io.tenantkit.examples.tokenservice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The module's own folder, whichever folder the tests were started from. */
final class Module {
  private Module() {}

  static Path root() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("CONTRIBUTING.md"))) {
        return at;
      }
    }
    throw new AssertionError("not in a checkout: " + Path.of("").toAbsolutePath());
  }

  static Path file(String name) {
    return root().resolve("examples/token-service").resolve(name);
  }

  static String read(String name) throws IOException {
    return Files.readString(file(name));
  }
}
