package io.tenantkit.vault.integration;

import io.tenantkit.vault.egress.Scrubber;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads an answer by a template's rules, and by the meaning of HTTP (RFC 9110) where these say
 * nothing. An answer that looks unlike the provider's says nothing about the credential.
 */
final class VerdictReader {
  /** The longest text of a provider that is kept, in characters. */
  static final int MAX_MESSAGE = 300;

  private VerdictReader() {}

  static Verdict verdict(List<Reading> readings, ProviderAnswer answer) {
    return readings.stream()
        .filter(reading -> reading.fits(answer))
        .findFirst()
        .map(Reading::verdict)
        .orElseGet(() -> byStatus(answer.status()));
  }

  private static Verdict byStatus(int status) {
    return switch (status) {
      case 401 -> Verdict.INVALID;
      case 402 -> Verdict.VALID_NO_QUOTA;
      case 407, 408, 425 -> Verdict.UNREACHABLE;
      case 429 -> Verdict.RATE_LIMITED;
      default -> status >= 500 ? Verdict.UNREACHABLE : Verdict.WRONG_ENDPOINT;
    };
  }

  /** The provider's own words, scrubbed. */
  static Optional<String> message(
      List<AnswerPlace> places, ProviderAnswer answer, Scrubber scrubber) {
    return places.stream()
        .flatMap(place -> place.texts(answer).stream())
        .map(text -> cut(masked(scrubber.scrub(text, MAX_MESSAGE))))
        .filter(text -> !text.isBlank())
        .findFirst();
  }

  /** Words with two stars are keys that the provider masked itself, and says too much of. */
  private static String masked(String text) {
    return Arrays.stream(text.split(" ", -1))
        .map(word -> word.contains("**") ? "[masked]" : word)
        .collect(Collectors.joining(" "));
  }

  private static String cut(String text) {
    if (text.length() <= MAX_MESSAGE) {
      return text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(MAX_MESSAGE - 1));
    return text.substring(0, half ? MAX_MESSAGE - 1 : MAX_MESSAGE);
  }
}
