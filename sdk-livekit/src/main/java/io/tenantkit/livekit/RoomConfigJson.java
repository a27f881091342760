package io.tenantkit.livekit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link RoomConfig} as the JSON of its protocol buffer (the ProtoJSON form): names in camel
 * case, maps as objects. What is not said is not written.
 */
final class RoomConfigJson {
  private final JsonBytes json;
  private char before = '{';

  private RoomConfigJson(JsonBytes json) {
    this.json = json;
  }

  static void write(JsonBytes json, RoomConfig config) {
    RoomConfigJson writing = new RoomConfigJson(json);
    writing.text("name", config.name());
    writing.number("emptyTimeout", config.emptyTimeout().map(Duration::toSeconds));
    writing.number("departureTimeout", config.departureTimeout().map(Duration::toSeconds));
    config
        .maxParticipants()
        .ifPresent(n -> writing.number("maxParticipants", Optional.of((long) n)));
    writing.text("metadata", config.metadata());
    if (!config.tags().isEmpty()) {
      writing.name("tags");
      texts(json, config.tags());
    }
    if (!config.agents().isEmpty()) {
      writing.name("agents");
      agents(json, config.agents());
    }
    config.egress().ifPresent(egress -> egress(writing.name("egress"), egress));
    writing.number("minPlayoutDelay", config.minPlayoutDelay().map(Duration::toMillis));
    writing.number("maxPlayoutDelay", config.maxPlayoutDelay().map(Duration::toMillis));
    if (config.syncStreams()) {
      writing.name("syncStreams").raw(JsonBytes.ascii("true"));
    }
    writing.end();
  }

  /** An object of texts. */
  static void texts(JsonBytes json, Map<String, String> texts) {
    RoomConfigJson writing = new RoomConfigJson(json);
    texts.forEach((name, text) -> writing.name(name).string(text));
    writing.end();
  }

  private static void agents(JsonBytes json, List<RoomAgent> agents) {
    char separator = '[';
    for (RoomAgent agent : agents) {
      json.raw(separator);
      RoomConfigJson writing = new RoomConfigJson(json);
      writing.name("agentName").string(agent.name());
      if (!agent.metadata().isEmpty()) {
        writing.name("metadata").string(agent.metadata());
      }
      writing.text("restartPolicy", agent.restart().map(RoomAgent.Restart::claim));
      writing.text("deployment", agent.deployment());
      if (!agent.attributes().isEmpty()) {
        texts(writing.name("attributes"), agent.attributes());
      }
      writing.end();
      separator = ',';
    }
    json.raw(']');
  }

  private static void egress(JsonBytes json, RoomEgress egress) {
    RoomConfigJson writing = new RoomConfigJson(json);
    egress.room().ifPresent(room -> composite(writing.name("room"), room));
    egress.participants().ifPresent(path -> files(writing.name("participant"), path));
    egress.tracks().ifPresent(path -> texts(writing.name("tracks"), Map.of("filepath", path)));
    writing.end();
  }

  private static void composite(JsonBytes json, RoomEgress.Composite room) {
    RoomConfigJson writing = new RoomConfigJson(json);
    writing.text("layout", room.layout());
    if (room.audioOnly()) {
      writing.name("audioOnly").raw(JsonBytes.ascii("true"));
    }
    fileOutputs(writing.name("fileOutputs"), room.filepath());
    writing.end();
  }

  private static void files(JsonBytes json, String path) {
    RoomConfigJson writing = new RoomConfigJson(json);
    fileOutputs(writing.name("fileOutputs"), path);
    writing.end();
  }

  private static void fileOutputs(JsonBytes json, String path) {
    texts(json.raw('['), Map.of("filepath", path));
    json.raw(']');
  }

  private JsonBytes name(String name) {
    json.raw(before).string(name).raw(':');
    before = ',';
    return json;
  }

  private void text(String name, Optional<String> text) {
    text.ifPresent(present -> name(name).string(present));
  }

  private void number(String name, Optional<Long> number) {
    number.ifPresent(present -> name(name).raw(JsonBytes.ascii(Long.toString(present))));
  }

  private void end() {
    if (before == '{') {
      json.raw('{');
    }
    json.raw('}');
  }
}
