package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What JSON libraries read out of our texts, and that we write them as Jackson does. */
final class JsonBytesTest {
  private static final ObjectMapper READER = new ObjectMapper();
  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();
  private static final long SEED = 20_261_121L;

  @Test
  void every_character_that_has_utf8_is_read_as_it_was() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    requireFaithful(all.toString());
    for (int c = 0; c < 0x900; c++) {
      requireFaithful(Character.toString(c));
      requireFaithful("a" + Character.toString(c) + "b");
    }
  }

  @Test
  void random_texts_are_read_as_they_were() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      requireFaithful(text(random, random.nextInt(80)));
    }
    // Long enough for the array to grow several times.
    requireFaithful("\u0001".repeat(10_000) + "plain".repeat(10_000) + "\ud83d\udc4b".repeat(99));
    requireFaithful("");
  }

  @Test
  void half_a_surrogate_pair_is_refused() {
    for (String text :
        List.of("\ud83d", "\udc4b", "a\ud83db", "\ud83d\ud83d\udc4b", "\udc4b\ud83d")) {
      assertThatThrownBy(() -> new JsonBytes(0).string(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void the_claims_of_a_random_wish_are_read_as_they_were() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 2_000; i++) {
      Map<String, String> attributes = new LinkedHashMap<>();
      for (int n = random.nextInt(4); n > 0; n--) {
        attributes.put("k" + n + name(random), text(random, random.nextInt(20)));
      }
      String room = name(random);
      String identity = name(random);
      String displayed = name(random);
      String metadata = text(random, random.nextInt(200));
      String apiKey = apiKey(random);
      TokenSpec spec =
          ParticipantToken.join(room, identity)
              .name(displayed)
              .metadata(metadata)
              .attributes(attributes)
              .canPublish(random.nextBoolean())
              .spec;

      Map<?, ?> claims;
      try (SigningKey key = SigningKey.takeOver(Tokens.utf8("secret"))) {
        byte[] token = new UnsignedToken(spec, "tok_1", i, i + 60L).sign(apiKey, key);
        String jwt = new String(token, StandardCharsets.US_ASCII);
        byte[] payload = Base64.getUrlDecoder().decode(jwt.split("\\.", -1)[1]);
        claims = READER.readValue(payload, Map.class);
      }
      Map<String, Object> expected = new LinkedHashMap<>();
      expected.put("iss", apiKey);
      expected.put("sub", identity);
      expected.put("jti", "tok_1");
      expected.put("iat", i);
      expected.put("nbf", i);
      expected.put("exp", i + 60);
      expected.put("name", displayed);
      expected.put("metadata", metadata);
      if (!attributes.isEmpty()) {
        expected.put("attributes", attributes);
      }
      expected.put(
          "video",
          Map.of(
              "room",
              room,
              "roomJoin",
              true,
              "canPublish",
              spec.video().allows(VideoPermission.CAN_PUBLISH)));
      assertThat(claims).isEqualTo(expected);
      assertThat(new ArrayList<Object>(claims.keySet()))
          .isEqualTo(new ArrayList<Object>(expected.keySet()));
    }
  }

  private static void requireFaithful(String text) throws IOException {
    JsonBytes json = new JsonBytes(0).string(text);
    byte[] bytes = new byte[json.length()];
    assertThat(json.copyTo(bytes, 0)).isEqualTo(bytes.length);
    assertThat(READER.readValue(bytes, String.class)).isEqualTo(text);
    ByteArrayOutputStream theirs = new ByteArrayOutputStream();
    try (JsonGenerator generator = JACKSON.createGenerator(theirs)) {
      generator.writeString(text);
    }
    assertThat(bytes).isEqualTo(theirs.toByteArray());
  }

  /** Mostly what needs care: controls, quotes, backslashes, all lengths of UTF-8. */
  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      switch (random.nextInt(7)) {
        case 0 -> text.append((char) random.nextInt(0x20));
        case 1 -> text.append(random.nextBoolean() ? '"' : '\\');
        case 2 -> text.append((char) (0x7F + random.nextInt(0x781)));
        case 3 -> text.append((char) (0x800 + random.nextInt(0xD000)));
        case 4 -> text.append((char) (0xE000 + random.nextInt(0x2000)));
        case 5 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
        default -> text.append((char) (' ' + random.nextInt(0x5F)));
      }
    }
    return text.toString();
  }

  /** The same without controls, which names may not have, and never empty. */
  private static String name(Random random) {
    StringBuilder name = new StringBuilder("n");
    text(random, random.nextInt(12))
        .codePoints()
        .filter(c -> !Character.isISOControl(c))
        .forEach(name::appendCodePoint);
    return name.toString();
  }

  private static String apiKey(Random random) {
    StringBuilder key = new StringBuilder("\\\"");
    for (int n = random.nextInt(30); n > 0; n--) {
      key.append((char) ('!' + random.nextInt(0x5E)));
    }
    return key.toString();
  }
}
