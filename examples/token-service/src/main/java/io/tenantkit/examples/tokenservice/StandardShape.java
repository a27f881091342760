package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * LiveKit's standard token endpoint: the protocol's {@code TokenSourceRequest} and {@code
 * TokenSourceResponse} as JSON, field names in snake or camel case. Every field may be left out,
 * fields that we do not know are passed over, and of the room's configuration nothing goes into a
 * token but agents of known names: a client that could set more would record, or fill the room.
 */
final class StandardShape {
  /** The library's names of what a client may set, and the client's. */
  static final Map<String, String> NAMES =
      Map.of(
          "room", "room_name",
          "identity", "participant_identity",
          "name", "participant_name",
          "metadata", "participant_metadata",
          "attributes", "participant_attributes",
          "agents", "room_config.agents",
          "agentName", "room_config.agents.agent_name",
          "agentMetadata", "room_config.agents.metadata");

  private static final Set<String> FIELDS =
      Set.of(
          "room_name",
          "participant_identity",
          "participant_name",
          "participant_metadata",
          "participant_attributes",
          "room_config");
  private static final List<String> ROOM_CONFIG_REFUSED =
      List.of(
          "name",
          "empty_timeout",
          "departure_timeout",
          "max_participants",
          "egress",
          "min_playout_delay",
          "max_playout_delay",
          "sync_streams",
          "metadata",
          "tags");
  private static final List<String> AGENT_REFUSED =
      List.of("restart_policy", "deployment", "attributes");

  private StandardShape() {}

  /** Whether a body of {@code /token} is of this shape and not of the other. */
  static boolean fits(JsonBody body) {
    return !body.has("room")
        && !body.has("identity")
        && FIELDS.stream().anyMatch(name -> body.has(name) || body.has(camel(name)));
  }

  /**
   * The token that is asked for; a room and an identity of our own where none is named.
   *
   * @param agents the names that any caller may ask for
   */
  static ParticipantToken token(JsonBody body, TenantContext context, Set<String> agents) {
    ParticipantToken token =
        ParticipantToken.join(
            text(body, "room_name").orElseGet(() -> "room-" + UUID.randomUUID()),
            text(body, "participant_identity").orElseGet(() -> "participant-" + UUID.randomUUID()));
    Optional<String> name = text(body, "participant_name");
    if (name.isPresent()) {
      token = token.name(name.get());
    }
    Optional<String> metadata = text(body, "participant_metadata");
    if (metadata.isPresent()) {
      token = token.metadata(metadata.get());
    }
    Map<String, String> attributes = body.texts(named(body, "participant_attributes"));
    if (!attributes.isEmpty()) {
      token = token.attributes(attributes);
    }
    Optional<JsonBody> config = body.object(named(body, "room_config"));
    if (config.isPresent()) {
      List<RoomAgent> wanted = agents(config.get(), context, agents);
      if (!wanted.isEmpty()) {
        token = token.roomConfig(RoomConfig.builder().agents(wanted).build());
      }
    }
    return token;
  }

  private static List<RoomAgent> agents(
      JsonBody config, TenantContext context, Set<String> allowed) {
    refuse(config, ROOM_CONFIG_REFUSED);
    // Whoever may sign an agent's own token may name agents, too.
    boolean any = context.scopes().covers(Scopes.LIVEKIT_AGENT);
    List<RoomAgent> wanted = new ArrayList<>();
    for (JsonBody each : config.objects("agents")) {
      refuse(each, AGENT_REFUSED);
      String name =
          text(each, "agent_name")
              .orElseThrow(
                  () -> new InvalidInputException("room_config.agents.agent_name", "required"));
      if (!any && !allowed.contains(name)) {
        throw new InvalidInputException(
            "room_config.agents.agent_name", "one that this service allows to clients");
      }
      wanted.add(RoomAgent.named(name).metadata(each.optionalText("metadata").orElse("")));
    }
    return wanted;
  }

  private static void refuse(JsonBody object, List<String> names) {
    for (String name : names) {
      if (object.says(name) || object.says(camel(name))) {
        throw new InvalidInputException(object.path() + name, "not for clients to set");
      }
    }
  }

  private static Optional<String> text(JsonBody body, String name) {
    return body.filledText(named(body, name));
  }

  /** The spelling of a field that the client has used. */
  private static String named(JsonBody body, String snake) {
    String camel = camel(snake);
    if (!body.has(camel) || camel.equals(snake)) {
      return snake;
    }
    if (body.has(snake)) {
      throw new InvalidInputException(body.path() + snake, "once, not also as " + camel);
    }
    return camel;
  }

  private static String camel(String snake) {
    StringBuilder camel = new StringBuilder();
    for (int i = 0; i < snake.length(); i++) {
      char c = snake.charAt(i);
      camel.append(c == '_' ? Character.toUpperCase(snake.charAt(++i)) : c);
    }
    return camel.toString();
  }

  static ObjectNode answer(IssuedToken token) {
    return Answers.object()
        .put("server_url", token.serverUrl().webSocket())
        .put("participant_token", token.jwt().string(SecretAccess.get()));
  }
}
