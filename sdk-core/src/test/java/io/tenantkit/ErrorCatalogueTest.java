package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds {@code sdk-core/ERRORS.md} to the enum. */
class ErrorCatalogueTest {
  private static final Path PAGE = Path.of("ERRORS.md");

  @Test
  void pageIsTheEnumInProse() throws IOException {
    String page = Files.readString(PAGE, StandardCharsets.UTF_8);

    assertThat(page)
        .as("ERRORS.md differs from the enum. It should be:%n%n%s%n", expected())
        .isEqualTo(expected());
  }

  @Test
  void everyMeaningIsOneLineThatATableCanHold() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(code.meaning())
          .as(code.name())
          .isNotBlank()
          .endsWith(".")
          .doesNotContain("|", "\n");
      assertThat(code.httpStatus()).as(code.name()).isBetween(400, 599);
    }
  }

  private static String expected() {
    String rows =
        Arrays.stream(ErrorCode.values())
            .map(
                code ->
                    "| `"
                        + code.name()
                        + "` | "
                        + code.httpStatus()
                        + " | "
                        + (code.retryable() ? "yes" : "no")
                        + " | "
                        + code.meaning()
                        + " |\n")
            .collect(Collectors.joining());
    return """
        # Errors

        Every operation that fails throws `io.tenantkit.TenantkitException` or one of its subclasses. Match on its \
        `code()`: codes are stable across versions, messages are for people and may change. No message holds a \
        secret, a full API key or another tenant's data.

        *HTTP status* (RFC 9110) is what fits when the error reaches an outside caller. *Retry* says whether the \
        very same call may succeed when it is repeated.

        `ErrorCatalogueTest` holds this page to the enum `io.tenantkit.ErrorCode`.

        | Code | HTTP status | Retry | Meaning |
        | --- | --- | --- | --- |
        """
        + rows;
  }
}
