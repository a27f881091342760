package io.tenantkit.livekit.spi;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

/**
 * Calls the LiveKit server of a context's organization and environment, with that tenant's own
 * credentials, over the guarded way out. Each call is signed by a token of its own that grants what
 * the call needs and lives for {@value #TOKEN_SECONDS} seconds. Safe for use by several threads;
 * blocks on the storage and on the server.
 */
public interface ServerCalls {
  /** How long the token of a call lives. */
  int TOKEN_SECONDS = 60;

  /**
   * Calls. The caller's scopes were asked for by whoever calls this.
   *
   * @return the answer, an object
   * @throws io.tenantkit.livekit.LiveKitException when the server refuses or fails
   * @throws io.tenantkit.vault.egress.EgressException when it is not reached, or may not be
   * @throws io.tenantkit.NotFoundException when there are no credentials
   * @throws io.tenantkit.AccessDeniedException when the organization is suspended
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  JsonNode call(TenantContext context, ServerCall call);

  /**
   * The same, with an answer in the form that the request has. What cannot be read, or says that it
   * is of another type, did not come from LiveKit.
   *
   * @return what the reader made of the answer
   */
  <T> T call(TenantContext context, ServerCall call, AnswerReader<T> reader);

  /**
   * The same calls, to each server that the tenant's credentials named before they were replaced
   * with an overlap that has not ended: whoever is there has not moved yet. None most of the time.
   * They are good for use at once, and fail as {@link #call} does when an overlap has ended.
   */
  List<ServerCalls> replaced(TenantContext context);
}
