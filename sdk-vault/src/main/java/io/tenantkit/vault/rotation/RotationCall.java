package io.tenantkit.vault.rotation;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.SecretRef;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * For what a rotator is called. Immutable.
 *
 * @param organization whose secret it is
 * @param ref which
 * @param type its type
 * @param destination where its values may be sent
 * @param rotationId the same in all calls of one rotation, also when another node takes it up: 1 to
 *     64 printable ASCII characters, fit for a provider's idempotency key or a key's name
 * @param random for values that are made here
 */
public record RotationCall(
    OrganizationId organization,
    SecretRef ref,
    String type,
    Destination destination,
    String rotationId,
    SecureRandom random) {

  public RotationCall {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(ref, "ref");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(destination, "destination");
    Objects.requireNonNull(rotationId, "rotationId");
    Objects.requireNonNull(random, "random");
  }

  /** Which call, without the source of randomness. */
  @Override
  public String toString() {
    return "RotationCall[" + organization + ", " + ref + ", " + type + ", " + rotationId + "]";
  }
}
