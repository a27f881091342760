package io.tenantkit.vault.backup;

import java.io.IOException;
import java.io.InputStream;

/**
 * Where a backup is read from. It is read twice, so it must give the same bytes each time: once to
 * see that all of it opens and fits, and once to restore it. A backup that comes through a network
 * is first put into a file, where it stays encrypted.
 */
@FunctionalInterface
public interface BackupSource {
  /** The backup from its first byte; the reader closes it. */
  InputStream open() throws IOException;
}
