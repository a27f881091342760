package io.tenantkit.livekit.room;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.Map;

/** The calls that rooms and dispatches have in common. */
final class RoomCalls {
  private static final String CALLER = "tenantkit";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerCalls calls;

  RoomCalls(ServerCalls calls) {
    this.calls = calls;
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** A token for all rooms. */
  static ApiToken everywhere(VideoPermission permission) {
    return ApiToken.of(CALLER).grant(permission);
  }

  /** A token to moderate one room. */
  static ApiToken within(String room) {
    return ApiToken.inRoom(room, CALLER).grant(VideoPermission.ROOM_ADMIN);
  }

  /** Recording needs a scope of its own, as in a token. */
  static void requireMay(TenantContext context, RoomConfig config) {
    if (config.egress().isPresent()) {
      context.require(Scopes.LIVEKIT_ADMIN);
    }
  }

  /** Makes a room, or answers with the one that is there. */
  Room create(TenantContext context, String name, RoomConfig config) {
    requireMay(context, config);
    ObjectNode request = tree(config.toJson());
    JsonNode preset = request.remove("name");
    if (preset != null) {
      request.set("roomPreset", preset);
    }
    request.put("name", RoomTexts.name("room", name));
    return Answers.room(
        call(
            context,
            "RoomService",
            "CreateRoom",
            everywhere(VideoPermission.ROOM_CREATE),
            request,
            new Purpose("livekit.room.created", "create a LiveKit room", Map.of("room", name))));
  }

  JsonNode call(
      TenantContext context,
      String service,
      String method,
      ApiToken token,
      ObjectNode request,
      Purpose purpose) {
    return calls.call(context, new ServerCall(service, method, token, request.toString(), purpose));
  }

  /** The same, where the server's "not found" is about this. */
  JsonNode call(
      TenantContext context,
      String method,
      ApiToken token,
      ObjectNode request,
      Purpose purpose,
      String sought) {
    try {
      return call(context, "RoomService", method, token, request, purpose);
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        throw new NotFoundException(sought);
      }
      throw e;
    }
  }

  private static ObjectNode tree(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "a room's configuration is no JSON");
    }
  }
}
