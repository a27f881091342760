package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PlaceholderTest {
  @Test
  void names_its_module() {
    assertThat(Placeholder.name()).isEqualTo("tenantkit-jdbc");
  }
}
