package io.tenantkit.livekit.spi;

import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

/**
 * Holds sessions to the policy that holds tokens. Safe for use by several threads; blocks on the
 * storage.
 */
public interface SessionRules {
  /**
   * Whether the context may start a session with such a room and these agents. Needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_CREATE_SESSION}; who joins, and which room, is the token's
   * own matter.
   *
   * @throws io.tenantkit.AccessDeniedException when the scope is missing, the policy does not allow
   *     it, or the organization is suspended
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  void requireAllowed(TenantContext context, RoomConfig config, List<RoomAgent> agents);
}
