package io.tenantkit.oidc;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Role;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An issuer whose tokens the host accepts, and on which terms. Everything that decides is said here
 * by the host; nothing is taken from a token. Immutable.
 */
public final class OidcIssuer {
  /** The longest issuer identifier, in characters. */
  public static final int MAX_LENGTH = 127;

  private final String issuer;
  private final Optional<URI> jwksUri;
  private final Set<String> audiences;
  private final Set<SigningAlgorithm> algorithms;
  private final Set<String> types;
  private final Duration leeway;
  private final ClaimMapping claims;
  private final Map<String, Role> roles;
  private final Optional<Role> defaultRole;
  private final Map<String, Scope> scopes;
  private final boolean scopesByName;
  private final Set<Environment> environments;
  private final Duration keysFreshFor;
  private final Duration keysStaleFor;
  private final Duration refetchInterval;
  private final Duration retryInterval;

  private OidcIssuer(Builder settings) {
    this.issuer = settings.issuer;
    this.jwksUri = settings.jwksUri;
    this.audiences = Set.copyOf(settings.audiences);
    this.algorithms = Collections.unmodifiableSet(EnumSet.copyOf(settings.algorithms));
    this.types = Set.copyOf(settings.types);
    this.leeway = settings.leeway;
    this.claims = settings.claims;
    this.roles = Map.copyOf(settings.roles);
    this.defaultRole = settings.defaultRole;
    this.scopes = Map.copyOf(settings.scopes);
    this.scopesByName = settings.scopesByName;
    this.environments = Collections.unmodifiableSet(EnumSet.copyOf(settings.environments));
    this.keysFreshFor = settings.keysFreshFor;
    this.keysStaleFor = settings.keysStaleFor;
    this.refetchInterval = settings.refetchInterval;
    this.retryInterval = settings.retryInterval;
  }

  /**
   * An issuer.
   *
   * @param issuer exactly as its tokens and its metadata spell it: a URL of at most {@value
   *     #MAX_LENGTH} characters without query and fragment
   */
  public static Builder builder(String issuer) {
    return new Builder(requireIssuer(issuer));
  }

  static String requireIssuer(String issuer) {
    boolean printable = issuer.chars().allMatch(c -> c > ' ' && c <= '~');
    // Without a fragment, since an actor is "issuer#subject" and must be read one way only.
    if (!printable
        || issuer.length() > MAX_LENGTH
        || issuer.indexOf('#') >= 0
        || issuer.indexOf('?') >= 0
        || !(issuer.startsWith("https://") || issuer.startsWith("http://"))) {
      throw new InvalidInputException(
          "issuer", "a URL of at most " + MAX_LENGTH + " characters, without query and fragment");
    }
    return issuer;
  }

  /** The issuer's identifier. */
  public String issuer() {
    return issuer;
  }

  Optional<URI> jwksUri() {
    return jwksUri;
  }

  URI discoveryUri() {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return URI.create(base + "/.well-known/openid-configuration");
  }

  Set<String> audiences() {
    return audiences;
  }

  Set<SigningAlgorithm> algorithms() {
    return algorithms;
  }

  /** RFC 7515 §4.1.9: case does not count, nor does {@code application/} in front. */
  boolean accepts(String type) {
    return types.contains(typeName(type));
  }

  Duration leeway() {
    return leeway;
  }

  ClaimMapping claims() {
    return claims;
  }

  /** Our roles for the issuer's; what is not mapped does not count. */
  Set<Role> roles(Set<String> named) {
    EnumSet<Role> ours = EnumSet.noneOf(Role.class);
    named.stream().filter(roles::containsKey).map(roles::get).forEach(ours::add);
    if (ours.isEmpty()) {
      defaultRole.ifPresent(ours::add);
    }
    return ours;
  }

  /** What a token's own scopes leave of a role's powers; all, where the issuer's do not count. */
  ScopeSet limit(Set<String> named) {
    if (!scopesByName && scopes.isEmpty()) {
      return ScopeSet.all();
    }
    Set<Scope> granted = new HashSet<>();
    for (String name : named) {
      Scope mapped = scopes.get(name);
      if (mapped != null) {
        granted.add(mapped);
      } else if (scopesByName) {
        scope(name).ifPresent(granted::add);
      }
    }
    return granted.size() > ScopeSet.MAX_SIZE ? ScopeSet.none() : ScopeSet.of(granted);
  }

  private static Optional<Scope> scope(String name) {
    try {
      return Optional.of(Scope.of(name));
    } catch (InvalidInputException e) {
      // One of the issuer's own, such as a URL: it grants nothing here.
      return Optional.empty();
    }
  }

  Set<Environment> environments() {
    return environments;
  }

  Duration keysFreshFor() {
    return keysFreshFor;
  }

  Duration keysStaleFor() {
    return keysStaleFor;
  }

  Duration refetchInterval() {
    return refetchInterval;
  }

  Duration retryInterval() {
    return retryInterval;
  }

  private static String typeName(String type) {
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.startsWith("application/") ? lower.substring("application/".length()) : lower;
  }

  /** Collects the terms. Not safe for use by several threads. */
  public static final class Builder {
    private static final Duration MAX_LEEWAY = Duration.ofMinutes(5);
    private static final Duration MAX_INTERVAL = Duration.ofDays(1);

