package io.tenantkit.livekit;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a verified LiveKit token says (RFC 7519 §4.1 and LiveKit's own claims). Immutable. Times
 * have a precision of one second.
 *
 * @param issuer {@code iss}, the API key
 * @param identity {@code sub}; absent in tokens for the server's API
 * @param id {@code jti}
 * @param issuedAt {@code iat}
 * @param notBefore {@code nbf}
 * @param expiresAt {@code exp}, without leeway
 * @param name the display name
 * @param metadata the metadata
 * @param attributes the attributes, by name
 * @param kind what sort of participant it makes
 * @param kindDetails what sort in detail, by name
 * @param video the video grants
 * @param grants the grants outside of {@code video} that say yes
 * @param roomPreset {@code roomPreset}
 * @param sha256 {@code sha256}: of the body that the token signs, in Base64
 * @param otherClaims the names of claims that are there and not shown here (for example {@code
 *     roomConfig}), so that nobody takes a token for weaker than it is
 */
public record TokenClaims(
    String issuer,
    Optional<String> identity,
    Optional<String> id,
    Optional<Instant> issuedAt,
    Optional<Instant> notBefore,
    Instant expiresAt,
    Optional<String> name,
    Optional<String> metadata,
    Map<String, String> attributes,
    ParticipantKind kind,
    Set<String> kindDetails,
    VideoGrants video,
    Set<ServiceGrant> grants,
    Optional<String> roomPreset,
    Optional<String> sha256,
    Set<String> otherClaims) {

  /** Copies the collections. */
  public TokenClaims {
    Objects.requireNonNull(issuer, "issuer");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(video, "video");
    attributes =
        attributes.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(attributes));
    kindDetails = sorted(kindDetails);
    grants = grants.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(grants));
    otherClaims = sorted(otherClaims);
  }

  private static Set<String> sorted(Set<String> names) {
    return names.isEmpty() ? Set.of() : Collections.unmodifiableSet(new TreeSet<>(names));
  }

  /** Kind, identity and room; not the metadata or attributes, which may be personal. */
  @Override
  public String toString() {
    return "TokenClaims["
        + kind.claim()
        + " "
        + identity.orElse("")
        + " in "
        + video.room().orElse("")
        + ", expires "
        + expiresAt
        + "]";
  }
}
