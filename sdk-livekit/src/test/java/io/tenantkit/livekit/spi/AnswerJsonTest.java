package io.tenantkit.livekit.spi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.livekit.ParticipantKind;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What servers of all versions say of a participant, and what none should. */
class AnswerJsonTest {
  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  private static Instant joined(String text) throws JsonProcessingException {
    return AnswerJson.time(json(text), "joined_at");
  }

  @Test
  void aTimeIsReadInMillisecondsOrElseInSeconds() throws JsonProcessingException {
    assertThat(joined("{'joinedAt':'5','joinedAtMs':'5250'}"))
        .isEqualTo(Instant.ofEpochMilli(5_250));
    assertThat(joined("{'joined_at':5,'joined_at_ms':5250}"))
        .isEqualTo(Instant.ofEpochMilli(5_250));
    assertThat(joined("{'joinedAt':'5'}")).isEqualTo(Instant.ofEpochSecond(5));
    for (String none : new String[] {"{}", "{'joinedAt':-1}", "{'joinedAt':'soon'}"}) {
      assertThat(joined(none)).isEqualTo(Instant.EPOCH);
    }
    for (String late : new String[] {"{'joinedAt':'%d'}", "{'joinedAtMs':'%d'}"}) {
      assertThat(joined(late.formatted(Long.MAX_VALUE)))
          .isBetween(
              Instant.parse("9999-12-31T23:59:59Z"), Instant.parse("9999-12-31T23:59:59.999Z"));
    }
  }

  @Test
  void anUnknownKindIsAPersonsClient() throws JsonProcessingException {
    assertThat(AnswerJson.kind(json("{'kind':'AGENT'}"), "kind")).isEqualTo(ParticipantKind.AGENT);
    for (String other : new String[] {"{}", "{'kind':'ROBOT'}", "{'kind':4}"}) {
      assertThat(AnswerJson.kind(json(other), "kind")).isEqualTo(ParticipantKind.STANDARD);
    }
  }
}
