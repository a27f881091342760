package io.tenantkit.livekit.sdk;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.livekit.spi.CallBody;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.egress.EgressRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Any call of LiveKit's server API, with the messages that LiveKit's own SDK generates ({@code
 * livekit.Livekit…}, of {@code io.livekit:livekit-server}), to each tenant's own server: for what
 * {@link io.tenantkit.livekit.room}, {@link io.tenantkit.livekit.egress}, {@link
 * io.tenantkit.livekit.ingress} and {@link io.tenantkit.livekit.sip} have not typed. The SDK's
 * clients are not used: they would be given the tenant's secret and sign tokens of six hours. Here,
 * too, a call is signed by a token of a minute that grants what the caller names, goes over the
 * guarded way out, and leaves an event before the credentials are used.
 *
 * <pre>{@code
 * var answer = LiveKitSdkCalls.of(livekit).call(
 *     acme, "Connector", "DialWhatsAppCall", ApiToken.of("backend").grant(VideoPermission.ROOM_CREATE),
 *     request, DialWhatsAppCallResponse.parser(), "call a customer");
 * }</pre>
 *
 * <p>Needs {@link Scopes#LIVEKIT_ADMIN}. Throws what {@link io.tenantkit.livekit.room.LiveKitRooms}
 * throws, but for a server's "not found", which is a {@link io.tenantkit.livekit.LiveKitException}
 * with {@link io.tenantkit.livekit.ServerFailure#NOT_FOUND}. What a message holds of secrets is the
 * caller's to keep. Safe for use by several threads; blocks on the storage and on the server.
 */
public final class LiveKitSdkCalls {
  /** The longest request, in bytes. */
  public static final int MAX_REQUEST_BYTES = SecretValue.MAX_BYTES;

  /** They become a path. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,63}");

  private final ServerCalls calls;

  private LiveKitSdkCalls(ServerCalls calls) {
    this.calls = calls;
  }

  /** Calls to the servers of the tenants that are connected there. */
  public static LiveKitSdkCalls of(LiveKit livekit) {
    return new LiveKitSdkCalls(livekit.calls());
  }

  /** Calls to the one server that a token reaches which somebody else signed. */
  public static LiveKitSdkCalls of(PresignedLiveKit server) {
    return new LiveKitSdkCalls(server.calls());
  }

  /**
   * Calls a method.
   *
   * @param service as LiveKit names it, without its package: {@code RoomService}
   * @param method as LiveKit names it: {@code CreateRoom}
   * @param grants what the method needs; how long the token lives is not the caller's to say
   * @param request the request, at most 1 MiB
   * @param answer reads the answer, as {@code Room.parser()}
   * @param reason for the audit trail, 1 to 255 characters
   * @return the answer
   */
  public <T extends MessageLite> T call(
      TenantContext context,
      String service,
      String method,
      ApiToken grants,
      MessageLite request,
      Parser<T> answer,
      String reason) {
    return call(context, service, method, grants, request, answer, reason, Optional.empty());
  }

  /**
   * The same, where the server answers only when a person has done something.
   *
   * @param patience how long to wait, 1 ms to 10 minutes, when that is longer than the way out
   *     waits by itself; see {@link EgressRequest.Builder#patience}
   */
  public <T extends MessageLite> T call(
      TenantContext context,
      String service,
      String method,
      ApiToken grants,
      MessageLite request,
      Parser<T> answer,
      String reason,
      Duration patience) {
    return call(context, service, method, grants, request, answer, reason, Optional.of(patience));
  }

  private <T extends MessageLite> T call(
      TenantContext context,
      String service,
      String method,
      ApiToken grants,
      MessageLite request,
      Parser<T> answer,
      String reason,
      Optional<Duration> patience) {
    context.require(Scopes.LIVEKIT_ADMIN);
    requireName("service", service);
    requireName("method", method);
    if (request.getSerializedSize() > MAX_REQUEST_BYTES) {
      throw new InvalidInputException("request", "at most " + MAX_REQUEST_BYTES + " bytes");
    }
    Purpose purpose =
        new Purpose("livekit.api.called", reason, Map.of("service", service, "method", method));
    try (CallBody body = CallBody.protobuf(SecretValue.takeOver(request.toByteArray()))) {
      return calls.call(
          context,
          new ServerCall(service, method, grants, body, purpose, patience),
          answer::parseFrom);
    }
  }

  private static void requireName(String property, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidInputException(property, "1 to 64 letters and digits, a letter first");
    }
  }
}
