package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where an issuer's tokens say which organization, which roles and which scopes. A claim is named
 * by its path: {@code claim("realm_access", "roles")} is the member {@code roles} of the claim
 * {@code realm_access}. Immutable.
 */
public final class ClaimMapping {
  private static final int MAX_ORGANIZATIONS = 100;
  private static final int MAX_VALUES = 200;
  private static final int MAX_NAME = 255;

  private final Optional<String> audiencePrefix;
  private final List<List<String>> organizations;
  private final List<List<String>> roles;
  private final List<List<String>> organizationRoles;
  private final List<List<String>> scopes;

  private ClaimMapping(Builder settings) {
    this.audiencePrefix = settings.audiencePrefix;
    this.organizations = List.copyOf(settings.organizations);
    this.roles = List.copyOf(settings.roles);
    this.organizationRoles = List.copyOf(settings.organizationRoles);
    this.scopes = List.copyOf(settings.scopes);
  }

  /**
   * Logto's organization tokens: the organization stands in an audience {@code
   * urn:logto:organization:<id>} or in {@code organization_id}, roles as {@code <organization
   * id>:<role>} in {@code organization_roles} or, where a token has none of that claim and is of
   * one organization only, in {@code roles}; scopes in {@code scope}.
   */
  public static ClaimMapping logto() {
    return builder()
        .organizationAudience("urn:logto:organization:")
        .organization("organization_id")
        .roles("roles")
        .organizationRoles("organization_roles")
        .scopes("scope")
        .build();
  }

  /** Nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** What an organization's own audience begins with; the rest is its id. */
  Optional<String> audiencePrefix() {
    return audiencePrefix;
  }

  /** The organizations that a token names, without repeats. */
  Set<String> organizations(JsonNode claims, Collection<String> audiences) throws LoginRefusal {
    Set<String> found = new LinkedHashSet<>();
    audiencePrefix.ifPresent(
        prefix ->
            audiences.stream()
                .filter(audience -> audience.startsWith(prefix))
                .map(audience -> audience.substring(prefix.length()))
                .forEach(found::add));
    found.addAll(values(claims, organizations, false));
    if (found.size() > MAX_ORGANIZATIONS) {
      throw new LoginRefusal(OidcResult.Reason.CLAIMS_INVALID);
    }
    return found;
  }

  /**
   * The issuer's roles that a token names for one organization. Where it has roles by organization,
   * only those count: what stands beside them may be the user's everywhere. So may be what stands
   * in a token of several organizations.
   *
   * @param organizations how many the token is of
   */
  Set<String> roles(JsonNode claims, String organization, int organizations) throws LoginRefusal {
    Set<String> everywhere = values(claims, roles, false);
    if (isPresent(claims, organizationRoles)) {
      Set<String> found = new LinkedHashSet<>();
      String own = organization + ":";
      for (String qualified : values(claims, organizationRoles, false)) {
        if (qualified.startsWith(own)) {
          found.add(qualified.substring(own.length()));
        }
      }
      return found;
    }
    return organizations == 1 ? everywhere : Set.of();
  }

  /** The scopes that a token names; a text holds several, divided by spaces (RFC 8693 §4.2). */
  Set<String> scopes(JsonNode claims) throws LoginRefusal {
    return values(claims, scopes, true);
  }

  private static Set<String> values(JsonNode claims, List<List<String>> paths, boolean divided)
      throws LoginRefusal {
    Set<String> found = new LinkedHashSet<>();
    for (List<String> path : paths) {
      JsonNode node = at(claims, path);
      for (JsonNode value : node.isArray() ? node : List.of(node)) {
        if (value.isTextual()) {
          String text = value.textValue();
          found.addAll(divided ? Arrays.asList(text.split(" ", -1)) : List.of(text));
        } else if (!value.isMissingNode()) {
          throw new LoginRefusal(OidcResult.Reason.CLAIMS_INVALID);
        }
      }
    }
    if (found.size() > MAX_VALUES) {
      throw new LoginRefusal(OidcResult.Reason.CLAIMS_INVALID);
    }
    found.remove("");
    return found;
  }

  private static boolean isPresent(JsonNode claims, List<List<String>> paths) {
    return paths.stream().anyMatch(path -> !at(claims, path).isMissingNode());
  }

  private static JsonNode at(JsonNode claims, List<String> path) {
    JsonNode node = claims;
    for (String name : path) {
      node = node.path(name);
    }
    return node;
  }

  /** Collects where things stand; each may be said several times, and these count together. */
  public static final class Builder {
    private Optional<String> audiencePrefix = Optional.empty();
    private final List<List<String>> organizations = new ArrayList<>();
    private final List<List<String>> roles = new ArrayList<>();
    private final List<List<String>> organizationRoles = new ArrayList<>();
    private final List<List<String>> scopes = new ArrayList<>();

    private Builder() {}

    /**
     * Audiences that begin so name an organization, and are audiences that this host accepts.
     *
     * @param prefix 1 to 255 characters
     */
    public Builder organizationAudience(String prefix) {
      audiencePrefix = Optional.of(Texts.require("prefix", prefix, MAX_NAME));
      return this;
    }

    /** A claim with an organization's id, or an array of ids. */
    public Builder organization(String... claim) {
      organizations.add(path(claim));
      return this;
    }

    /**
     * A claim with a role, or an array of roles, in the one organization that a token is of;
     * without meaning where a token is of several, or has roles by organization.
     */
    public Builder roles(String... claim) {
      roles.add(path(claim));
      return this;
    }

    /**
     * A claim with roles of several organizations, each {@code <organization id>:<role>}. Where a
     * token has it, no other roles count.
     */
    public Builder organizationRoles(String... claim) {
      organizationRoles.add(path(claim));
      return this;
    }

    /** A claim with scopes: a text divided by spaces, or an array. */
    public Builder scopes(String... claim) {
      scopes.add(path(claim));
      return this;
    }

    /**
     * The mapping.
     *
     * @throws InvalidInputException when nothing says which organization
     */
    public ClaimMapping build() {
      if (audiencePrefix.isEmpty() && organizations.isEmpty()) {
        throw new InvalidInputException("organization", "a claim or an audience that names it");
      }
      return new ClaimMapping(this);
    }

    private static List<String> path(String... claim) {
      if (claim.length == 0) {
        throw new InvalidInputException("claim", "one name or more");
      }
      for (String name : claim) {
        Texts.require("claim", name, MAX_NAME);
      }
      return List.of(claim);
    }
  }
}
