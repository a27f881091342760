package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonIOException;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The canary goes through every usual printer and serializer, and never comes out. */
class SecretLeakTest {

  record SecretHolder(String name, SecretValue value) {}

  record MasterHolder(MasterKey key) {}

  record SerializableHolder(Object value) implements Serializable {}

  /** Everything that holds secret bytes: alone, in a record, in a list, in a map. */
  static List<Object> carriers() {
    SecretValue value = SecretValue.of(Canary.TEXT);
    return List.of(
        value,
        new SecretHolder("stripe", value),
        List.of(value),
        Map.of("value", value),
        Map.of(value, "as a key"),
        canaryKey(),
        new MasterHolder(canaryKey()));
  }

  /** Same, but for types that mappers may print as empty objects. */
  static List<Object> opaqueCarriers() {
    byte[] bytes = canaryKeyBytes();
    return List.of(
        MasterKeys.of(canaryKey()),
        SealingKeys.create().key(KeyLayer.DATA, new byte[16], bytes),
        new RawKey("AES", bytes));
  }

  static List<Object> publicCarriers() {
    return allCarriers().stream().filter(carrier -> !(carrier instanceof RawKey)).toList();
  }

  static List<Object> allCarriers() {
    return java.util.stream.Stream.concat(carriers().stream(), opaqueCarriers().stream()).toList();
  }

  private static byte[] canaryKeyBytes() {
    return Arrays.copyOf(Canary.TEXT.getBytes(StandardCharsets.UTF_8), 32);
  }

  private static MasterKey canaryKey() {
    return MasterKey.of(canaryKeyBytes());
  }

