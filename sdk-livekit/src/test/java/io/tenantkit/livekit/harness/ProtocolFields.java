package io.tenantkit.livekit.harness;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a message of LiveKit's protocol could have said and did not. */
public final class ProtocolFields {
  private ProtocolFields() {}

  /**
   * Fields without a value, here and in the messages within, as {@code Message.field}; neither
   * deprecated ones nor the choices of a oneof that was made otherwise.
   */
  public static SortedSet<String> unsaid(Message message) {
    SortedSet<String> unsaid = new TreeSet<>();
    collect(message, unsaid);
    return unsaid;
  }

  private static void collect(Message message, SortedSet<String> unsaid) {
    Map<FieldDescriptor, Object> said = message.getAllFields();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      Object value = said.get(field);
      boolean otherwise =
          field.getRealContainingOneof() != null
              && (message.hasOneof(field.getRealContainingOneof())
                  || field.getRealContainingOneof().getFields().stream()
                      .allMatch(each -> each.getOptions().getDeprecated()));
      if (value == null && !field.getOptions().getDeprecated() && !otherwise) {
        unsaid.add(message.getDescriptorForType().getName() + "." + field.getName());
      }
      List<?> values =
          value instanceof Collection<?> many
              ? List.copyOf(many)
              : value == null ? List.of() : List.of(value);
      for (Object each : values) {
        if (each instanceof Message inner && !field.isMapField()) {
          collect(inner, unsaid);
        }
      }
    }
  }
}
