package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.util.Map;

/** What settings that are not secret are held to. */
final class ConfigRules {
  static final int MAX_ENTRIES = 48;
  static final int MAX_VALUE = 1_024;
  static final int MAX_TOTAL = 16_384;
  private static final FieldFormat NAME = FieldFormat.of("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private ConfigRules() {}

  static void require(Map<String, String> config) {
    if (config.size() > MAX_ENTRIES) {
      throw new InvalidInputException("config", "at most " + MAX_ENTRIES);
    }
    int total = 0;
    for (Map.Entry<String, String> each : config.entrySet()) {
      total += each.getKey().length() + each.getValue().length();
    }
    if (total > MAX_TOTAL) {
      throw new InvalidInputException("config", "at most 16,384 characters together");
    }
    config.forEach(
        (name, value) -> {
          if (!NAME.matches(name)
              || value.length() > MAX_VALUE
              || value
                  .chars()
                  .anyMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c))) {
            throw new InvalidInputException(
                "config",
                "names of 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-', values of at most 1,024 without control characters");
          }
        });
  }
}