    private final String issuer;
    private Optional<URI> jwksUri = Optional.empty();
    private final Set<String> audiences = new HashSet<>();
    private Set<SigningAlgorithm> algorithms =
        EnumSet.of(
            SigningAlgorithm.RS256,
            SigningAlgorithm.PS256,
            SigningAlgorithm.ES256,
            SigningAlgorithm.ES384,
            SigningAlgorithm.EDDSA,
            SigningAlgorithm.ED25519);
    private Set<String> types = Set.of("at+jwt");
    private Duration leeway = Duration.ofSeconds(60);
    private ClaimMapping claims = ClaimMapping.logto();
    private final Map<String, Role> roles = new HashMap<>();
    private Optional<Role> defaultRole = Optional.empty();
    private final Map<String, Scope> scopes = new HashMap<>();
    private boolean scopesByName;
    private Set<Environment> environments = EnumSet.allOf(Environment.class);
    private Duration keysFreshFor = Duration.ofMinutes(10);
    private Duration keysStaleFor = Duration.ofHours(1);
    private Duration refetchInterval = Duration.ofSeconds(30);
    private Duration retryInterval = Duration.ofSeconds(5);

    private Builder(String issuer) {
      this.issuer = issuer;
    }

    /** Where its keys are. Unless set, its metadata says so (OpenID Connect Discovery). */
    public Builder jwksUri(URI wanted) {
      jwksUri = Optional.of(wanted);
      return this;
    }

    /** An audience that is this host; may be said several times, and one of them must match. */
    public Builder audience(String accepted) {
      audiences.add(Texts.require("audience", accepted, 255));
      return this;
    }

    /** How it may sign; RS256, PS256, ES256, ES384 and EdDSA unless set. */
    public Builder algorithms(SigningAlgorithm first, SigningAlgorithm... others) {
      algorithms = EnumSet.of(first, others);
      return this;
    }

    /**
     * Which {@code typ} its access tokens have; {@code at+jwt} (RFC 9068) unless set. With {@code
     * JWT} its identity tokens look alike, so that the audience alone tells them apart.
     */
    public Builder types(String... accepted) {
      types = Set.copyOf(Arrays.stream(accepted).map(OidcIssuer::typeName).toList());
      return this;
    }

    /** How far its clock may be off; zero to five minutes, 60 seconds unless set. */
    public Builder leeway(Duration wanted) {
      leeway = between("leeway", wanted, Duration.ZERO, MAX_LEEWAY);
      return this;
    }

    /** Where its tokens say what; {@link ClaimMapping#logto()} unless set. */
    public Builder claims(ClaimMapping wanted) {
      claims = wanted;
      return this;
    }

    /** What one of its roles is here, for example {@code role("Owner", Role.ADMIN)}. */
    public Builder role(String theirs, Role ours) {
      roles.put(Texts.require("role", theirs, 255), ours);
      return this;
    }

    /** What a token without a known role is; unless set, such a token is refused. */
    public Builder defaultRole(Role ours) {
      defaultRole = Optional.of(ours);
      return this;
    }

    /**
     * What one of its scopes is here. From the first on, a token may do only what both its roles
     * and its scopes allow.
     */
    public Builder scope(String theirs, Scope ours) {
      scopes.put(Texts.require("scope", theirs, 255), ours);
      return this;
    }

    /** Its scopes are ours by the same names, and limit what a token may do. */
    public Builder scopesByName() {
      scopesByName = true;
      return this;
    }

    /** Which environments its tokens reach; all unless set. */
    public Builder environments(Environment first, Environment... others) {
      environments = EnumSet.of(first, others);
      return this;
    }

    /** How long its keys count without being fetched again; ten minutes unless set. */
    public Builder keysFreshFor(Duration wanted) {
      keysFreshFor = between("keysFreshFor", wanted, Duration.ofSeconds(1), MAX_INTERVAL);
      return this;
    }

    /** For how much longer they count while the issuer cannot be reached; an hour unless set. */
    public Builder keysStaleFor(Duration wanted) {
      keysStaleFor = between("keysStaleFor", wanted, Duration.ZERO, MAX_INTERVAL);
      return this;
    }

    /**
     * How soon they are fetched again for the sake of a key id that is not among them; 30 seconds
     * unless set. Tokens of a new key are refused for up to that long.
     */
    public Builder refetchInterval(Duration wanted) {
      refetchInterval = between("refetchInterval", wanted, Duration.ofSeconds(1), MAX_INTERVAL);
      return this;
    }

    /** How soon the issuer is asked again after it failed; five seconds unless set. */
    public Builder retryInterval(Duration wanted) {
      retryInterval = between("retryInterval", wanted, Duration.ofSeconds(1), MAX_INTERVAL);
      return this;
    }

    /**
     * The issuer.
     *
     * @throws InvalidInputException when no audience is accepted
     */
    public OidcIssuer build() {
      if (audiences.isEmpty() && claims.audiencePrefix().isEmpty()) {
        throw new InvalidInputException("audience", "one or more");
      }
      if (types.isEmpty()) {
        throw new InvalidInputException("types", "one or more");
      }
      return new OidcIssuer(this);
    }

    private static Duration between(String name, Duration wanted, Duration min, Duration max) {
      if (wanted.compareTo(min) < 0 || wanted.compareTo(max) > 0) {
        throw new InvalidInputException(name, min + " to " + max);
      }
      return wanted;
    }
  }
}
