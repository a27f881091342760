package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The claims of a token that are seldom there: what its participant is in detail, grants outside of
 * {@code video}, and what the room shall be like that its join creates. Immutable.
 *
 * @param kindDetails as {@code cloud_agent} or {@code forwarded}
 * @param sha256 of the body of a request, in Base64, for tokens that sign one
 */
record ServerClaims(
    SortedSet<String> kindDetails,
    Set<ServiceGrant> grants,
    Optional<String> roomPreset,
    Optional<RoomConfig> roomConfig,
    Optional<String> sha256) {
  static final ServerClaims NONE =
      new ServerClaims(
          Collections.emptySortedSet(),
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final int MAX_DETAILS = 8;
  private static final Pattern DETAIL = Pattern.compile("[a-z0-9_]{1,64}");

  /** 32 bytes in Base64, as the standard alphabet or the one for URLs has them. */
  private static final Pattern SHA256 = Pattern.compile("[A-Za-z0-9+/_-]{43}=?");

  ServerClaims {
    if (kindDetails.size() > MAX_DETAILS
        || !kindDetails.stream().allMatch(detail -> DETAIL.matcher(detail).matches())) {
      throw new InvalidInputException(
          "kindDetails", "at most " + MAX_DETAILS + " of 1 to 64 of a-z, 0-9 and _");
    }
    kindDetails = Collections.unmodifiableSortedSet(new TreeSet<>(kindDetails));
    EnumSet<ServiceGrant> ordered = EnumSet.noneOf(ServiceGrant.class);
    ordered.addAll(grants);
    grants = Collections.unmodifiableSet(ordered);
    roomPreset.ifPresent(
        preset -> BoundedText.requireName("roomPreset", preset, TokenRequest.MAX_NAME_BYTES));
    if (sha256.isPresent() && !SHA256.matcher(sha256.get()).matches()) {
      throw new InvalidInputException("sha256", "32 bytes in Base64");
    }
  }

  ServerClaims withKindDetails(SortedSet<String> changed) {
    return new ServerClaims(changed, grants, roomPreset, roomConfig, sha256);
  }

  ServerClaims with(ServiceGrant grant) {
    EnumSet<ServiceGrant> more = EnumSet.of(grant);
    more.addAll(grants);
    return new ServerClaims(kindDetails, more, roomPreset, roomConfig, sha256);
  }

  ServerClaims withRoomPreset(String changed) {
    return new ServerClaims(kindDetails, grants, Optional.of(changed), roomConfig, sha256);
  }

  ServerClaims withRoomConfig(RoomConfig changed) {
    return new ServerClaims(kindDetails, grants, roomPreset, Optional.of(changed), sha256);
  }

  ServerClaims withSha256(String changed) {
    return new ServerClaims(kindDetails, grants, roomPreset, roomConfig, Optional.of(changed));
  }
}
