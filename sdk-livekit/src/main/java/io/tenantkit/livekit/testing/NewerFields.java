package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import livekit.LivekitAgentDispatch.AgentDispatch;
import livekit.LivekitAgentDispatch.CreateAgentDispatchRequest;
import livekit.LivekitAgentDispatch.ListAgentDispatchResponse;
import livekit.LivekitAgentDispatch.RoomAgentDispatch;
import livekit.LivekitRoom.CreateRoomRequest;
import livekit.LivekitRoom.RoomConfiguration;

/**
 * What is said of an agent that is sent and is newer than the messages on our class path: which
 * deployment, and its attributes. Within a message they are unknown fields.
 */
final class NewerFields {
  private static final String DEPLOYMENT = "deployment";
  private static final String ATTRIBUTES = "attributes";
  private static final JsonMapper JSON = new JsonMapper();

  /** Their numbers within a message. */
  private record Numbers(int deployment, int attributes) {
    static final Numbers ROOM_AGENT = new Numbers(4, 5);
    static final Numbers REQUEST = new Numbers(5, 6);
    static final Numbers DISPATCH = new Numbers(7, 8);
  }

  private NewerFields() {}

  /** Puts them into a message that was read from this; false when they are of another type. */
  static boolean read(JsonNode json, Message.Builder builder) {
    if (builder instanceof CreateRoomRequest.Builder room) {
      return read(json, room.getAgentsBuilderList());
    }
    if (builder instanceof RoomConfiguration.Builder room) {
      return read(json, room.getAgentsBuilderList());
    }
    return !(builder instanceof CreateAgentDispatchRequest.Builder)
        || read(json, builder, Numbers.REQUEST);
  }

  private static boolean read(JsonNode json, List<RoomAgentDispatch.Builder> agents) {
    JsonNode listed = json.path("agents");
    for (int i = 0; i < agents.size(); i++) {
      if (!read(listed.path(i), agents.get(i), Numbers.ROOM_AGENT)) {
        return false;
      }
    }
    return true;
  }

  private static boolean read(JsonNode json, Message.Builder builder, Numbers numbers) {
    JsonNode deployment = json.path(DEPLOYMENT);
    JsonNode attributes = json.path(ATTRIBUTES);
    if (!(isNothing(deployment) || deployment.isTextual())
        || !(isNothing(attributes) || attributes.isObject())) {
      return false;
    }
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> each : attributes.properties()) {
      if (!each.getValue().isTextual()) {
        return false;
      }
      texts.put(each.getKey(), each.getValue().textValue());
    }
    builder.setUnknownFields(fields(numbers, deployment.asText(""), texts));
    return true;
  }

  private static boolean isNothing(JsonNode json) {
    return json.isMissingNode() || json.isNull();
  }

  private static UnknownFieldSet fields(
      Numbers numbers, String deployment, Map<String, String> attributes) {
    UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
    if (!deployment.isEmpty()) {
      fields.addField(numbers.deployment(), field(ByteString.copyFromUtf8(deployment)));
    }
    // As protocol buffers have maps: an item for each, with its key and its value.
    attributes.forEach(
        (name, text) ->
            fields.mergeField(
                numbers.attributes(),
                field(
                    UnknownFieldSet.newBuilder()
                        .addField(1, field(ByteString.copyFromUtf8(name)))
                        .addField(2, field(ByteString.copyFromUtf8(text)))
                        .build()
                        .toByteString())));
    return fields.build();
  }

  private static Field field(ByteString bytes) {
    return Field.newBuilder().addLengthDelimited(bytes).build();
  }

  static UnknownFieldSet ofDispatch(String deployment, Map<String, String> attributes) {
    return fields(Numbers.DISPATCH, deployment, attributes);
  }

  static String deployment(CreateAgentDispatchRequest request) {
    return text(request.getUnknownFields(), Numbers.REQUEST.deployment());
  }

  static String deployment(RoomAgentDispatch agent) {
    return text(agent.getUnknownFields(), Numbers.ROOM_AGENT.deployment());
  }

  static Map<String, String> attributes(CreateAgentDispatchRequest request) {
    return texts(request, Numbers.REQUEST);
  }

  static Map<String, String> attributes(RoomAgentDispatch agent) {
    return texts(agent, Numbers.ROOM_AGENT);
  }

  /** The last of several counts. */
  private static String text(UnknownFieldSet fields, int number) {
    List<ByteString> texts = fields.getField(number).getLengthDelimitedList();
    return texts.isEmpty() ? "" : texts.get(texts.size() - 1).toStringUtf8();
  }

  private static Map<String, String> texts(Message message, Numbers numbers) {
    Map<String, String> texts = new TreeMap<>();
    for (ByteString each :
        message.getUnknownFields().getField(numbers.attributes()).getLengthDelimitedList()) {
      try {
        UnknownFieldSet entry = UnknownFieldSet.parseFrom(each);
        texts.put(text(entry, 1), text(entry, 2));
      } catch (InvalidProtocolBufferException e) {
        // What is no map says nothing.
      }
    }
    return texts;
  }

  /** An answer with them; each dispatch says them, also when they are empty. */
  static String written(Message message, String json) {
    try {
      if (message instanceof AgentDispatch dispatch) {
        return with(dispatch, JSON.readTree(json)).toString();
      }
      if (message instanceof ListAgentDispatchResponse all) {
        JsonNode tree = JSON.readTree(json);
        for (int i = 0; i < all.getAgentDispatchesCount(); i++) {
          with(all.getAgentDispatches(i), tree.path("agent_dispatches").path(i));
        }
        return tree.toString();
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON of our own cannot be read", e);
    }
  }

  private static JsonNode with(AgentDispatch dispatch, JsonNode json) {
    ObjectNode object = (ObjectNode) json;
    object.put(DEPLOYMENT, text(dispatch.getUnknownFields(), Numbers.DISPATCH.deployment()));
    ObjectNode attributes = object.putObject(ATTRIBUTES);
    texts(dispatch, Numbers.DISPATCH).forEach(attributes::put);
    return json;
  }
}
