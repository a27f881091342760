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
 * and covers one or more segments: {@code livekit:*} covers {@code livekit:rooms} and {@code
 * livekit:rooms:read}, but neither {@code livekit} nor {@code livekitx:rooms}. A requested wildcard
 * is covered only by a grant that covers all of it. Anything else is refused when the scope is
 * made, so matching never meets it. Matching is a prefix comparison: no regular expression, no
 * backtracking.
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
