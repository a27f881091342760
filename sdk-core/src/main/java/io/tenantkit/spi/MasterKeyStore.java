package io.tenantkit.spi;

import io.tenantkit.tenant.Operator;
import java.time.Instant;
import java.util.List;
import java.util.Set;

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

  /**
   * A master key that wraps nothing any more and that no start demands.
   *
   * @param check the key, as it was known before
   * @param at when it was retired
   * @param by the operator that did
   * @param reason why
   */
  record RetiredMasterKey(MasterKeyCheck check, Instant at, String by, String reason) {}

  /** All that a start demands: those that were not retired. */
  List<MasterKeyCheck> list();

  /** Those that were retired. */
  List<RetiredMasterKey> retired();

  /**
   * Remembers a master key; does nothing when the id is there already (two nodes may start at
   * once).
   */
  void recordIfAbsent(MasterKeyCheck check);

  /**
   * Remembers master keys if the storage still knows just those that the caller saw, so that of two
   * first starts with different keys one is first and the other is refused with nothing written.
   *
   * @param known the ids of {@link #list()} as the caller saw them
   * @return false, with nothing written, when others are known by now
   */
  boolean record(List<MasterKeyCheck> added, Set<String> known);

  /**
   * Moves a master key to the retired ones.
   *
   * @return false, with nothing changed, when it is not known, or some organization's key is still
   *     wrapped by it
   */
  boolean retire(Operator operator, String id, Instant at);
}
