package io.tenantkit.vault;

import java.nio.file.Path;
import java.util.List;

/**
 * Where erasures are kept outside of the database, so that a backup of it that is restored does not
 * revive what was erased after it was taken: the list is applied again at each start. It must not
 * be restored with the database. Safe for use by several threads and processes.
 */
public interface ErasureList {

  /**
   * Adds a record. It is durable when this returns; a record that is added twice does no harm.
   *
   * @throws io.tenantkit.StorageException when it cannot be kept; nothing was erased then
   */
  void append(Erasure erasure);

  /**
   * All records, oldest first.
   *
   * @throws io.tenantkit.StorageException when the list cannot be read, or a line is none of ours
   */
  List<Erasure> read();

  /**
   * A file with one record a line, forced to the disk after each. A last line that was cut off by a
   * crash is passed over, for its erasure had not begun.
   *
   * @param file is made when it is first needed; its directory must exist
   */
  static ErasureList file(Path file) {
    return new FileErasureList(file);
  }
}
