package io.tenantkit.vault.backup;

import java.io.IOException;
import java.util.Set;

/**
 * Something that is in a backup: where a new kind of content is added. A part has its own kinds of
 * records; it writes them in one go, and gets them back in the same order. {@link BackupParts} has
 * the list, which is the order in the file. Made anew for each run; for one thread.
 */
interface BackupPart {
  /** The kinds of its records, which no other part has. */
  Set<String> kinds();

  /** Writes its records. */
  void export(ExportRun run, RecordWriter out) throws IOException;

  /** Takes the next of its records; the values are wiped afterwards. */
  void restore(RestoreRun run, BackupRecord record) throws IOException;

  /** After the last of its records, also when there was none. */
  default void end(RestoreRun run) throws IOException {}

  /** After the last record of all parts, in the parts' order. */
  default void last(RestoreRun run) throws IOException {}
}
