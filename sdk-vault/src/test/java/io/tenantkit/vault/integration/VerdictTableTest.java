package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Which verdicts of which templates are shown: each by an answer that the provider documents, or it
 * is said why there is none.
 */
class VerdictTableTest {
  /** What a provider says of a credential; the others are of the way to it. */
  private static final Set<Verdict> OF_THE_CREDENTIAL =
      EnumSet.of(
          Verdict.VALID,
          Verdict.VALID_RESTRICTED,
          Verdict.VALID_NO_QUOTA,
          Verdict.EXPIRED,
          Verdict.INVALID,
          Verdict.RATE_LIMITED);

  private static Properties notDocumented() throws IOException {
    Properties reasons = new Properties();
    try (InputStream in =
            Objects.requireNonNull(
                VerdictTableTest.class.getResourceAsStream("answers-not-documented.properties"));
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      reasons.load(reader);
    }
    return reasons;
  }

  @Test
  void eachVerdictOfEachTemplateHasACaseOrAReason() throws IOException {
    Properties reasons = notDocumented();
    List<String> wrong = new ArrayList<>();
    Set<String> pairs = new TreeSet<>();
    for (ProviderCase provider : ProviderCases.all()) {
      for (Verdict verdict : OF_THE_CREDENTIAL) {
        String pair = provider.provider + "." + verdict;
        pairs.add(pair);
        boolean shown = provider.answers.stream().anyMatch(each -> each.verdict() == verdict);
        boolean excused = reasons.getProperty(pair, "").length() >= 20;
        if (shown == excused) {
          wrong.add(pair + (shown ? " has a case and a reason" : " has neither"));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(reasons.stringPropertyNames()).as("of templates and verdicts").isSubsetOf(pairs);
  }

  @Test
  void thereIsACaseForEachTemplate() {
    assertThat(ProviderCases.all().stream().map(each -> each.provider))
        .containsExactlyInAnyOrderElementsOf(
            IntegrationTemplates.builtIn().all().stream()
                .map(IntegrationTemplate::provider)
                .toList());
  }
}
