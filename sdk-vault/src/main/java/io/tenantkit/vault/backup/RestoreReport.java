package io.tenantkit.vault.backup;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.webhook.WebhookId;
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
 * @param integrations what became of each integration
 * @param webhooks what became of each webhook endpoint
 * @param secrets what became of each secret
 * @param versions how many versions were restored
 * @param sharesLeftOut how often a secret that is created is not shared with a team that it was
 *     shared with, because a team with other members has that name here or the team came to be
 *     while the backup was written
 * @param rotations what became of each policy of rotation
 */
public record RestoreReport(
    String fileId,
    OrganizationId from,
    OrganizationId into,
    boolean dryRun,
    boolean organizationCreated,
    List<RestoredTeam> teams,
    long membersLeftOut,
    List<RestoredIntegration> integrations,
    List<RestoredWebhook> webhooks,
    List<RestoredSecret> secrets,
    long versions,
    long sharesLeftOut,
    List<RestoredRotation> rotations) {
  public RestoreReport {
    teams = List.copyOf(teams);
    integrations = List.copyOf(integrations);
    webhooks = List.copyOf(webhooks);
    secrets = List.copyOf(secrets);
    rotations = List.copyOf(rotations);
  }

  /** What became of something. */
  public enum Outcome {
    /** It was not there, and is now. */
    CREATED,
    /** It was there and is the same, as after an earlier restore. */
    UNCHANGED,
    /** Something else has the name; it stays. */
    SKIPPED,
    /**
     * What it belongs to, or needs, is not in the backup: a credential without its integration, an
     * integration without its credential, a policy without its secret. It would be of no use.
     */
    LEFT_OUT
  }

  /**
   * A secret.
   *
   * @param ref where it is found
   * @param fromId its id in the backup
   * @param id its id here; empty when a dry run would create it, and when it is left out
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

  /**
   * An integration. One that is created is to be verified again, unless it was switched off.
   *
   * @param provider its provider
   * @param name its name
   * @param fromId its id in the backup
   * @param id its id here, which in the organization that the backup is of is the same
   * @param outcome what became of it
   */
  public record RestoredIntegration(
      String provider, String name, IntegrationId fromId, IntegrationId id, Outcome outcome) {}

  /**
   * A webhook endpoint. One that is created is switched off.
   *
   * @param url where it sends
   * @param fromId its id in the backup
   * @param id its id here, which in the organization that the backup is of is the same
   * @param outcome what became of it
   */
  public record RestoredWebhook(String url, WebhookId fromId, WebhookId id, Outcome outcome) {}

  /**
   * A policy of rotation.
   *
   * @param secret which secret's
   * @param outcome what became of it
   */
  public record RestoredRotation(SecretRef secret, Outcome outcome) {}

  /** How many secrets had this outcome. */
  public long secrets(Outcome outcome) {
    return secrets.stream().filter(secret -> secret.outcome() == outcome).count();
  }
}
