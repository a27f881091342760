package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One rule that turns an answer into a verdict: for these statuses, and when the place holds what
 * is asked for.
 *
 * @param statuses 1 or more, from 200 to 599
 * @param place where to look; empty when the status alone decides
 * @param match what must be there
 * @param texts what to compare with, one of which must fit; empty for {@link Match#PRESENT}
 * @param verdict what it means
 */
record Reading(
    Set<Integer> statuses,
    Optional<AnswerPlace> place,
    Match match,
    List<String> texts,
    Verdict verdict) {

  enum Match {
    /** The place is there. */
    PRESENT,
    /** A text at the place is exactly this. */
    EQUALS,
    /** A text at the place holds this, in any case of letters. */
    CONTAINS
  }

  Reading {
    statuses = Set.copyOf(statuses);
    if (statuses.isEmpty() || statuses.stream().anyMatch(status -> status < 200 || status > 599)) {
      throw new InvalidInputException("status", "1 or more, from 200 to 599");
    }
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(verdict, "verdict");
    texts = List.copyOf(texts);
    if ((match == Match.PRESENT) != texts.isEmpty() || (place.isEmpty() && !texts.isEmpty())) {
      throw new InvalidInputException("at", "a place, for what is compared");
    }
  }

  boolean fits(ProviderAnswer answer) {
    if (!statuses.contains(answer.status())) {
      return false;
    }
    if (place.isEmpty()) {
      return true;
    }
    List<String> found = place.get().texts(answer);
    return switch (match) {
      case PRESENT -> !found.isEmpty();
      case EQUALS -> found.stream().anyMatch(texts::contains);
      case CONTAINS ->
          found.stream()
              .map(text -> text.toLowerCase(Locale.ROOT))
              .anyMatch(
                  text ->
                      texts.stream()
                          .anyMatch(part -> text.contains(part.toLowerCase(Locale.ROOT))));
    };
  }
}
