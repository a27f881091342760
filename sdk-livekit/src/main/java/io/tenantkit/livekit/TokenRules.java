package io.tenantkit.livekit;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a wish for a token to the caller's scopes and to a policy, and fills in what the wish
 * leaves to them. For one call.
 */
final class TokenRules {
  /** What gives power over others, hides from them, or reaches beyond one room. */
  private static final Set<VideoPermission> POWERS =
      EnumSet.of(
          VideoPermission.ROOM_CREATE,
          VideoPermission.ROOM_LIST,
          VideoPermission.ROOM_RECORD,
          VideoPermission.ROOM_ADMIN,
          VideoPermission.INGRESS_ADMIN,
          VideoPermission.CAN_MANAGE_AGENT_SESSION,
          VideoPermission.HIDDEN,
          VideoPermission.RECORDER);

  /** What agents are given anyway. */
  private static final Set<ServiceGrant> OF_AGENTS =
      EnumSet.of(ServiceGrant.INFERENCE_PERFORM, ServiceGrant.OBSERVABILITY_WRITE);

  private final TenantContext context;
  private final TokenPolicy policy;

  TokenRules(TenantContext context, TokenPolicy policy) {
    this.context = context;
    this.policy = policy;
  }

  /** The scopes that such a token needs beside the one for any token. */
  static Set<Scope> scopes(TokenSpec spec) {
    boolean agent = spec.kind() == ParticipantKind.AGENT;
    boolean powers =
        !spec.video().isJoin()
            || hasPower(spec.video())
            || spec.video().destinationRoom().isPresent()
            || (!spec.more().grants().isEmpty()
                && !(agent && OF_AGENTS.containsAll(spec.more().grants())))
            || (!agent && spec.kind() != ParticipantKind.STANDARD)
            || (spec.more().roomConfig().isPresent()
                && spec.more().roomConfig().get().egress().isPresent());
    if (agent) {
      return powers
          ? Set.of(Scopes.LIVEKIT_AGENT, Scopes.LIVEKIT_ADMIN)
          : Set.of(Scopes.LIVEKIT_AGENT);
    }
    return powers ? Set.of(Scopes.LIVEKIT_ADMIN) : Set.of();
  }

  /** None of them is allowed unless the token says so. */
  private static boolean hasPower(VideoGrants video) {
    for (Map.Entry<VideoPermission, Boolean> set : video.permissions().entrySet()) {
      if (set.getValue() && POWERS.contains(set.getKey())) {
        return true;
      }
    }
    return false;
  }

  /** What a token grants, so that the trail shows who was given power. */
  static String granted(TokenSpec spec) {
    Map<VideoPermission, Boolean> permissions = spec.video().permissions();
    Set<ServiceGrant> grants = spec.more().grants();
    if (permissions.size() == 1 && grants.isEmpty() && spec.video().isJoin()) {
      return VideoPermission.ROOM_JOIN.claim();
    }
    // Mostly two or three words, which a builder is slower for.
    String text = "";
    for (Map.Entry<VideoPermission, Boolean> set : permissions.entrySet()) {
      if (set.getValue()) {
        text = and(text, set.getKey().claim());
      }
    }
    for (ServiceGrant grant : grants) {
      text = and(text, grant.claim() + "." + grant.field());
    }
    return text;
  }

  private static String and(String text, String word) {
    return text.isEmpty() ? word : text + " " + word;
  }

  /**
   * The wish as it may be signed; how long it lives, where the wish leaves that open, is the
   * policy's to say.
   *
   * @throws AccessDeniedException when a scope is missing, or the policy does not allow it
   * @throws InvalidInputException when it should live longer than the policy allows
   */
  TokenSpec apply(TokenSpec wish) {
    for (Scope scope : scopes(wish)) {
      context.require(scope);
    }
    if (wish.wantedTtl().isPresent() && wish.wantedTtl().get().compareTo(policy.maxTtl()) > 0) {
      throw new InvalidInputException("ttl", "at most " + policy.maxTtl() + ", by the policy");
    }
    requireRoom(wish.room());
    if (wish.video().destinationRoom().isPresent()) {
      requireRoom(wish.video().destinationRoom().get());
    }
    if (policy.refusesPersonalData()) {
      requireNoPersonalData(wish);
    }
    requireRoomConfig(wish.more());
    if (policy.agents().isPresent() && !wish.attributes().isEmpty()) {
      requireAgentName(wish.attributes());
    }
    if (wish.kind() != ParticipantKind.AGENT) {
      requireAttributes(wish);
    }
    return policy.allowsEveryGrant() ? wish : wish.withVideo(allowed(wish.video()));
  }

