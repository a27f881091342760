package io.tenantkit.spi;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.OrganizationId;

/**
 * What every store checks before it writes: a row and its audit event name the organization that
 * the verb acts for. Another one would be a fault of ours, and must not become a row of another
 * tenant. Stateless.
 */
public final class OwnRows {
  private OwnRows() {}

  /**
   * Demands that all of these are the acting organization.
   *
   * @throws TenantkitException with {@link ErrorCode#INTERNAL} when one is not
   */
  public static void require(OrganizationId acting, OrganizationId... named) {
    for (OrganizationId each : named) {
      if (!each.equals(acting)) {
        throw new TenantkitException(
            ErrorCode.INTERNAL, "a row names another organization than the call acts for");
      }
    }
  }
}
