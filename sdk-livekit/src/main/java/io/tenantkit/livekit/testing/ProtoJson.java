package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;

/**
 * Whether JSON has the types of a message. Java's reader takes a number for a text and a text for a
 * yes or no; the server's does not.
 */
final class ProtoJson {
  private ProtoJson() {}

  static boolean fits(JsonNode json, Descriptor message) {
    if (!json.isObject()) {
      return false;
    }
    for (FieldDescriptor field : message.getFields()) {
      for (String name : new String[] {field.getName(), field.getJsonName()}) {
        JsonNode value = json.path(name);
        if (!value.isMissingNode() && !value.isNull() && !fits(value, field)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean fits(JsonNode value, FieldDescriptor field) {
    if (field.isMapField()) {
      FieldDescriptor each = field.getMessageType().findFieldByName("value");
      return value.isObject() && allFit(value, each);
    }
    return field.isRepeated() ? value.isArray() && allFit(value, field) : oneFits(value, field);
  }

  private static boolean allFit(JsonNode values, FieldDescriptor field) {
    for (JsonNode each : values) {
      if (!oneFits(each, field)) {
        return false;
      }
    }
    return true;
  }

  private static boolean oneFits(JsonNode value, FieldDescriptor field) {
    JavaType type = field.getJavaType();
    return switch (type) {
      case STRING, BYTE_STRING -> value.isTextual();
      case BOOLEAN -> value.isBoolean();
      case ENUM -> value.isTextual() || value.isIntegralNumber();
      case INT, LONG, FLOAT, DOUBLE -> value.isTextual() || value.isNumber();
      case MESSAGE ->
          field.getMessageType().getFullName().startsWith("google.protobuf.")
              || fits(value, field.getMessageType());
    };
  }
}