  private void requireRoom(String room) {
    if (!room.isEmpty() && !policy.rooms().allows(context, room)) {
      throw refused("room");
    }
  }

  /**
   * A session's room and agents, held as if they were a token's.
   *
   * @throws AccessDeniedException when the policy does not allow them
   */
  void requireSession(RoomConfig config, List<RoomAgent> agents) {
    if (policy.roomConfig() == RoomConfigRule.NONE && !agents.isEmpty()) {
      throw refused("agents");
    }
    requireSaid(config);
    requireAgents(agents);
  }

  private void requireRoomConfig(ServerClaims more) {
    if (policy.roomConfig() != RoomConfigRule.ANY && more.roomPreset().isPresent()) {
      throw refused("roomPreset");
    }
    if (more.roomConfig().isPresent()) {
      if (policy.roomConfig() == RoomConfigRule.NONE) {
        throw refused("roomConfig");
      }
      requireSaid(more.roomConfig().get());
      requireAgents(more.roomConfig().get().agents());
    }
  }

  private void requireSaid(RoomConfig config) {
    if (policy.roomConfig() != RoomConfigRule.ANY) {
      Optional<String> beyond = config.beyondAgents();
      if (beyond.isPresent()) {
        throw refused("roomConfig." + beyond.get());
      }
    }
  }

  private void requireAgents(List<RoomAgent> agents) {
    if (policy.agents().isPresent()) {
      for (RoomAgent agent : agents) {
        requireAgent(agent.name());
      }
    }
  }

  /** Of a token whose bearer would be taken for this agent. */
  private void requireAgentName(Map<String, String> attributes) {
    String name = attributes.get(AgentToken.AGENT_NAME_ATTRIBUTE);
    if (name != null) {
      requireAgent(name);
    }
  }

  private void requireAgent(String name) {
    if (!policy.agents().orElse(Set.of()).contains(name)) {
      throw refused("agent " + name);
    }
  }

  /** The refusal does not repeat what it is about. */
  private static void requireNoPersonalData(TokenSpec wish) {
    requireNone("identity", PersonalData.inIdentity(wish.identity()));
    requireNone("room", PersonalData.in(wish.room()));
    requireNone("destinationRoom", wish.video().destinationRoom().flatMap(PersonalData::in));
  }

  private static void requireNone(String property, Optional<String> found) {
    if (found.isPresent()) {
      throw refused(property + " that looks like " + found.get());
    }
  }

  private void requireAttributes(TokenSpec wish) {
    if (wish.attributes().isEmpty()) {
      return;
    }
    for (String name : wish.attributes().keySet()) {
      for (String reserved : policy.reservedAttributes()) {
        if (name.startsWith(reserved)) {
          throw refused("attributes");
        }
      }
    }
    if (!policy.attributesBesideOwnMetadata()
        && wish.video().allows(VideoPermission.CAN_UPDATE_OWN_METADATA)) {
      throw refused("canUpdateOwnMetadata beside attributes");
    }
  }

  private VideoGrants allowed(VideoGrants wish) {
    VideoGrants video = wish;
    for (VideoPermission permission : VideoPermission.values()) {
      if (!policy.permissions().contains(permission) && wish.allows(permission)) {
        if (wish.permissions().containsKey(permission)) {
          throw refused(permission.claim());
        }
        // Left open, which the server reads as yes.
        if (wish.isJoin()) {
          video = video.with(permission, false);
        }
      }
    }
    if (!policy.sources().containsAll(wish.canPublishSources())) {
      throw refused("canPublishSources");
    }
    boolean all = policy.sources().size() == TrackSource.values().length;
    if (!all
        && wish.canPublishSources().isEmpty()
        && wish.isJoin()
        && video.allows(VideoPermission.CAN_PUBLISH)) {
      video = video.with(policy.sources());
    }
    return video;
  }

  private static AccessDeniedException refused(String what) {
    return new AccessDeniedException("the token policy does not allow this: " + what);
  }
}
