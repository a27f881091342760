package io.tenantkit.token;

import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who of one organization is denied, as it was read at one time; ends are judged when it is asked.
 * Immutable and safe for use by several threads.
 */
public final class Denials {
  /** Nobody. */
  static final Denials NONE = new Denials(List.of());

  private record Token(Environment environment, String id) {}

  private record Subject(Environment environment, String subject, String place) {}

  private final List<TokenDenial> all;
  private final Map<Token, TokenDenial> tokens = new HashMap<>();
  private final Map<Subject, TokenDenial> subjects = new HashMap<>();
  private final List<TokenDenial> everything = new ArrayList<>();

  private Denials(List<TokenDenial> all) {
    this.all = List.copyOf(all);
    for (TokenDenial each : all) {
      if (each.target() == TokenDenial.Target.ALL) {
        everything.add(each);
        continue;
      }
      if (each.target() == TokenDenial.Target.TOKEN) {
        tokens.merge(new Token(each.environment(), each.tokenId()), each, Denials::later);
      }
      subjects.merge(
          new Subject(each.environment(), each.subject(), each.place()), each, Denials::later);
    }
  }

  static Denials of(List<TokenDenial> all) {
    return all.isEmpty() ? NONE : new Denials(all);
  }

  private static TokenDenial later(TokenDenial one, TokenDenial other) {
    return one.until().isBefore(other.until()) ? other : one;
  }

  /** Whether there are none, ended or not. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** All that hold at this time. */
  public List<TokenDenial> active(Instant now) {
    return all.stream().filter(each -> each.isActive(now)).toList();
  }

  /** What denies a subject in a place. */
  public Optional<TokenDenial> of(
      Environment environment, String subject, String place, Instant now) {
    return Optional.ofNullable(subjects.get(new Subject(environment, subject, place)))
        .filter(found -> found.isActive(now));
  }

  /** What denies all tokens that were issued up to its time: the last one, if there are several. */
  public Optional<TokenDenial> ofAll(Environment environment, Instant now) {
    return everything.stream()
        .filter(each -> each.environment() == environment && each.isActive(now))
        .max(Comparator.comparing(TokenDenial::deniedAt));
  }

  /** The same with this one, in place of the one with its id. */
  Denials with(TokenDenial denial) {
    List<TokenDenial> changed = others(denial.id());
    changed.add(denial);
    return of(changed);
  }

  /** The same without the one with this id. */
  Denials without(String id) {
    return of(others(id));
  }

  /** The same with an end moved on; never back. */
  Denials extended(String id, Instant until) {
    return all.stream()
        .filter(each -> each.id().equals(id) && each.until().isBefore(until))
        .findFirst()
        .map(found -> with(found.until(until)))
        .orElse(this);
  }

  private List<TokenDenial> others(String id) {
    return all.stream()
        .filter(each -> !each.id().equals(id))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /**
   * What denies a token: by its id, by its subject and place, or because all that were issued up to
   * its time are denied.
   *
   * @param tokenId its id; empty when it has none, and then it is none that was issued here, so
   *     whatever time it tells of itself does not count: all that were issued are denied with it
   * @param issuedAt when it was issued; one that does not tell is older than all
   */
  public Optional<TokenDenial> of(
      Environment environment,
      String tokenId,
      String subject,
      String place,
      Instant issuedAt,
      Instant now) {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Optional<TokenDenial> found =
        Optional.ofNullable(tokens.get(new Token(environment, tokenId)))
            .filter(each -> each.isActive(now));
    return found
        .or(() -> of(environment, subject, place, now))
        .or(
            () ->
                everything.stream()
                    .filter(each -> each.environment() == environment && each.isActive(now))
                    .filter(each -> tokenId.isEmpty() || !issuedAt.isAfter(each.deniedAt()))
                    .findFirst());
  }
}
