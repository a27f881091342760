package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What tokens may be: how long they live, for which rooms, what they may grant. It holds beside the
 * scopes of the caller, and for every token that is issued. Immutable.
 */
public final class TokenPolicy {
  private static final TokenPolicy STANDARD = builder().build();

  private final Builder said;

  private TokenPolicy(Builder said) {
    this.said = said;
  }

  /**
   * What holds when the host says nothing: an hour unless asked for, a day at most, any room, any
   * grant that the caller's scopes allow, and no attribute of LiveKit's own for a person.
   */
  public static TokenPolicy standard() {
    return STANDARD;
  }

  /** To be said; it begins as the standard one. */
  public static Builder builder() {
    return new Builder();
  }

  Duration defaultTtl() {
    return said.defaultTtl.compareTo(said.maxTtl) < 0 ? said.defaultTtl : said.maxTtl;
  }

  Duration maxTtl() {
    return said.maxTtl;
  }

  RoomRule rooms() {
    return said.rooms;
  }

  Set<VideoPermission> permissions() {
    return said.permissions;
  }

  Set<TrackSource> sources() {
    return said.sources;
  }

  List<String> reservedAttributes() {
    return said.reservedAttributes;
  }

  boolean attributesBesideOwnMetadata() {
    return said.attributesBesideOwnMetadata;
  }

  int maxTokenLength() {
    return said.maxTokenLength;
  }

  LedgerMode ledger() {
    return said.ledger;
  }

  Limits issueLimits() {
    return said.issueLimits;
  }

  Limits subjectIssueLimits() {
    return said.subjectIssueLimits;
  }

  /** Whether it takes no grant and no source away. */
  boolean allowsEveryGrant() {
    return said.permissions.size() == VideoPermission.values().length
        && said.sources.size() == TrackSource.values().length;
  }

  /** Collects what a policy says. For one thread. */
  public static final class Builder {
    private Duration defaultTtl = TokenRequest.DEFAULT_TTL;
    private Duration maxTtl = TokenRequest.MAX_TTL;
    private RoomRule rooms = RoomRule.any();
    private Set<VideoPermission> permissions = EnumSet.allOf(VideoPermission.class);
    private Set<TrackSource> sources = EnumSet.allOf(TrackSource.class);
    private List<String> reservedAttributes = List.of("lk.");
    private boolean attributesBesideOwnMetadata;
    private int maxTokenLength = LiveKitTokenIssuer.MAX_TOKEN_LENGTH;
    private LedgerMode ledger = LedgerMode.DURABLE;
    private Limits issueLimits = Limits.none();
    private Limits subjectIssueLimits = Limits.none();

    private Builder() {}

    private Builder(Builder other) {
      this.defaultTtl = other.defaultTtl;
      this.maxTtl = other.maxTtl;
      this.rooms = other.rooms;
      this.permissions = Collections.unmodifiableSet(EnumSet.copyOf(other.permissions));
      this.sources = Collections.unmodifiableSet(EnumSet.copyOf(other.sources));
      this.reservedAttributes = other.reservedAttributes;
      this.attributesBesideOwnMetadata = other.attributesBesideOwnMetadata;
      this.maxTokenLength = other.maxTokenLength;
      this.ledger = other.ledger;
      this.issueLimits = other.issueLimits;
      this.subjectIssueLimits = other.subjectIssueLimits;
    }

    /** How long a token lives when the request does not say: 1 second to 24 hours. */
    public Builder defaultTtl(Duration time) {
      this.defaultTtl = requireTtl("defaultTtl", time);
      return this;
    }

    /** How long a token may live at most: 1 second to 24 hours. More is refused, not cut. */
    public Builder maxTtl(Duration time) {
      this.maxTtl = requireTtl("maxTtl", time);
      return this;
    }

    /** For which rooms. */
    public Builder rooms(RoomRule rule) {
      this.rooms = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * The only grants that a token may hold, {@link VideoPermission#ROOM_JOIN} among them if people
     * shall join. What the request asks for beyond is refused. What it leaves open and the server
     * would allow (to publish, to subscribe, to publish data) is forbidden in the token.
     *
     * @param all at least one
     */
    public Builder onlyPermissions(Collection<VideoPermission> all) {
      if (all.isEmpty()) {
        throw new InvalidInputException("permissions", "at least 1");
      }
      this.permissions = EnumSet.copyOf(all);
      return this;
    }

    /**
     * The only sources that may be published, at least one. A token that leaves them open gets
     * these.
     */
    public Builder onlySources(Collection<TrackSource> all) {
      if (all.isEmpty()) {
        throw new InvalidInputException(
            "sources", "at least 1; for none, leave CAN_PUBLISH out of the permissions");
      }
      this.sources = EnumSet.copyOf(all);
      return this;
    }

    /**
     * Beginnings of names of attributes that no person's token may set; {@code lk.}, LiveKit's own,
     * unless said. Agents' tokens may.
     */
    public Builder reservedAttributes(String... beginnings) {
      this.reservedAttributes = List.of(beginnings);
      return this;
    }

    /**
     * Whether a person's token may have attributes and the right to change them. No unless said:
     * what a client may overwrite, nobody may trust.
     */
    public Builder attributesBesideOwnMetadata(boolean allowed) {
      this.attributesBesideOwnMetadata = allowed;
      return this;
    }

    /** The longest token, 256 to 1,000,000 characters; proxies commonly refuse more than 8,000. */
    public Builder maxTokenLength(int characters) {
      if (characters < 256 || characters > LiveKitTokenIssuer.MAX_TOKEN_LENGTH) {
        throw new InvalidInputException(
            "maxTokenLength", "256 to " + LiveKitTokenIssuer.MAX_TOKEN_LENGTH);
      }
      this.maxTokenLength = characters;
      return this;
    }

    /** When a token is written to the ledger; {@link LedgerMode#DURABLE} unless said. */
    public Builder ledger(LedgerMode mode) {
      this.ledger = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * How many tokens the organization may have issued, all its callers together; no limit unless
     * said. Each process counts by itself unless a limit is {@link RateLimit#shared()} or {@link
     * RateLimit#leased()}, which ask the storage. A token that is refused for another reason takes
     * nothing.
     *
     * @param limits at most 8, each of another name
     */
    public Builder issueLimits(RateLimit... limits) {
      this.issueLimits = Limits.of(limits);
      return this;
    }

    /** The same for each identity in each room. */
    public Builder subjectIssueLimits(RateLimit... limits) {
      this.subjectIssueLimits = Limits.of(limits);
      return this;
    }

    /** What was said so far. */
    public TokenPolicy build() {
      return new TokenPolicy(new Builder(this));
    }

    private static Duration requireTtl(String property, Duration time) {
      if (time.compareTo(TokenRequest.MIN_TTL) < 0 || time.compareTo(TokenRequest.MAX_TTL) > 0) {
        throw new InvalidInputException(property, "1 second to 24 hours");
      }
      return time;
    }
  }
}
