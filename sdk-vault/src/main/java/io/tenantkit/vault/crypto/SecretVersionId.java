package io.tenantkit.vault.crypto;

/**
 * Where one version of a secret belongs: the immutable ids that its ciphertext is bound to.
 *
 * <p>Ids, not names: what can be renamed must not stand here, for a renamed row would no longer
 * open. Each id has 1 to {@value AssociatedData#MAX_ID_BYTES} bytes of UTF-8 and is compared byte
 * by byte, without regard to case or Unicode forms being equal.
 *
 * @param organization id of the organization
 * @param project id of the project within the organization
 * @param environment the environment, for instance {@code production}
 * @param secret id of the secret
 * @param version number of the version, from 1
 */
public record SecretVersionId(
    String organization, String project, String environment, String secret, long version) {

  /**
   * Checks every part.
   *
   * @throws io.tenantkit.InvalidInputException naming the part and its bound
   */
  public SecretVersionId {
    AssociatedData.requireId("organization", organization);
    AssociatedData.requireId("project", project);
    AssociatedData.requireId("environment", environment);
    AssociatedData.requireId("secret", secret);
    AssociatedData.requireNumber("version", version);
  }
}
