package io.tenantkit.examples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that the tests run in. */
final class Repository {
  private Repository() {}

  /** A file of the repository, whichever folder the tests were started from. */
  static String read(String name) throws IOException {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("CONTRIBUTING.md"))) {
        return Files.readString(at.resolve(name));
      }
    }
    throw new AssertionError("not in a checkout: " + Path.of("").toAbsolutePath());
  }

  /** The first fenced block after a marker of the form {@code <!-- name -->}. */
  static String block(String page, String name) {
    int marker = page.indexOf("<!-- " + name + " -->");
    if (marker < 0) {
      throw new AssertionError("no marker " + name);
    }
    int start = page.indexOf('\n', page.indexOf("```", marker)) + 1;
    return page.substring(start, page.indexOf("```", start));
  }
}
