package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Texts of rows written by hand. */
final class LegibleTest {

  @Test
  void goodTextStaysAsItIs() {
    assertThat(Legible.text("O'Brien \uD83D\uDE80", 255)).contains("O'Brien \uD83D\uDE80");
    assertThat(Legible.text("x".repeat(255), 255)).contains("x".repeat(255));
  }

  @Test
  void whatIsNotPrintableIsShownAsSpacesAndWhatIsTooLongIsCut() {
    assertThat(Legible.text("a\nb\uD83D", 255)).contains("a b ");
    assertThat(Legible.text("x".repeat(300), 255)).contains("x".repeat(255));
    assertThat(Legible.text("abc\uD83D\uDE80", 4)).contains("abc");
  }

  @Test
  void blankIsNothing() {
    assertThat(Legible.text(null, 10)).isEmpty();
    assertThat(Legible.text(" \t", 10)).isEmpty();
    assertThat(Legible.text("\u0000", 10)).isEmpty();
  }
}
