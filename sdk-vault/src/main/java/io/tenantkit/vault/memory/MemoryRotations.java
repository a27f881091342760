package io.tenantkit.vault.memory;

import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.vault.spi.StoredRotation;
import java.time.Instant;
import java.util.Optional;

/** The rows of rotations, which more than one store looks at. Used within verbs only. */
final class MemoryRotations {
  final MemoryTable<RowKey, Row> rows;

  /** A rotation and whose it is. */
  record Row(RowKey key, StoredRotation rotation) {}

  MemoryRotations(MemoryEngine engine) {
    this.rows = engine.table();
  }

  /** When the secret of a key is due to be rotated. */
  Optional<Instant> due(RowKey secret) {
    return Optional.ofNullable(rows.get(secret)).flatMap(row -> row.rotation().dueAt());
  }

  /** Whether a rotation of this secret needs the version. */
  boolean need(RowKey secret, long version) {
    Row row = rows.get(secret);
    return row != null && row.rotation().needs(version);
  }
}
