package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;

/**
 * The id of a team: made by the library, never changes and is never used again.
 *
 * @param value 1 to 64 printable ASCII characters without spaces
 */
public record TeamId(String value) implements Comparable<TeamId> {
  private static final int MAX_LENGTH = 64;

  public TeamId {
    if (value.isEmpty()
        || value.length() > MAX_LENGTH
        || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(
          "teamId", "1 to 64 printable ASCII characters without spaces");
    }
  }

  /** The id with this text. */
  public static TeamId of(String value) {
    return new TeamId(value);
  }

  @Override
  public int compareTo(TeamId other) {
    return value.compareTo(other.value);
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
