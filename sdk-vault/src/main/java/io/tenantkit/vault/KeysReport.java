package io.tenantkit.vault;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the doctor found about the keys of an installation. Ids, numbers and counts; nothing in it
 * is secret. Immutable.
 *
 * @param at when it looked
 * @param masterKeys the master keys, the current one first
 * @param organizations how many organizations there are
 * @param organizationKeys how many keys they have together
 * @param organizationsUnderOldMasterKeys how many have a key that the current master key does not
 *     wrap
 * @param organizationsDue how many have a newest key that is due for rotation
 * @param versionsUnderOldKeys secret versions that are not under their organization's newest key
 * @param erasures what was erased for ever
 * @param problems what should be looked at, each with what would mend it
 */
public record KeysReport(
    Instant at,
    List<MasterKeyState> masterKeys,
    long organizations,
    long organizationKeys,
    long organizationsUnderOldMasterKeys,
    long organizationsDue,
    long versionsUnderOldKeys,
    List<ErasureState> erasures,
    List<ReadinessIssue> problems) {

  /** What a master key is to this installation. */
  public enum MasterKeyStatus {
    /** It wraps what is new. */
    CURRENT,
    /** It opens what it has wrapped, and starts demand it. */
    PREVIOUS,
    /** It wraps nothing any more; no start demands it. */
    RETIRED
  }

  /**
   * A master key.
   *
   * @param id its id
   * @param status what it is
   * @param since when it was first used or, of a retired one, when it was retired
   * @param organizationKeys how many organizations' keys it wraps
   */
  public record MasterKeyState(
      String id, MasterKeyStatus status, Instant since, long organizationKeys) {}

  /**
   * An erasure.
   *
   * @param erasure the record
   * @param isGenuine whether this installation signed it
   * @param isFinal whether every master key is retired that could open a backup from before it;
   *     until then it holds as long as the erasure list is kept
   */
  public record ErasureState(Erasure erasure, boolean isGenuine, boolean isFinal) {}

  /**
   * The keys of one organization.
   *
   * @param organization which
   * @param at when it was looked at
   * @param erased whether its keys were destroyed for ever
   * @param keys its ring by number
   * @param versionsUnderOldKeys secret versions that are not under the newest key
   * @param erasures what was erased for ever
   * @param problems what should be looked at, each with what would mend it
   */
  public record OrganizationKeys(
      OrganizationId organization,
      Instant at,
      boolean erased,
      List<KeyState> keys,
      long versionsUnderOldKeys,
      List<ErasureState> erasures,
      List<ReadinessIssue> problems) {
    public OrganizationKeys {
      keys = List.copyOf(keys);
      erasures = List.copyOf(erasures);
      problems = List.copyOf(problems);
    }
  }

  /**
   * A key of an organization.
   *
   * @param number its place in the ring
   * @param id its id
   * @param masterKeyId which master key wraps it
   * @param createdAt when it was made
   * @param age how old it was when it was looked at
   * @param encryptions how many encryptions were reserved, never fewer than were made
   * @param versions how many secret versions are under it, without those that were destroyed
   * @param due whether it is the newest and due for rotation
   */
  public record KeyState(
      int number,
      String id,
      String masterKeyId,
      Instant createdAt,
      Duration age,
      long encryptions,
      long versions,
      boolean due) {}

  public KeysReport {
    masterKeys = List.copyOf(masterKeys);
    erasures = List.copyOf(erasures);
    problems = List.copyOf(problems);
  }
}
