package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.secret.SecretValue;
import java.util.List;

/**
 * One record of a backup: what is said in JSON, and values apart from it, so that no value ever
 * becomes a text that cannot be wiped. Closing wipes the values.
 */
record BackupRecord(ObjectNode json, List<SecretValue> values) implements AutoCloseable {
  /** The member that every record has. */
  static final String KIND = "record";

  static final int MAX_JSON_BYTES = 262_144;
  static final int MAX_VALUES = 64;

  BackupRecord {
    values = List.copyOf(values);
  }

  String kind() {
    return json.path(KIND).asText();
  }

  @Override
  public void close() {
    values.forEach(SecretValue::close);
  }

  @Override
  public String toString() {
    return "BackupRecord[" + kind() + "]";
  }
}
