package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The wrapped data keys of secret versions, beneath the secrets themselves. */
public interface SecretRewrapStore {

  /**
   * A version's wrapped data key and what it is bound to. Arrays are not copied here; stores copy
   * in and out.
   *
   * @param secretId the secret
   * @param number the version
   * @param projectId the secret's project
   * @param environment the environment's name as it is stored
   * @param destination where the version may be sent, in canonical text; empty for nowhere said
   * @param organizationKeyId which key of the organization wraps the data key
   * @param wrappedDataKey the data key's sealed record
   * @param fields the names of the version's fields
   */
  @SuppressWarnings("ArrayRecordComponent")
  record WrappedVersion(
      String secretId,
      long number,
      String projectId,
      String environment,
      String destination,
      String organizationKeyId,
      byte[] wrappedDataKey,
      Set<String> fields) {
    public WrappedVersion {
      fields = Set.copyOf(fields);
    }

    /** The same with its data key wrapped by another key. */
    public WrappedVersion under(String keyId, byte[] wrapped) {
      return new WrappedVersion(
          secretId, number, projectId, environment, destination, keyId, wrapped, fields);
    }
  }

  /**
   * A data key wrapped anew.
   *
   * @param before the row that was read
   * @param after the same version under the other key
   */
  record Rewrapped(WrappedVersion before, WrappedVersion after) {}

  /**
   * Versions that are under another key than this one, by secret id in ASCII order and number, from
   * the first after {@code after}. A version whose data key was destroyed is not among them.
   */
  List<WrappedVersion> notUnder(
      TenantContext context, String keyId, @Nullable WrappedVersion after, int limit);

  /** One version as it is now; empty when it is not there or its data key was destroyed. */
  Optional<WrappedVersion> find(TenantContext context, String secretId, long number);

  /**
   * Replaces wrapped data keys whose rows are still as they were read, and writes the event.
   *
   * @param event makes the event from how many were replaced
   * @return how many; 0 with nothing written
   */
  int rewrap(TenantContext context, List<Rewrapped> versions, IntFunction<AuditEvent> event);

  /** How many versions are under each key, without those whose data key was destroyed. */
  Map<String, Long> counts(TenantContext context);

  /** The same of one secret. */
  Map<String, Long> counts(TenantContext context, String secretId);
}
