package io.tenantkit.vault.tck;

import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
    return new Secret(
        new SecretId(id),
        organization,
        "prj_" + ref.project(),
        ref,
        Secret.PLAIN,
        1,
        "contract",
        Samples.NOW,
        Samples.NOW);
  }

  /** The same secret, one version on. */
  public Secret changed(Secret before) {
    return new Secret(
        before.id(),
        before.organization(),
        before.projectId(),
        before.ref(),
        before.type(),
        before.currentVersion() + 1,
        before.createdBy(),
        before.createdAt(),
        Samples.NOW.plusMillis(1));
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
