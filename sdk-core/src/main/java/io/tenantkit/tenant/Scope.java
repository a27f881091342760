package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;

/**
 * One permission, in this grammar:
 *
 * <pre>
 * scope   = "*" | segment *( ":" segment ) [ ":*" ]
 * segment = 1*( %x61-7A / DIGIT / "_" / "-" )      ; lower-case ASCII only
 * </pre>
 *
 * <p>At most {@value #MAX_LENGTH} characters. The wildcard stands only as the whole last segment
 * and covers one or more segments. A requested wildcard is covered only by a grant that covers all
 * of it. Case counts, nothing is trimmed, and segments are compared whole:
 *
 * <table>
 * <caption>What a grant covers</caption>
 * <tr><th>granted<th>covers<th>does not cover
 * <tr><td>{@code livekit:rooms:read}<td>itself only<td>{@code livekit:rooms}
 * <tr><td>{@code livekit}<td>itself only<td>{@code livekit:rooms}
 * <tr><td>{@code livekit:*}<td>{@code livekit:rooms}, {@code livekit:rooms:read}, {@code
 *     livekit:rooms:*}, itself<td>{@code livekit}, {@code livekitx:rooms}, {@code *}
 * <tr><td>{@code livekit:rooms:*}<td>{@code livekit:rooms:read}<td>{@code livekit:*}, {@code
 *     livekit:roomsx:read}
 * <tr><td>{@code *}<td>everything<td>
 * </table>
 *
 * <p>Anything else is refused when the scope is made, so matching never meets it: {@code livekit*},
 * {@code livekit:*:x}, {@code **}, {@code :*}, {@code livekit:}, {@code LIVEKIT:*}, the empty text,
 * spaces, commas, control characters, letters of other scripts, regular expressions. Matching is a
 * prefix comparison without backtracking. Who may grant {@code *} is not a matter of grammar: no
 * key gets a scope that its creator does not hold.
 *
 * @param value the scope's text
 */
public record Scope(String value) implements Comparable<Scope> {
  /** The longest scope, in characters. */
  public static final int MAX_LENGTH = 128;

  public Scope {
    if (!valid(value)) {
      throw new InvalidInputException(
          "scope",
          "1 to 128 characters: segments of a-z, 0-9, '_' and '-' joined by ':', with '*' only as the whole last segment");
    }
  }

  /** The scope with this text. */
  public static Scope of(String value) {
    return new Scope(value);
  }

  /** Whether whoever holds this scope may do all that the other asks for. */
  public boolean covers(Scope requested) {
    if (!wildcard()) {
      return value.equals(requested.value);
    }
    if (value.length() == 1) {
      return true;
    }
    // "livekit:*" covers what begins with "livekit:"; its own text does, so it covers itself.
    int stem = value.length() - 1;
    return requested.value.length() > stem && requested.value.regionMatches(0, value, 0, stem);
  }

  private boolean wildcard() {
    return value.charAt(value.length() - 1) == '*';
  }

  private static boolean valid(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      return false;
    }
    int segmentStart = 0;
    for (int i = 0; i <= value.length(); i++) {
      if (i == value.length() || value.charAt(i) == ':') {
        if (i == segmentStart) {
          return false;
        }
        segmentStart = i + 1;
      } else if (value.charAt(i) == '*') {
        if (i != segmentStart || i != value.length() - 1) {
          return false;
        }
      } else if (!segmentCharacter(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean segmentCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }

  @Override
  public int compareTo(Scope other) {
    return value.compareTo(other.value);
  }

  /** The scope's text. */
  @Override
  public String toString() {
    return value;
  }
}
