package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.JoinToken;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.secret.SecretAccess;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The requests and answers of {@code /token} and {@code /token/agent}. Stateless. */
final class SeedShape {
  private static final Set<String> FIELDS =
      Set.of("room", "identity", "ttl_seconds", "name", "metadata", "grants");
  private static final Set<String> GRANTS =
      Set.of(
          "canPublish",
          "canSubscribe",
          "canPublishData",
          "canUpdateOwnMetadata",
          "hidden",
          "agent");
  private static final Set<String> AGENT_FIELDS = Set.of("room", "agent_id");

  /** The library's names of what a client may set, and the client's. */
  static final Map<String, String> NAMES = Map.of("ttl", "ttl_seconds");

  static final Map<String, String> AGENT_NAMES = Map.of("identity", "agent_id");

  private SeedShape() {}

  /** Refuses what is not of {@code /token}. */
  static void requireToken(JsonBody body) {
    body.requireOnly(FIELDS);
    body.object("grants").ifPresent(grants -> grants.requireOnly(GRANTS));
  }

  /** Refuses what is not of {@code /token/agent}. */
  static void requireAgent(JsonBody body) {
    body.requireOnly(AGENT_FIELDS);
  }

  /**
   * A person's token, or with the grant {@code agent} an agent's.
   *
   * @param maxTtl the longest time that may be asked for
   */
  static JoinToken<?> token(JsonBody body, Duration maxTtl) {
    String room = body.text("room");
    String identity = body.text("identity");
    Optional<JsonBody> grants = body.object("grants");
    return grants.flatMap(each -> each.flag("agent")).orElse(false)
        ? filled(AgentToken.join(room, identity), body, grants, maxTtl)
        : filled(ParticipantToken.join(room, identity), body, grants, maxTtl);
  }

  private static <T extends JoinToken<T>> T filled(
      T empty, JsonBody body, Optional<JsonBody> grants, Duration maxTtl) {
    T token = empty;
    // Compared as a number of seconds: whoever sends milliseconds is told so, not given a day.
    OptionalLong ttl =
        body.number(
            "ttl_seconds",
            1,
            maxTtl.toSeconds(),
            "a whole number of seconds (not milliseconds), 1 to " + maxTtl.toSeconds());
    if (ttl.isPresent()) {
      token = token.ttl(Duration.ofSeconds(ttl.getAsLong()));
    }
    Optional<String> name = body.optionalText("name");
    if (name.isPresent()) {
      token = token.name(name.get());
    }
    Optional<String> metadata = body.optionalText("metadata");
    if (metadata.isPresent()) {
      token = token.metadata(metadata.get());
    }
    if (grants.isEmpty()) {
      return token;
    }
    Optional<Boolean> wanted = grants.get().flag("canPublish");
    if (wanted.isPresent()) {
      token = token.canPublish(wanted.get());
    }
    wanted = grants.get().flag("canSubscribe");
    if (wanted.isPresent()) {
      token = token.canSubscribe(wanted.get());
    }
    wanted = grants.get().flag("canPublishData");
    if (wanted.isPresent()) {
      token = token.canPublishData(wanted.get());
    }
    wanted = grants.get().flag("canUpdateOwnMetadata");
    if (wanted.isPresent()) {
      token = token.canUpdateOwnMetadata(wanted.get());
    }
    return grants.get().flag("hidden").orElse(false) ? token.hidden() : token;
  }

  static AgentToken agent(JsonBody body) {
    return AgentToken.join(body.text("room"), body.text("agent_id"));
  }

  static ObjectNode answer(IssuedToken token) {
    return Answers.object()
        .put("token", token.jwt().string(SecretAccess.get()))
        .put("wsUrl", token.serverUrl().webSocket())
        .put("expiresAt", token.expiresAt().getEpochSecond())
        .put("identity", token.identity())
        .put("room", token.room());
  }

  /** The same complaint in the words of the client's request. */
  static InvalidInputException renamed(InvalidInputException error, Map<String, String> names) {
    String name = names.get(error.property());
    return name == null ? error : new InvalidInputException(name, error.bound());
  }
}
