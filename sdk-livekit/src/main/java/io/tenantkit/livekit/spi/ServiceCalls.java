package io.tenantkit.livekit.spi;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The calls of one service of LiveKit's, with requests that are wiped when they were sent. Safe for
 * use by several threads.
 */
public final class ServiceCalls {
  /** Who calls, as the tokens say. */
  public static final String CALLER = "tenantkit";

  /**
   * How long a server may take that hands the work to a service beside it: it asks several times
   * before it says that there is none.
   */
  public static final Duration HANDED_ON = Duration.ofSeconds(45);

  private final ServerCalls calls;
  private final String service;

  /**
   * Those of a service.
   *
   * @param service as {@code Egress}
   */
  public ServiceCalls(ServerCalls calls, String service) {
    this.calls = Objects.requireNonNull(calls, "calls");
    this.service = Objects.requireNonNull(service, "service");
  }

  /**
   * Calls a method; the server's "not found" is about what is sought.
   *
   * @throws NotFoundException when the server says so
   */
  public JsonNode call(
      TenantContext context,
      String method,
      ApiToken token,
      RequestJson request,
      Purpose purpose,
      String sought) {
    return call(context, method, token, request, purpose, sought, Optional.empty());
  }

  /** The same, with patience where a person answers. */
  public JsonNode call(
      TenantContext context,
      String method,
      ApiToken token,
      RequestJson request,
      Purpose purpose,
      String sought,
      Optional<Duration> patience) {
    try (CallBody body = request.body()) {
      return calls.call(context, new ServerCall(service, method, token, body, purpose, patience));
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        throw new NotFoundException(sought);
      }
      throw e;
    }
  }
}
