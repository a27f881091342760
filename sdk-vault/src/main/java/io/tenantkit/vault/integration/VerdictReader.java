package io.tenantkit.vault.integration;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

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

  /** The provider's own words, when it is not simply content. */
  static Optional<String> message(
      List<AnswerPlace> places, ProviderAnswer answer, UnaryOperator<String> scrub) {
    return places.stream()
        .flatMap(place -> place.texts(answer).stream())
        .map(scrub)
        .map(VerdictReader::tidy)
        .filter(text -> !text.isEmpty())
        .findFirst();
  }

  /**
   * One line of bounded length. Words with two stars are keys that the provider masked itself, and
   * says too much of.
   */
  static String tidy(String text) {
    StringBuilder line = new StringBuilder();
    for (String word : plain(text).split(" ", -1)) {
      if (!word.isEmpty()) {
        line.append(line.length() == 0 ? "" : " ").append(word.contains("**") ? "[masked]" : word);
      }
      if (line.length() > MAX_MESSAGE) {
        break;
      }
    }
    if (line.length() <= MAX_MESSAGE) {
      return line.toString();
    }
    int end = MAX_MESSAGE - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  private static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> isShown(c) ? c : ' ')
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  /** Neither control nor format characters, nor halves of pairs. */
  private static boolean isShown(int c) {
    int type = Character.getType(c);
    return !Character.isWhitespace(c)
        && type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.UNASSIGNED
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }
}
