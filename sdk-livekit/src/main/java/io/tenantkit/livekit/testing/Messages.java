package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.util.List;
import livekit.LivekitAgentDispatch.CreateAgentDispatchRequest;
import livekit.LivekitAgentDispatch.RoomAgentDispatch;
import livekit.LivekitRoom.CreateRoomRequest;
import livekit.LivekitRoom.RoomConfiguration;

/** The protocol's messages, as the server reads and writes them. */
final class Messages {
  /** What agents are deployed as is newer than the messages on our class path. */
  private static final String DEPLOYMENT = "deployment";

  private static final int DEPLOYMENT_OF_ROOM_AGENT = 4;
  private static final int DEPLOYMENT_OF_REQUEST = 5;

  private static final JsonMapper FIRST = new JsonMapper();

  private Messages() {}

  static Message readJson(byte[] body, Message prototype) throws Fault {
    Message.Builder builder = prototype.newBuilderForType();
    try {
      // What follows the object is not read.
      merge(FIRST.readTree(body), builder);
    } catch (IOException e) {
      throw malformed("json");
    }
    return builder.build();
  }

  static Message readProtobuf(byte[] body, Message prototype) throws Fault {
    try {
      return prototype.newBuilderForType().mergeFrom(body).build();
    } catch (InvalidProtocolBufferException e) {
      throw malformed("protobuf");
    }
  }

  private static Fault malformed(String format) {
    return new Fault("malformed", "the " + format + " request could not be decoded");
  }

  /** Unknown fields are passed over, values of the wrong type are not. */
  static void merge(JsonNode json, Message.Builder builder) throws Fault {
    if (!ProtoJson.fits(json, builder.getDescriptorForType())) {
      throw malformed("json");
    }
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json.toString(), builder);
    } catch (InvalidProtocolBufferException e) {
      throw malformed("json");
    }
    if (builder instanceof CreateRoomRequest.Builder room) {
      deployments(json, room.getAgentsBuilderList());
    } else if (builder instanceof RoomConfiguration.Builder room) {
      deployments(json, room.getAgentsBuilderList());
    } else if (builder instanceof CreateAgentDispatchRequest.Builder request) {
      deployment(json, request, DEPLOYMENT_OF_REQUEST);
    }
  }

  private static void deployments(JsonNode json, List<RoomAgentDispatch.Builder> agents) {
    JsonNode listed = json.path("agents");
    for (int i = 0; i < agents.size(); i++) {
      deployment(listed.path(i), agents.get(i), DEPLOYMENT_OF_ROOM_AGENT);
    }
  }

  private static void deployment(JsonNode json, Message.Builder builder, int number) {
    String text = json.path(DEPLOYMENT).asText("");
    if (!text.isEmpty()) {
      builder.setUnknownFields(
          UnknownFieldSet.newBuilder()
              .addField(
                  number,
                  UnknownFieldSet.Field.newBuilder()
                      .addLengthDelimited(ByteString.copyFromUtf8(text))
                      .build())
              .build());
    }
  }

  static String deployment(CreateAgentDispatchRequest request) {
    return deployment(request, DEPLOYMENT_OF_REQUEST);
  }

  static String deployment(RoomAgentDispatch agent) {
    return deployment(agent, DEPLOYMENT_OF_ROOM_AGENT);
  }

  private static String deployment(Message message, int number) {
    List<ByteString> texts = message.getUnknownFields().getField(number).getLengthDelimitedList();
    return texts.isEmpty() ? "" : texts.get(texts.size() - 1).toStringUtf8();
  }

  /** As the API answers: the protocol's own names, and what is empty too. */
  static String answerJson(Message message) {
    return print(
        JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence(),
        message);
  }

  /** As webhooks are written: camel case, without what is empty. */
  static String eventJson(Message message) {
    return print(JsonFormat.printer(), message);
  }

  private static String print(JsonFormat.Printer printer, Message message) {
    try {
      return printer.omittingInsignificantWhitespace().print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of our own cannot be printed", e);
    }
  }
}
