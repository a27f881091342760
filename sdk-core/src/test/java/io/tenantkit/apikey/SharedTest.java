package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedTest {
  @Test
  void equalValuesBecomeOneObject() {
    Shared<String> shared = new Shared<>(16);
    String first = new String("acme");

    assertThat(shared.of(first)).isSameAs(first);
    assertThat(shared.of(new String("acme"))).isSameAs(first);
  }

  @Test
  void valuesThatMeetInOnePlaceAreNeverTakenForEachOther() {
    Shared<String> shared = new Shared<>(1);
    for (int i = 0; i < 1_000; i++) {
      String value = "organization-" + i % 7;
      assertThat(shared.of(value)).isEqualTo(value);
    }
    assertThat(shared.of("Aa")).isEqualTo("Aa");
    assertThat(shared.of("BB")).isEqualTo("BB"); // The same hash code.
  }
}
