package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What looks like somebody's address or number, and what does not. */
class PersonalDataTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ada@example.com",
        "ADA.Lovelace+desk@mail.example.co.uk",
        "\"ada b\"@example.com",
        "user:ada@example.com",
        "mailto:ada@example.com?subject=x",
        "room of ada@example.com and bob",
        "ada%40example.com",
        "ada\uFF20example.com",
        "ada@b\u00FCcher.example",
        "ada@xn--bcher-kva.example",
        "\u0438\u0432\u0430\u043D@\u043F\u043E\u0447\u0442\u0430.\u0440\u0444",
        "ada@a.b.c.d.e.com",
        "@ada@social.example",
        "a@b.co",
      })
  void addressesAreFound(String text) {
    assertThat(PersonalData.in(text)).contains("an e-mail address");
    assertThat(PersonalData.inIdentity("sip_" + text)).contains("an e-mail address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+15105550123",
        "+491711234567",
        "+2904123",
        "+123456789012345",
        "tel:+15105550123",
        "room/+15105550123/7",
        "call-_+15105550123_Xa9",
        "call +1 510 555 0123",
        "+1 (510) 555-0123",
        "+1.510.555.0123",
        "+44 (0)20 7946 0958",
        "(+49) 30 1234567",
        "+49 30 1234567 2026",
        "+49\u00A030\u00A01234567",
        "+33 1 23 45 67 89",
        "+1\u2011510\u2011555\u20110123",
        "\uFF0B\uFF11\uFF15\uFF11\uFF10\uFF15\uFF15\uFF15\uFF10\uFF11\uFF12\uFF13",
        "510-555-0123",
        "510.555.0123",
        "510 555 0123",
        "(510) 555-0123",
        "(510)555-0123",
        "1-510-555-0123",
        "1 (510) 555-0123",
        "room-510-555-0123",
        "030 1234567",
        "030/1234567",
        "0171-1234567",
        "(030) 1234567",
        "(0171) 123 4567",
        "020 7946 0958",
        "01 23 45 67 89",
        "01.23.45.67.89",
        "03-1234-5678",
        "090-1234-5678",
      })
  void numbersAreFound(String text) {
    assertThat(PersonalData.in(text)).contains("a telephone number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ada",
        "standup",
        "123e4567-e89b-12d3-a456-426614174000",
        "12345678-1234-4234-8234-123456789012",
        "abcdefab-0123-4567-8901-abcdefabcdef",
        "01234567-0171-4123-8090-012345678901",
        "sip_abcdef",
        "SCL_9fGmB2x7Lq1p",
        "PA_4vQ8sX",
        "user_1234567890",
        "15105550123",
        "5105550123",
        "0301234567",
        "00491711234567",
        "1764412345678901234",
        "42",
        "007-12",
        "acme/42/1700000000",
        "room-1234-5678-9012",
        "0001-0002-0003",
        "123-456-7890",
        "2026-11-22",
        "2026-11-22T12:00:00+0100",
        "2026-11-22T12:00:00.123456789Z",
        "standup 2026-11-22 1430",
        "01/02/2026",
        "01-02-2026",
        "01 02 2026",
        "03-2026-0001",
        "192.168.100.200",
        "10.20.30.40:443",
        "2001:db8::510:555:123",
        "978-3-16-148410-0",
        "4111 1111 1111 1111",
        "1.2.3+20261122",
        "support+20261122",
        "c++17",
        "UTC+1",
        "+0123456789",
        "+1234567890123456",
        "+12345",
        "ada@acme",
        "ada@home:42",
        "@ada:example.org",
        "@ada.example.org",
        "ada @ example.com",
        "core@1.2.3",
        "ada@.com",
        "ada@example.",
        "git@[2001:db8::1]",
        "ada%2Eexample.com",
        "ada at example.com",
        "YWRhQGV4YW1wbGUuY29t+123456789==",
      })
  void otherNamesAreLeftAlone(String text) {
    assertThat(PersonalData.in(text)).isEmpty();
    assertThat(PersonalData.inIdentity(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sip_+15105550123", "sip_15105550123", "sip_100"})
  void whatTelephonyCallsACallerIsAnIdentityAndNoRoom(String text) {
    assertThat(PersonalData.inIdentity(text)).isEmpty();
    assertThat(PersonalData.inIdentity("x" + text + " +15105550123")).isPresent();
    assertThat(PersonalData.in("sip_+15105550123")).isPresent();
  }

  @Test
  void noUuidIsFound() {
    Random random = new Random(6);
    for (int i = 0; i < 200_000; i++) {
      String uuid = new UUID(random.nextLong(), random.nextLong()).toString();
      // As few letters as there can be, so that the groups are mostly numbers.
      String numeric = uuid.replaceAll("[a-e]", Integer.toString(random.nextInt(10)));
      assertThat(PersonalData.in(uuid)).as(uuid).isEmpty();
      assertThat(PersonalData.in(numeric)).as(numeric).isEmpty();
    }
  }

  /** The longest names, of what the patterns go over most often: it ends, and finds nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"a@a-", "a@1.", "+1 ", "0 1 ", "01 2", "(01)", "1-", "+(", "0.1", "a."})
  void noNameTakesLong(String piece) {
    String text = piece.repeat(256 / piece.length());
    for (int i = 0; i < 1_000; i++) {
      PersonalData.in(text);
    }
    assertThat(PersonalData.in("@" + text + "\u0000")).isNotNull();
  }
}
