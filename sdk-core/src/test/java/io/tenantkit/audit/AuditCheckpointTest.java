package io.tenantkit.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuditCheckpointTest {
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final String TEXT =
      "tenantkit-audit-v1.acme.head.12." + HASH + ".1795263296123457.1." + HASH;

  @Test
  void textComesBack() {
    AuditCheckpoint read = AuditCheckpoint.parse(TEXT);

    assertThat(read)
        .isEqualTo(
            new AuditCheckpoint(
                OrganizationId.of("acme"),
                AuditCheckpoint.Kind.HEAD,
                12,
                new ChainHash(HASH),
                Instant.parse("2026-11-21T12:14:56.123457Z"),
                1,
                HASH));
    assertThat(read.text()).isEqualTo(TEXT);
    assertThat(read).hasToString(TEXT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " {}",
        "{} ",
        "{}\n",
        "{}.",
        "v1|v2",
        "acme|Acme",
        "acme|",
        ".head.|.HEAD.",
        ".head.|.tail.",
        ".12.|.0.",
        ".12.|.012.",
        ".12.|.-1.",
        ".12.|.+12.",
        ".12.|.99999999999999999999.",
        ".12.|.9999999999999999999.",
        ".1795263296123457.|.01795263296123457.",
        ".1795263296123457.|.-0.",
        "457.1.|457.0.",
        "457.1.|457.9999999999.",
        "0123456789abcdef0|0123456789ABCDEF0",
        "0123456789abcdef0|",
      })
  void everyOtherTextIsRefused(String change) {
    String[] parts = change.split("\\|", -1);
    String text = parts.length == 2 ? TEXT.replace(parts[0], parts[1]) : change.replace("{}", TEXT);

    assertThatThrownBy(() -> AuditCheckpoint.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageNotContaining(HASH);
  }

  @Test
  void longTextIsNotSearched() {
    assertThatThrownBy(() -> AuditCheckpoint.parse(TEXT.repeat(1_000)))
        .isInstanceOf(InvalidInputException.class);
  }
}
