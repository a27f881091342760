package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Who is in a room, and putting them out, with a token for that room alone. A server's lists may be
 * longer than the way out reads: then it is asked by name. Safe for use by several threads; blocks
 * on the server.
 */
final class RoomPeople {
  private static final String CALLER = "tenantkit";
  private static final String SERVICE = "RoomService";

  /** So few rooms are not asked for in ever smaller parts. */
  private static final int FEW = 16;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DefaultServerCalls base;

  /** Leave an event each. */
  private final ServerCalls calls;

  /** Leave none: rooms are looked at again and again. */
  private final ServerCalls unrecorded;

  /** Over these calls, made the library's own. */
  RoomPeople(DefaultServerCalls calls) {
    this.base = calls;
    this.calls = calls.own(RevocationRound.CALL_AT_MOST);
    this.unrecorded = calls.unrecorded(RevocationRound.CALL_AT_MOST);
  }

  /** The people on servers that are being replaced: {@link ServerCalls#replaced}. */
  List<RoomPeople> elsewhere(TenantContext context) {
    return base.elsewhere(context).stream().map(RoomPeople::new).toList();
  }

  /**
   * Somebody in a room.
   *
   * @param standard whether it is a person's client, and none of the server's own participants
   * @param joinedAt by the server's clock; long ago when it does not tell
   */
  record There(String identity, boolean standard, Instant joinedAt) {}

  /** Which rooms there are; empty when there are more than can be listed. */
  Optional<Set<String>> live(TenantContext context) {
    return unlessTooLong(() -> listed(context, List.of()));
  }

  /** Which of these there may be: none is missing, but some may not be there. */
  Set<String> mayLive(TenantContext context, List<String> names, RevocationRound round) {
    if (names.size() == 1 || round.isHalfOver()) {
      return Set.copyOf(names);
    }
    Optional<Set<String>> all = unlessTooLong(() -> listed(context, names));
    if (all.isPresent()) {
      return all.get();
    }
    if (names.size() <= FEW) {
      return Set.copyOf(names);
    }
    int half = names.size() / 2;
    Set<String> both = new HashSet<>(mayLive(context, names.subList(0, half), round));
    both.addAll(mayLive(context, names.subList(half, names.size()), round));
    return both;
  }

  private Set<String> listed(TenantContext context, Collection<String> names) {
    ObjectNode request = JSON.createObjectNode();
    if (!names.isEmpty()) {
      names.forEach(request.putArray("names")::add);
    }
    JsonNode answer =
        unrecorded.call(
            context,
            new ServerCall(
                SERVICE,
                "ListRooms",
                ApiToken.of(CALLER).grant(VideoPermission.ROOM_LIST),
                request.toString(),
                new Purpose("livekit.rooms.listed", "rooms listed", Map.of())));
    Set<String> rooms = new HashSet<>();
    answer.path("rooms").forEach(each -> rooms.add(AnswerJson.text(each, "name")));
    return rooms;
  }

  /** Who is in a room, nobody when there is no such room; empty when that cannot be listed. */
  Optional<List<There>> in(TenantContext context, String room) {
    Purpose purpose =
        new Purpose("livekit.participants.listed", "participants listed", Map.of("room", room));
    ServerCall call =
        new ServerCall(
            SERVICE,
            "ListParticipants",
            within(room),
            JSON.createObjectNode().put("room", room).toString(),
            purpose);
    return unlessTooLong(
        () ->
            unlessNotFound(() -> unrecorded.call(context, call))
                .map(answer -> AnswerJson.list(answer.path("participants"), RoomPeople::there))
                .orElseGet(List::of));
  }

  /**
   * Somebody by name. Of whom the server has more to say than can be read it is known that they are
   * there, and no more.
   */
  Optional<There> find(TenantContext context, String room, String identity, Instant now) {
    Purpose purpose =
        new Purpose("livekit.participant.read", "participant read", Map.of("room", room));
    ServerCall call =
        new ServerCall(
            SERVICE, "GetParticipant", within(room), request(room, identity).toString(), purpose);
    Optional<Optional<JsonNode>> answer =
        unlessTooLong(() -> unlessNotFound(() -> unrecorded.call(context, call)));
    if (answer.isEmpty()) {
      return Optional.of(new There(identity, false, now));
    }
    return answer
        .get()
        .map(RoomPeople::there)
        .map(who -> new There(identity, who.standard(), who.joinedAt()));
  }

  private static There there(JsonNode json) {
    return new There(
        AnswerJson.text(json, "identity"),
        AnswerJson.kind(json, "kind") == ParticipantKind.STANDARD,
        AnswerJson.time(json, "joined_at"));
  }

  /**
   * Puts somebody out; whether they were there.
   *
   * @param now a server that can (LiveKit Cloud) takes no token of theirs that is older
   */
  boolean remove(TenantContext context, String room, String identity, Instant now) {
    Purpose purpose =
        new Purpose(
            "livekit.participant.removed",
            "participant removed: revoked",
            Map.of("room", room, "identity", identity));
    ServerCall call =
        new ServerCall(
            SERVICE,
            "RemoveParticipant",
            within(room),
            request(room, identity).put("revokeTokenTs", now.getEpochSecond() + 1).toString(),
            purpose);
    return unlessNotFound(() -> calls.call(context, call)).isPresent();
  }

  private static ObjectNode request(String room, String identity) {
    return JSON.createObjectNode().put("room", room).put("identity", identity);
  }

  private static ApiToken within(String room) {
    return ApiToken.inRoom(room, CALLER).grant(VideoPermission.ROOM_ADMIN);
  }

  private static <T> Optional<T> unlessTooLong(Supplier<T> asked) {
    try {
      return Optional.of(asked.get());
    } catch (EgressException e) {
      if (e.failure() == EgressFailure.TOO_LARGE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static <T> Optional<T> unlessNotFound(Supplier<T> asked) {
    try {
      return Optional.of(asked.get());
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
