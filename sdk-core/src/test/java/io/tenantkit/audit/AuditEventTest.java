package io.tenantkit.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.OrganizationId;
import org.junit.jupiter.api.Test;

class AuditEventTest {
  private final AuditEvent event =
      new Samples().event(OrganizationId.of("acme"), "sample.done").with("b", "1");

  @Test
  void detailsAreSortedAndCannotBeChanged() {
    AuditEvent more = event.with("a", "2");

    assertThat(more.details().keySet()).containsExactly("a", "b");
    assertThat(event.details().keySet()).containsExactly("b");
    assertThatThrownBy(() -> more.details().put("c", "3"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void detailsAreBounded() {
    AuditEvent full = event;
    for (int i = 1; i < AuditEvent.MAX_DETAILS; i++) {
      full = full.with("detail" + i, "x".repeat(AuditEvent.MAX_DETAIL_LENGTH));
    }
    AuditEvent whole = full;

    assertThat(whole.details()).hasSize(AuditEvent.MAX_DETAILS);
    assertThatThrownBy(() -> whole.with("more", "x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("details: at most 32");
    assertThatThrownBy(() -> event.with("a", "x".repeat(AuditEvent.MAX_DETAIL_LENGTH + 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("details: values of at most 1024 characters");
  }

  @Test
  void detailsThatNotEveryDatabaseKeepsAreRefused() {
    assertThatThrownBy(() -> event.with("a", "x\u0000y")).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> event.with("a\u0000", "x")).isInstanceOf(InvalidInputException.class);
    assertThat(event.with("a", "line\nbreak\ttab").details()).containsKey("a");
  }
}
