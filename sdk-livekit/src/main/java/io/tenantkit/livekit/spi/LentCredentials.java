package io.tenantkit.livekit.spi;

import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretUse;

/**
 * Lends the credentials of a context's organization and environment. Safe for use by several
 * threads; blocks on the storage.
 */
public interface LentCredentials {
  /**
   * Runs code with the credentials, which are wiped afterwards; the use is in the audit trail
   * before the code runs. The caller's scopes were asked for by whoever calls this.
   *
   * @throws io.tenantkit.NotFoundException when there are none
   * @throws io.tenantkit.AccessDeniedException when the organization is suspended
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  <T> T use(TenantContext context, Purpose purpose, SecretUse<LiveKitCredentials, T> code);
}
