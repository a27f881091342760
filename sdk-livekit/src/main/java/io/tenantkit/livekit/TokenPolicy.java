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
import java.util.Optional;
import java.util.Set;

/**
 * What tokens may be: how long they live, for which rooms, what they may grant, whom they may call.
 * It holds beside the scopes of the caller, for every token that is issued, and for sessions that
 * are started. Immutable.
 */
public final class TokenPolicy {
  /** The most names of agents. */
  public static final int MAX_AGENTS = 1_000;

  private static final TokenPolicy STANDARD = builder().build();

  private final Builder said;

  private TokenPolicy(Builder said) {
    this.said = said;
  }

  /**
   * What holds when the host says nothing: an hour unless asked for, a day at most, any room, any
   * grant that the caller's scopes allow, any agent and room configuration, and no attribute of
   * LiveKit's own for a person.
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

  /** The only agents that may be named; empty for any. */
  Optional<Set<String>> agents() {
    return said.agents;
  }

  RoomConfigRule roomConfig() {
    return said.roomConfig;
  }

  boolean refusesPersonalData() {
    return said.refusesPersonalData;
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
    private Optional<Set<String>> agents = Optional.empty();
    private RoomConfigRule roomConfig = RoomConfigRule.ANY;
    private boolean refusesPersonalData;
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
      this.agents = other.agents;
      this.roomConfig = other.roomConfig;
      this.refusesPersonalData = other.refusesPersonalData;
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

    /**
     * The only agents that may be named: in the room configuration of a token, as the name that an
     * agent's token has, and in a session that is started. With none of them, no agent at all. Any
     * agent unless said.
     *
     * <p>Say it where what clients wish for goes into a token: who may name any agent starts all of
     * the tenant's, with metadata of its own that the agent's program believes, and needs {@link
     * io.tenantkit.tenant.Scopes#LIVEKIT_CREATE_SESSION} alone for it.
     *
     * <p>What names no agent is not held: workers that registered without a name come into every
     * room of their server; a preset of the server's may bring agents (see {@link
     * RoomConfigRule#AGENTS}); and whoever bears an {@link AgentToken} can register for any name.
     * Agents that are sent by {@link io.tenantkit.livekit.room.AgentDispatches} need {@link
     * io.tenantkit.tenant.Scopes#LIVEKIT_AGENT} and no policy.
     *
     * @param names at most 1,000, each of 1 to 256 bytes
     */
    public Builder agents(Set<String> names) {
      if (names.size() > MAX_AGENTS) {
        throw new InvalidInputException("agents", "at most " + MAX_AGENTS);
      }
      for (String name : names) {
        BoundedText.requireName("agents", name, TokenRequest.MAX_NAME_BYTES);
      }
      this.agents = Optional.of(Set.copyOf(names));
      return this;
    }

    /**
     * What tokens and sessions may say of the room that their join creates; {@link
     * RoomConfigRule#ANY} unless said. Where clients' wishes go into a token, {@link
     * RoomConfigRule#AGENTS} or {@link RoomConfigRule#NONE} keeps them from filling rooms, from
     * writing their metadata, and from the server's presets.
     */
    public Builder roomConfig(RoomConfigRule rule) {
      this.roomConfig = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * Whether tokens are refused whose identity or room looks like an e-mail address or a telephone
     * number: both stand in the logs and lists of LiveKit's server and of all who work with it. No
     * unless said. It is there for mistakes: who wants to hide an address in a name can.
     *
     * <ul>
     *   <li>E-mail: {@code @} or {@code %40} between a local part and a domain in which two letters
     *       follow a dot, anywhere in the text. Not {@code ada@acme}, {@code @ada:example.org} or
     *       {@code core@1.2.3}.
     *   <li>E.164: {@code +} that follows no letter or digit, and 7 to 15 digits of which the first
     *       is not 0; in one piece, or in groups with spaces, hyphens, dots, slashes or
     *       parentheses.
     *   <li>Written without a country: three groups as in North America ({@code 510-555-0123},
     *       {@code (510) 555-0123}, with or without a 1 before), and groups that begin with one 0
     *       ({@code 030 1234567}, {@code 0171/1234567}, {@code 090-1234-5678}, {@code
     *       01.23.45.67.89}).
     *   <li>Not: digits in one piece, which are ids as well as numbers; UUIDs, dates and addresses
     *       of machines; other national forms; an identity of {@code sip_} and a number, which
     *       LiveKit's telephony makes by itself unless told to hide it.
     * </ul>
     *
     * <p>Names to display, metadata and attributes are not looked at: they are for those in the
     * room.
     */
    public Builder refusesPersonalData(boolean refused) {
      this.refusesPersonalData = refused;
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
