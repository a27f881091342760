package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a person who logged in may do, from most to least. This is the one table of roles and
 * powers; SECURITY.md repeats it and a test holds the two together. A role is an upper bound: a
 * token whose scopes count narrows it further.
 */
public enum Role {
  /** Everything in the organization, keys and secrets included. */
  ADMIN(ScopeSet.all()),
  /** Works with what there is: runs flows, opens sessions, uses secrets. Manages none of it. */
  USER(
      ScopeSet.of(
          "flows:*",
          "livekit:read",
          "livekit:create-session",
          "sessions:*",
          "agents:*",
          "secrets:read",
          "secrets:use",
          "api-keys:read",
          "teams:read")),
  /** Looks, and changes nothing. Sees no key and no secret, not even its name. */
  VIEWER(ScopeSet.of("flows:read", "livekit:read", "sessions:read", "agents:read"));

  // A scope set is immutable; it has no annotation that would say so to the compiler's plug-in.
  @SuppressWarnings("ImmutableEnumChecker")
  private final ScopeSet scopes;

  Role(ScopeSet scopes) {
    this.scopes = scopes;
  }

  /**
   * The role of this name, as tables, JSON and tokens spell it: {@code admin}, {@code user} or
   * {@code viewer}.
   *
   * @throws InvalidInputException when there is none
   */
  public static Role of(String name) {
    return Arrays.stream(values())
        .filter(role -> role.lowerCaseName().equals(name))
        .findFirst()
        .orElseThrow(() -> new InvalidInputException("role", "admin, user or viewer"));
  }

  /** The name as tables, JSON and tokens spell it. */
  public String lowerCaseName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All that this role may do. */
  public ScopeSet scopes() {
    return scopes;
  }
}
