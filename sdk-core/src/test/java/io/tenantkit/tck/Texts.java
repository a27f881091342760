package io.tenantkit.tck;

import java.time.Instant;
import java.util.List;

/** Values that storages are known to spoil. */
public final class Texts {
  private Texts() {}

  /** Names of at most 255 characters that must come back as they were. */
  public static List<String> awkwardNames() {
    return List.of(
        "plain",
        "\uD83D\uDE80 rocket \uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
        "Caf\u00E9 composed",
        "Cafe\u0301 decomposed",
        "\u0130stanbul \u0131\u015F\u0131k",
        "\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627",
        "100% _under_ [a-z] \\ ^ $ * ?",
        "Robert'); DROP TABLE organization;--",
        "\"double\" 'single' `tick` ''''",
        "{\"json\": [1, null]} ${env:HOME} {0} %s ?1 :name",
        " leading and trailing ",
        "NULL",
        "x".repeat(255),
        "\u00FC".repeat(255),
        "\u6771".repeat(255),
        "\uD83D\uDE00".repeat(127) + "!");
  }

  /** Printable ASCII ids whose order a collation would change. */
  public static List<String> awkwardIds() {
    return List.of(
        "key_b",
        "KEY_B",
        "Key_a",
        "key_a",
        "key-a",
        "key.a",
        "keya",
        "keyA",
        "key",
        "KEY",
        "ak_manual_1700000000.123",
        "ak_manual_1700000000.12",
        "ak_manual_1700000000_123",
        "10",
        "9",
        "%",
        "_",
        "'or'1'='1",
        "\"",
        "~",
        "!",
        "z",
        "Z",
        "x".repeat(64));
  }

  /** Times with microseconds, among them those that clocks of the world show twice or never. */
  public static List<Instant> awkwardTimes() {
    return List.of(
        Instant.parse("1970-01-01T00:00:00Z"),
        Instant.parse("2026-11-21T12:34:56.000001Z"),
        Instant.parse("2026-11-21T12:34:56.999999Z"),
        Instant.parse("2026-04-04T13:30:00.123456Z"), // Pacific/Chatham, shown twice
        Instant.parse("2026-04-04T14:30:00.123456Z"),
        Instant.parse("2026-09-26T14:00:00.123456Z"), // Pacific/Chatham, an hour never shown
        Instant.parse("2026-10-25T00:30:00.123456Z"), // Europe/Berlin, shown twice
        Instant.parse("2026-10-25T01:30:00.123456Z"),
        Instant.parse("2026-11-01T05:30:00.123456Z"), // America/New_York, shown twice
        Instant.parse("2026-11-01T06:30:00.123456Z"),
        Instant.parse("2038-01-19T03:14:08.000001Z"),
        Instant.parse("2999-12-31T23:59:59.999999Z"));
  }
}
