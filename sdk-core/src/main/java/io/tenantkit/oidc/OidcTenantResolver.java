package io.tenantkit.oidc;

import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.PlaneRuntime;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns access tokens of OpenID Connect issuers into tenant contexts.
 *
 * <p>A token is read strictly (RFC 8725): compact form, canonical base64url, no name twice, no
 * header that brings a key or changes the reading; signed by a key that the issuer itself
 * publishes, with an algorithm, type, audience and time that the host allowed. Its organization
 * must be registered with {@link ExternalOrganizations} and not be suspended; both hold no older
 * than the revocation bound.
 *
 * <p>Safe for use by several threads. Blocks on the issuer when its keys must be fetched, for the
 * timeout at the most, and on the storage when the organization is not cached.
 */
public interface OidcTenantResolver {

  /** A resolver of this control plane, which ends with it. */
  static Builder builder(ControlPlane plane) {
    return new Builder(plane.runtime(), plane.externalOrganizations());
  }

  /**
   * Judges a token that names one organization.
   *
   * @param token as presented, without {@code Bearer}; null is malformed
   * @throws io.tenantkit.StorageException when the storage fails; then nobody is let in
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CLOSED}
   */
  OidcResult resolve(@Nullable String token);

  /**
   * Judges a token for one of the organizations that it names.
   *
   * @param externalId the issuer's id of the organization, which the token must name
   */
  OidcResult resolve(@Nullable String token, String externalId);

  /** Collects issuers and bounds. Not safe for use by several threads. */
  final class Builder {
    /** The longest token, in characters, unless the host says otherwise. */
    public static final int DEFAULT_MAX_TOKEN_LENGTH = 16 * 1024;

    private static final int LOWEST_MAX_TOKEN_LENGTH = 1_024;
    private static final int HIGHEST_MAX_TOKEN_LENGTH = 64 * 1024;
    private static final Duration MAX_TIMEOUT = Duration.ofSeconds(30);

    final PlaneRuntime runtime;
    final DefaultExternalOrganizations organizations;
    final Map<String, OidcIssuer> issuers = new LinkedHashMap<>();
    int maxTokenLength = DEFAULT_MAX_TOKEN_LENGTH;
    Duration timeout = Duration.ofSeconds(5);
    @Nullable ProxySelector proxy;
    boolean insecureLoopbackHttp;

    Builder(PlaneRuntime runtime, ExternalOrganizations organizations) {
      this.runtime = runtime;
      this.organizations = (DefaultExternalOrganizations) organizations;
    }

    /**
     * Accepts an issuer's tokens.
     *
     * @throws InvalidInputException when it was named already
     */
    public Builder issuer(OidcIssuer added) {
      if (issuers.putIfAbsent(added.issuer(), added) != null) {
        throw new InvalidInputException("issuer", "each once");
      }
      return this;
    }

    /** The longest token that is looked at, in characters: 1,024 to 65,536; 16,384 unless set. */
    public Builder maxTokenLength(int characters) {
      if (characters < LOWEST_MAX_TOKEN_LENGTH || characters > HIGHEST_MAX_TOKEN_LENGTH) {
        throw new InvalidInputException("maxTokenLength", "1,024 to 65,536");
      }
      this.maxTokenLength = characters;
      return this;
    }

    /**
     * How long one document of an issuer may take, from the first byte to the last; more than zero
     * to 30 seconds, five seconds unless set.
     */
    public Builder timeout(Duration wanted) {
      if (wanted.toMillis() < 1 || wanted.compareTo(MAX_TIMEOUT) > 0) {
        throw new InvalidInputException("timeout", "a millisecond to 30 seconds");
      }
      this.timeout = wanted;
      return this;
    }

    /** The way to the issuers. Unless set no proxy is used, whatever the JVM's properties say. */
    public Builder proxy(ProxySelector wanted) {
      this.proxy = Objects.requireNonNull(wanted, "proxy");
      return this;
    }

    /**
     * Lets issuers' documents also be fetched by plain HTTP from this very machine. For tests: who
     * else listens there can put its own keys in.
     */
    public Builder insecureLoopbackHttp() {
      this.insecureLoopbackHttp = true;
      return this;
    }

    /**
     * The resolver. Nothing is fetched before the first token comes.
     *
     * @throws InvalidInputException when no issuer was named
     */
    public OidcTenantResolver build() {
      if (issuers.isEmpty()) {
        throw new InvalidInputException("issuer", "one or more");
      }
      return new DefaultOidcTenantResolver(this);
    }
  }
}
