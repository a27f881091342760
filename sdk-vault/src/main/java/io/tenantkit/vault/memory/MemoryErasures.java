package io.tenantkit.vault.memory;

import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.spi.ErasureStore.StoredErasure;

/** The rows of erasures, which more than one store looks at. Used within verbs only. */
final class MemoryErasures {
  final MemoryTable<RowKey, StoredErasure> rows;

  MemoryErasures(MemoryEngine engine) {
    this.rows = engine.table();
  }

  /** Whether the whole organization was erased. */
  boolean contains(OrganizationId organization) {
    return rows.after(new RowKey(organization, "")).stream()
        .takeWhile(row -> row.organization().equals(organization))
        .anyMatch(row -> row.secretId().isEmpty());
  }
}
