package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class QuickstartTest {
  @Test
  void greets() {
    assertThat(Quickstart.greeting()).isEqualTo("tenantkit-core");
  }
}
