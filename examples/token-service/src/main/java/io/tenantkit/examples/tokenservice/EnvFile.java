package io.tenantkit.examples.tokenservice;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A file of variables, as Docker's {@code --env-file} reads them: {@code NAME=value} lines, empty
 * lines and lines that begin with {@code #}. Nothing is substituted; a pair of quotes around a
 * value is taken off.
 */
final class EnvFile {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private EnvFile() {}

  /**
   * The file's variables, and those of the process, which win.
   *
   * @throws SettingsException when it cannot be read, or naming the line that is none
   */
  static Map<String, String> under(Map<String, String> environment, Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SettingsException(List.of("--env-file: " + file + " cannot be read"));
    }
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 0 || !NAME.matcher(line.substring(0, equals)).matches()) {
        throw new SettingsException(
            List.of("--env-file: " + file + ", line " + (i + 1) + ": NAME=value"));
      }
      all.put(line.substring(0, equals), unquoted(line.substring(equals + 1).strip()));
    }
    all.putAll(environment);
    return all;
  }

  private static String unquoted(String value) {
    int last = value.length() - 1;
    boolean quoted =
        last > 0
            && value.charAt(0) == value.charAt(last)
            && (value.charAt(0) == '"' || value.charAt(0) == '\'');
    return quoted ? value.substring(1, last) : value;
  }
}
