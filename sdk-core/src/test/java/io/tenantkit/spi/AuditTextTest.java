package io.tenantkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the chain hashes of a row says all of the row, and can be read again. */
class AuditTextTest {
  private static final ChainHash LINK = StoredAuditEvent.genesis("acme");

  @Test
  void textOfARowIsReadAsTheSameRow() {
    StoredAuditEvent row =
        new StoredAuditEvent(
            "acme",
            "evt_1:2:",
            Instant.parse("1969-12-31T23:59:59.999999Z"),
            "HOST",
            "Zo\u00eb \uD83D\uDE00",
            "secret.used",
            "secret",
            "",
            "{\"a\":\"1:x\"}",
            7,
            Optional.of(LINK));

    assertThat(StoredAuditEvent.ofText(row.text(7), LINK)).isEqualTo(row);
  }

  @Test
  void membersAreReadAsTheyWereWritten() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("name", "quote \" backslash \\ line\nfeed \u0001 \u00e4 \uD83D\uDE00 \uD800");
    members.put("", "");
    members.put("u", "\\u0041");

    assertThat(JsonText.members(JsonText.object(members))).isEqualTo(members);
    assertThat(JsonText.members("{}")).isEmpty();
  }

  @Test
  void whatWasNotWrittenSoIsRefused() {
    assertThatThrownBy(() -> JsonText.members("{\"a\":1}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JsonText.members("[]")).isInstanceOf(IllegalArgumentException.class);
  }

  /** The short way and the way through a row give the same bytes. */
  @Test
  void anEventHasTheTextOfItsRow() {
    for (String value :
        new String[] {"plain", "", "a\"b\\c", "tab\t", "\u00e9\u4e2d", "\ud83d\ude00", "~}"}) {
      for (Map<String, String> details :
          List.of(Map.<String, String>of(), Map.of("k", value), Map.of("k", value, "l", "m"))) {
        AuditEvent event =
            new AuditEvent(
                "evt_1",
                OrganizationId.of("acme"),
                Instant.ofEpochSecond(-1, 999_999_000),
                Actor.host("h\u00e4nde"),
                "tested",
                "thing",
                "thing-" + value,
                details);
        assertThat(StoredAuditEvent.text(event, 1_234_567_890_123L))
            .isEqualTo(StoredAuditEvent.of(event).text(1_234_567_890_123L));
      }
    }
  }
}
