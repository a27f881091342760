package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;

/** The protocol's messages, as the server reads and writes them. */
final class Messages {
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
    if (!NewerFields.read(json, builder)) {
      throw malformed("json");
    }
  }

  /** As the API answers: the protocol's own names, and what is empty too. */
  static String answerJson(Message message) {
    return NewerFields.written(
        message,
        print(
            JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence(),
            message));
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