  @Test
  void theCanaryWouldBeSeen() throws Exception {
    byte[] bytes = Canary.TEXT.getBytes(StandardCharsets.UTF_8);
    @SuppressWarnings("ArrayRecordComponent") // the very leak that is to be seen
    record Leak(byte[] bytes) {}
    assertThat(Canary.sightings(Canary.TEXT, new Gson().toJson(new Leak(bytes)))).isNotEmpty();
    assertThat(Canary.sightings(Canary.TEXT, new ObjectMapper().writeValueAsString(bytes)))
        .isNotEmpty();
    assertThat(Canary.sightings(Canary.TEXT, "x" + Arrays.toString(bytes))).isNotEmpty();
    assertThat(Canary.sightings(Canary.TEXT, java.util.HexFormat.of().formatHex(bytes)))
        .isNotEmpty();
    assertThat(Canary.sightings(Canary.TEXT, Canary.TEXT)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("allCarriers")
  void toStringIsRedacted(Object carrier) {
    Canary.assertAbsentFrom("toString", carrier.toString());
    assertThat(carrier.toString()).contains("redacted");
  }

  @ParameterizedTest
  @MethodSource("carriers")
  void jackson2Refuses(Object carrier) {
    for (ObjectMapper mapper : jackson2()) {
      if (carrier instanceof Map<?, ?> map && map.containsValue("as a key")) {
        continue; // keys have a test of their own
      }
      refused(() -> mapper.writeValueAsString(carrier));
      refused(() -> mapper.convertValue(carrier, Object.class));
      refused(() -> mapper.valueToTree(carrier));
    }
  }

  @ParameterizedTest
  @MethodSource("carriers")
  void jackson3Refuses(Object carrier) {
    for (tools.jackson.databind.ObjectMapper mapper : jackson3()) {
      if (carrier instanceof Map<?, ?> map && map.containsValue("as a key")) {
        continue;
      }
      refused(() -> mapper.writeValueAsString(carrier));
      refused(() -> mapper.convertValue(carrier, Object.class));
      refused(() -> mapper.valueToTree(carrier));
    }
  }

  /**
   * Without annotations, as map keys, and for types that refuse nothing: no bytes all the same.
   * RawKey is left out: its getEncoded() is what the JDK calls, so that a mapper would print it;
   * therefore no public type has a way to it.
   */
  @ParameterizedTest
  @MethodSource("publicCarriers")
  void jacksonNeverPrintsTheBytes(Object carrier) {
    ObjectMapper blind2 = open(JsonMapper.builder().disable(MapperFeature.USE_ANNOTATIONS)).build();
    tools.jackson.databind.ObjectMapper blind3 =
        tools.jackson.databind.json.JsonMapper.builder()
            .disable(tools.jackson.databind.MapperFeature.USE_ANNOTATIONS)
            .disable(tools.jackson.databind.SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .changeDefaultVisibility(v -> v.withVisibility(PropertyAccessor.ALL, ANY))
            .build();
    for (ObjectMapper mapper : jackson2()) {
      absent(() -> mapper.writeValueAsString(carrier));
    }
    for (tools.jackson.databind.ObjectMapper mapper : jackson3()) {
      absent(() -> mapper.writeValueAsString(carrier));
    }
    absent(() -> blind2.writeValueAsString(carrier));
    absent(() -> blind3.writeValueAsString(carrier));
  }

  @Test
  void jacksonReadsNoSecret() {
    for (String json :
        List.of("\"sk-CANARY-7f3a9c\"", "{\"value\":\"sk-CANARY-7f3a9c\"}", "[1,2]", "5", "{}")) {
      for (ObjectMapper mapper : jackson2()) {
        refused(() -> mapper.readValue(json, SecretValue.class));
        refused(() -> mapper.readValue(json, MasterKey.class));
        refused(
            () -> mapper.readValue("{\"name\":\"x\",\"value\":" + json + "}", SecretHolder.class));
      }
      for (tools.jackson.databind.ObjectMapper mapper : jackson3()) {
        refused(() -> mapper.readValue(json, SecretValue.class));
        refused(() -> mapper.readValue(json, MasterKey.class));
        refused(
            () -> mapper.readValue("{\"name\":\"x\",\"value\":" + json + "}", SecretHolder.class));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("allCarriers")
  void gsonNeverPrintsTheBytes(Object carrier) {
    absent(() -> new Gson().toJson(carrier));
    absent(() -> new GsonBuilder().serializeNulls().create().toJson(carrier));
  }

  /** A Gson that prints transient fields as well meets a JDK type that it cannot open. */
  @Test
  void gsonThatPrintsTransientFieldsFails() {
    Gson gson = new GsonBuilder().excludeFieldsWithModifiers(Modifier.STATIC).create();
    SecretValue value = SecretValue.of(Canary.TEXT);
    for (Object carrier :
        List.of(value, new SecretHolder("x", value), new RawKey("AES", canaryKeyBytes()))) {
      assertThatThrownBy(() -> gson.toJson(carrier)).isInstanceOf(JsonIOException.class);
    }
    for (Object carrier : allCarriers()) {
      absent(() -> gson.toJson(carrier));
    }
  }

  @ParameterizedTest
  @MethodSource("allCarriers")
  void javaSerializationFails(Object carrier) {
    for (Object tried : new Object[] {carrier, new SerializableHolder(carrier)}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      assertThatThrownBy(
              () -> {
                try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
                  objects.writeObject(tried);
                }
              })
          .isInstanceOf(NotSerializableException.class);
      Canary.assertAbsentFrom("stream", out.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void exceptionsOfTheSealedRecordDoNotQuoteIt() {
    SealingKey key = SealingKeys.create().key(KeyLayer.DATA, new byte[16], canaryKeyBytes());
    byte[] canary = Canary.TEXT.getBytes(StandardCharsets.UTF_8);
    byte[] record = key.seal(canary, canary, new SecureRandom());
    absent(() -> new String(key.open(canary, canary), StandardCharsets.UTF_8));
    absent(() -> new String(key.open(record, new byte[0]), StandardCharsets.UTF_8));
    key.close();
    absent(() -> new String(key.open(record, canary), StandardCharsets.UTF_8));
  }

  private static final JsonAutoDetect.Visibility ANY = JsonAutoDetect.Visibility.ANY;

  private static List<ObjectMapper> jackson2() {
    return List.of(
        new ObjectMapper(),
        open(JsonMapper.builder()).build(),
        open(JsonMapper.builder().enable(MapperFeature.INFER_PROPERTY_MUTATORS)).build());
  }

  private static JsonMapper.Builder open(JsonMapper.Builder builder) {
    return builder
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .visibility(PropertyAccessor.ALL, ANY);
  }

  private static List<tools.jackson.databind.ObjectMapper> jackson3() {
    return List.of(
        new tools.jackson.databind.ObjectMapper(),
        tools.jackson.databind.json.JsonMapper.builder()
            .disable(tools.jackson.databind.SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .changeDefaultVisibility(v -> v.withVisibility(PropertyAccessor.ALL, ANY))
            .build());
  }

  private interface Printing {
    Object print() throws Exception;
  }

  private static void refused(Printing printing) {
    Throwable thrown = catchThrowable(printing::print);
    assertThat(thrown).isInstanceOf(Exception.class);
    Canary.assertAbsentFrom("exception", stackTrace(thrown));
  }

  private static void absent(Printing printing) {
    String text;
    try {
      text = String.valueOf(printing.print());
    } catch (Exception e) {
      text = stackTrace(e);
    }
    Canary.assertAbsentFrom("output", text);
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
