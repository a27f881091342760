package io.tenantkit.livekit;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.tenant.Operator;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * LiveKit accounts as the operator sees them: whose are the host's, whose several tenants', and
 * those that come from elsewhere. Nothing is opened for it; what is compared are keyed marks. Safe
 * for use by several threads; blocks on the storage.
 */
public interface LiveKitAccounts {
  /** The host's own account; empty when {@link LiveKit.Builder#hostAccount} gave none. */
  Optional<HostAccount> host();

  /**
   * Which tenants share a server, or the public id of a key. Credentials that were put into the
   * vault by another way than {@link LiveKit#connect} are seen once they were used.
   */
  SharingReport sharing(Operator operator);

  /**
   * What is not fit for production: secrets of tenants or of the host with fewer than the 32
   * characters that LiveKit asks for, and servers that tenants share.
   */
  List<ReadinessIssue> readiness(Operator operator);

  /**
   * Stores the credentials of many tenants, each as {@link LiveKit#connect} would, and tells what
   * became of each. One that cannot be stored keeps no other from it. Those that several tenants of
   * the batch have are stored for none of them. What is stored already is left as it is: the same
   * batch may be imported again, after a crash too, and newer credentials are not replaced.
   *
   * @param batch at most {@value TenantSettings#MAX_BATCH}, of each organization and environment
   *     one
   * @throws io.tenantkit.InvalidInputException naming {@code batch} and its bound
   * @throws io.tenantkit.TenantkitException when the storage or the master keys fail; what was done
   *     stays done
   */
  SettingsImportReport importAll(Operator operator, Collection<TenantSettings> batch);
}
