package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenRequestTest {
  private static final ParticipantToken ADA = ParticipantToken.join("standup", "ada");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a\r\nb",
        "a\nb",
        "a\u0000b",
        "tab\t",
        "\u007f",
        "next line \u0085",
        "half \ud83d",
        "half \udc4b",
        "swapped \udc4b\ud83d"
      })
  void bad_names_are_refused_wherever_they_stand(String bad) {
    refused("room", () -> ParticipantToken.join(bad, "ada"));
    refused("identity", () -> ParticipantToken.join("standup", bad));
    refused("room", () -> AgentToken.join(bad, "bridge"));
    refused("identity", () -> AgentToken.join("standup", bad));
    refused("name", () -> ADA.name(bad));
    refused("agentName", () -> AgentToken.join("standup", "bridge").agentName(bad));
    refused("attributes", () -> ADA.attribute(bad, "v"));
  }

  @Test
  void names_are_bounded_in_bytes_of_utf8() {
    for (String unit : new String[] {"a", "ü", "漢", "👋"}) {
      int bytes = Tokens.utf8(unit).length;
      String longest = unit.repeat(256 / bytes) + "a".repeat(256 % bytes);
      assertThat(ParticipantToken.join(longest, longest).name(longest).room()).isEqualTo(longest);
      refused("room", () -> ParticipantToken.join(longest + "a", "ada"));
      refused("identity", () -> ParticipantToken.join("standup", longest + "a"));
      refused("name", () -> ADA.name(longest + "a"));
    }
    refused("identity", () -> ParticipantToken.join("standup", "x".repeat(10_000)));
  }

  @Test
  void metadata_is_bounded_in_bytes_of_utf8() {
    String longest = "ü".repeat(TokenRequest.MAX_METADATA_BYTES / 2);
    assertThat(ADA.metadata(longest)).isNotNull();
    assertThat(ADA.metadata("")).isNotNull();
    refused("metadata", () -> ADA.metadata(longest + "a"));
    refused("metadata", () -> ADA.metadata("\ud83d"));
  }

  @Test
  void attributes_are_bounded_in_bytes_and_number() {
    String half = "v".repeat(TokenRequest.MAX_ATTRIBUTES_BYTES / 2 - 1);
    ParticipantToken full = ADA.attribute("a", half).attribute("b", half);
    refused("attributes", () -> full.attribute("c", ""));
    refused("attributes", () -> ADA.attribute("a", half).attribute("b", half + "v"));
    refused("attributes", () -> ADA.attribute("a", "\udc4b"));
    refused("attributes", () -> ADA.attribute("k".repeat(257), ""));

    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < TokenRequest.MAX_ATTRIBUTES; i++) {
      many.put("k" + i, "v");
    }
    ParticipantToken most = ADA.attributes(many);
    assertThat(most.attribute("k0", "other")).isNotNull();
    refused("attributes", () -> most.attribute("one more", "v"));
  }

  @Test
  void ttl_goes_from_a_second_to_a_day() {
    assertThat(ADA.ttl(Duration.ofSeconds(1)).spec.ttl()).isEqualTo(Duration.ofSeconds(1));
    assertThat(ADA.ttl(Duration.ofHours(24)).spec.ttl()).isEqualTo(Duration.ofDays(1));
    assertThat(ADA.spec.ttl()).isEqualTo(Duration.ofHours(1));
    for (Duration bad :
        new Duration[] {
          Duration.ZERO,
          Duration.ofSeconds(-1),
          Duration.ofMillis(999),
          Duration.ofHours(24).plusNanos(1),
          Duration.ofSeconds(Long.MAX_VALUE),
          Duration.ofSeconds(Long.MIN_VALUE),
          Duration.ofMillis(Long.MAX_VALUE),
          Duration.ofSeconds(Integer.MAX_VALUE),
          // An hour, said in milliseconds to somebody who counts seconds.
          Duration.ofSeconds(3_600_000)
        }) {
      refused("ttl", () -> ADA.ttl(bad));
    }
  }

  @Test
  void the_message_names_the_bound_and_never_the_value() {
    assertThatThrownBy(() -> ADA.name("CANARY\r\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("name: 1 to 256 bytes of well-formed UTF-8 without control characters");
    assertThatThrownBy(() -> ADA.ttl(Duration.ofDays(2))).hasMessage("ttl: 1 second to 24 hours");
  }

  @Test
  void no_source_at_all_is_refused_because_it_would_mean_every_source() {
    refused("canPublishSources", ADA::canPublishSources);
  }

  @Test
  void a_request_is_not_changed_by_what_is_made_of_it() {
    UnaryOperator<ParticipantToken> change =
        token -> token.name("Ada").metadata("m").attribute("a", "b").canPublish(false);
    TokenSpec asNew = ParticipantToken.join("standup", "ada").spec;
    assertThat(change.apply(ADA).spec).usingRecursiveComparison().isNotEqualTo(asNew);
    assertThat(ADA.spec).usingRecursiveComparison().isEqualTo(asNew);
  }

  @Test
  void to_string_shows_neither_metadata_nor_attributes() {
    assertThat(ADA.metadata("CANARY").attribute("CANARY", "CANARY"))
        .hasToString("ParticipantToken[ada in standup]");
  }

  /** What a host says of all who join, whoever they are. */
  private static <T extends JoinToken<T>> T quiet(T joining) {
    return joining.canPublishData(false).attribute("desk", "7");
  }

  @Test
  void what_joins_can_be_said_of_people_and_agents_alike() {
    assertThat(JoinToken.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(ParticipantToken.class, AgentToken.class);
    ParticipantToken person = quiet(ADA);
    AgentToken agent = quiet(AgentToken.join("standup", "bridge"));
    for (TokenSpec spec : new TokenSpec[] {person.spec, agent.spec}) {
      assertThat(spec.video().allows(VideoPermission.CAN_PUBLISH_DATA)).isFalse();
      assertThat(spec.attributes()).containsExactly(Map.entry("desk", "7"));
    }
  }

  @Test
  void what_a_token_leaves_open_is_read_as_the_server_reads_it() {
    VideoGrants open = VideoGrants.joining("standup");
    assertThat(open.allows(VideoPermission.CAN_PUBLISH)).isTrue();
    assertThat(open.allows(VideoPermission.CAN_SUBSCRIBE)).isTrue();
    assertThat(open.allows(VideoPermission.CAN_PUBLISH_DATA)).isTrue();
    assertThat(open.allows(VideoPermission.CAN_UPDATE_OWN_METADATA)).isFalse();
    assertThat(open.allows(VideoPermission.ROOM_ADMIN)).isFalse();

    VideoGrants mute = open.with(VideoPermission.CAN_PUBLISH, false);
    assertThat(mute.allows(VideoPermission.CAN_PUBLISH_DATA)).isFalse();
    assertThat(
            mute.with(VideoPermission.CAN_PUBLISH_DATA, true)
                .allows(VideoPermission.CAN_PUBLISH_DATA))
        .isTrue();
  }

  private static void refused(String property, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo(property));
  }
}
