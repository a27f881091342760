package io.tenantkit.spi;

import java.time.Instant;
import java.util.List;

/**
 * Which master keys the storage was written with, by check value. Holds no key and no tenant's
 * data.
 */
public interface MasterKeyStore {

  /**
   * A master key that the storage was written with.
   *
   * @param id the key's id
   * @param checkValue hexadecimal, from which the key cannot be found
   * @param firstSeen when a control plane first used it
   */
  record MasterKeyCheck(String id, String checkValue, Instant firstSeen) {}

  /** All of them. */
  List<MasterKeyCheck> list();

  /**
   * Remembers a master key; does nothing when the id is there already (two nodes may start at
   * once).
   */
  void recordIfAbsent(MasterKeyCheck check);
}
