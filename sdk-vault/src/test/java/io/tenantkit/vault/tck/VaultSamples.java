package io.tenantkit.vault.tck;

import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Rows of the vault for its contracts. Their "ciphertexts" are plain text that says which. */
public final class VaultSamples {
  /** The master key that the samples name. */
  public static final String MASTER_KEY = "mk-1";

  private static final HexFormat HEX = HexFormat.of();

  /** The id of an organization's first key. */
  public static String keyId(OrganizationId organization) {
    return Samples.hash("organization key of " + organization).hex().substring(0, 32);
  }

  /** A wrapped key of an organization. */
  public StoredOrganizationKey organizationKey(int number, String keyId) {
    return new StoredOrganizationKey(
        number, keyId, MASTER_KEY, bytes("wrapped " + keyId), Samples.NOW);
  }

  /** A secret with one version; each project's id follows from its name. */
  public Secret secret(OrganizationId organization, String id, SecretRef ref) {
    return Secret.planned(
            new SecretId(id),
            organization,
            "prj_" + ref.project(),
            ref,
            Secret.PLAIN,
            Actor.host("contract"),
            Samples.NOW)
        .withNextVersion(false, Optional.empty(), Samples.NOW);
  }

  /** The same secret, one version on. */
  public Secret changed(Secret before) {
    return before.withNextVersion(false, Optional.empty(), Samples.NOW.plusMillis(1));
  }

  /** The same secret, somebody's and for others. */
  public static Secret ownedBy(Secret secret, Actor owner, AccessLevel access) {
    return new Secret(
        secret.id(),
        secret.organization(),
        secret.projectId(),
        secret.ref(),
        secret.type(),
        secret.description(),
        secret.stages(),
        secret.maxVersions(),
        secret.expiresAt(),
        secret.deletedAt(),
        owner,
        access,
        secret.createdAt(),
        secret.updatedAt(),
        secret.revision());
  }

  /** The same secret in another project. */
  public static Secret inProject(Secret secret, String projectId) {
    return copy(secret, projectId, secret.stages(), secret.deletedAt(), secret.revision());
  }

  /** The same secret at another revision. */
  public static Secret atRevision(Secret secret, long revision) {
    return copy(secret, secret.projectId(), secret.stages(), secret.deletedAt(), revision);
  }

  /** The same secret, one revision on, with these stages. */
  public static Secret staged(Secret secret, SecretStages stages) {
    return copy(secret, secret.projectId(), stages, secret.deletedAt(), secret.revision() + 1);
  }

  /** The same secret, one revision on, deleted. */
  public static Secret deleted(Secret secret) {
    return copy(
        secret,
        secret.projectId(),
        secret.stages(),
        Optional.of(Samples.NOW),
        secret.revision() + 1);
  }

  private static Secret copy(
      Secret secret,
      String projectId,
      SecretStages stages,
      Optional<Instant> deletedAt,
      long revision) {
    return new Secret(
        secret.id(),
        secret.organization(),
        projectId,
        secret.ref(),
        secret.type(),
        secret.description(),
        stages,
        secret.maxVersions(),
        secret.expiresAt(),
        deletedAt,
        secret.owner(),
        secret.access(),
        secret.createdAt(),
        secret.updatedAt(),
        revision);
  }

  /** A version of {@link #version} as it is shown. */
  public static SecretVersion listed(long number, Optional<Stage> stage) {
    return new SecretVersion(
        number,
        SecretVersion.State.ACTIVE,
        stage,
        Optional.empty(),
        Destination.none(),
        "contract",
        Samples.NOW);
  }

  /** A version under the organization's first key with two fields of this content. */
  public StoredSecretVersion version(OrganizationId organization, long number, String content) {
    return new StoredSecretVersion(
        number,
        keyId(organization),
        bytes("data key " + content + number),
        Map.of("value", bytes("value " + content + number), "other", bytes("other " + content)),
        "contract",
        Samples.NOW);
  }

  /** A version's facts, which can be compared. */
  public static List<Object> shown(StoredSecretVersion version) {
    Map<String, String> fields = new TreeMap<>();
    version.fields().forEach((name, record) -> fields.put(name, HEX.formatHex(record)));
    return List.of(
        version.number(),
        version.organizationKeyId(),
        HEX.formatHex(version.wrappedDataKey()),
        fields,
        version.destination(),
        version.state(),
        version.expiresAt(),
        version.createdBy(),
        version.createdAt());
  }

  /** A key's facts, which can be compared. */
  public static List<Object> shown(StoredOrganizationKey key) {
    return List.of(
        key.number(),
        key.keyId(),
        key.masterKeyId(),
        HEX.formatHex(key.wrapped()),
        key.createdAt());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
