package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles what documents show, with the class path of the tests. */
final class Snippets {
  private Snippets() {}

  /** Puts the classes beside the source. */
  static void compile(Path source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of(
                    "-encoding",
                    "UTF-8",
                    "-d",
                    String.valueOf(source.getParent()),
                    "-classpath",
                    System.getProperty("java.class.path")),
                null,
                compiler
                    .getStandardFileManager(null, null, null)
                    .getJavaFileObjects(source.toFile()))
            .call();
    assertThat(compiled).as(said.toString()).isTrue();
  }
}
