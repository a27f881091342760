package io.tenantkit.vault.backup;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import java.util.List;
import java.util.Optional;

/**
 * What a restore did, or would do: names and ids, never a value.
 *
 * @param fileId which backup
 * @param from the organization that it was made of
 * @param into the organization that it was restored into
 * @param dryRun whether nothing was written
 * @param organizationCreated whether the organization was not there before
 * @param teams what became of each team
 * @param membersLeftOut how many members of teams are API keys, which no backup holds
 * @param secrets what became of each secret
 * @param versions how many versions were restored
 */
public record RestoreReport(
    String fileId,
    OrganizationId from,
    OrganizationId into,
    boolean dryRun,
    boolean organizationCreated,
    List<RestoredTeam> teams,
    long membersLeftOut,
    List<RestoredSecret> secrets,
    long versions) {
  public RestoreReport {
    teams = List.copyOf(teams);
    secrets = List.copyOf(secrets);
  }

  /** What became of something. */
  public enum Outcome {
    /** It was not there, and is now. */
    CREATED,
    /** It was there and is the same, as after an earlier restore. */
    UNCHANGED,
    /** Something else has the name; it stays. */
    SKIPPED
  }

  /**
   * A secret.
   *
   * @param ref where it is found
   * @param fromId its id in the backup
   * @param id its id here; empty when a dry run would create it
   * @param outcome what became of it
   */
  public record RestoredSecret(
      SecretRef ref, SecretId fromId, Optional<SecretId> id, Outcome outcome) {}

  /**
   * A team.
   *
   * @param name its name
   * @param fromId its id in the backup
   * @param id its id here; empty when a dry run would create it
   * @param outcome what became of it
   */
  public record RestoredTeam(String name, String fromId, Optional<String> id, Outcome outcome) {}

  /** How many secrets had this outcome. */
  public long secrets(Outcome outcome) {
    return secrets.stream().filter(secret -> secret.outcome() == outcome).count();
  }
}
