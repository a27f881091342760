package io.tenantkit.livekit.room;

import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts sessions on each tenant's own LiveKit server: a room, agents, and a participant's token,
 * as one call. Safe for use by several threads; blocks on the storage and on the server.
 */
public final class LiveKitSessions {
  private final LiveKit livekit;
  private final LiveKitRooms rooms;
  private final AgentDispatches agents;

  private LiveKitSessions(LiveKit livekit) {
    this.livekit = livekit;
    this.rooms = LiveKitRooms.of(livekit);
    this.agents = AgentDispatches.of(livekit);
  }

  /** Sessions of the tenants that are connected there. */
  public static LiveKitSessions of(LiveKit livekit) {
    return new LiveKitSessions(livekit);
  }

  /**
   * Starts a session. The token is made first, so that a caller or a policy that does not allow it
   * changes nothing; then the room, if it is not there, and then the agents that are not there yet.
   * When a step fails, what this call is known to have done is undone and the token is wiped; a
   * room in which somebody is, an agent too, stays.
   *
   * <p>The ledger keeps the token that a failed call made, as issued, until its end: it was signed,
   * has its event in the trail and took its share of the policy's limits. Nobody got it, so it is
   * not revoked: a revocation denies an identity its room, and would refuse the next try.
   *
   * <p>Safe to repeat: a room that is there is joined as it is, and an agent that is in it or on
   * its way comes once, also when several calls send it at the same time. One that was sent and did
   * not come, since it had no worker or that one broke, is sent anew; and so is one that has left:
   * what the server says of its dispatch does not tell the two apart. It counts as on its way for
   * 15 seconds, which a server takes to find a worker, and for 30 from then on, so the server's
   * clock may not be that far from ours. Of two calls for one room at the same time of which one
   * fails, the other may lose the room if nobody has joined it yet, or the agent, until it is
   * called again.
   *
   * <p>Needs {@link Scopes#LIVEKIT_CREATE_SESSION} and what the token needs, and to record the room
   * {@link Scopes#LIVEKIT_ADMIN}; no other scope for rooms or agents. Which agents may be sent, and
   * what may be said of the room, is the {@link io.tenantkit.livekit.TokenPolicy}'s to say.
   *
   * @return the session; the caller closes it, which wipes the token
   */
  public StartedSession start(TenantContext context, NewSession wanted) {
    RoomCalls.requireMay(context, wanted.config());
    livekit.sessionRules().requireAllowed(context, wanted.config(), wanted.agents());
    IssuedToken token = livekit.tokens().issue(context, wanted.participant());
    // Whoever may open sessions need not be able to manage rooms or send agents anywhere else.
    TenantContext own = inLibrary(context);
    Undo undo = new Undo(own, wanted.participant().room());
    try {
      boolean isNew = rooms.list(own, List.of(undo.room)).isEmpty();
      Room room = rooms.create(own, undo.room, wanted.config());
      undo.madeRoom = isNew;
      SessionAgents sending =
          new SessionAgents(livekit.runtime()::now, rooms, agents, own, undo.room, undo.sent);
      return new StartedSession(room, sending.send(wanted, isNew), token);
    } catch (RuntimeException | Error e) {
      token.close();
      undo.run(e);
      throw e;
    }
  }

  private static TenantContext inLibrary(TenantContext context) {
    return TenantContext.trusted(context.organization(), context.actor(), context.principal())
        .within(context.environments())
        .limitedTo(
            ScopeSet.of(
                Scopes.LIVEKIT_READ.value(),
                Scopes.LIVEKIT_ADMIN.value(),
                Scopes.LIVEKIT_AGENT.value()));
  }

  /** What was done so far. For one call. */
  private final class Undo {
    private final TenantContext context;
    private final String room;
    private boolean madeRoom;
    private final List<String> sent = new ArrayList<>();

    private Undo(TenantContext context, String room) {
      this.context = context;
      this.room = room;
    }

    /** As far as it goes: what the server does not do now is told beside the failure. */
    private void run(Throwable failure) {
      for (String dispatch : sent) {
        attempt(failure, () -> agents.delete(context, room, dispatch));
      }
      if (madeRoom) {
        attempt(
            failure,
            () -> {
              if (rooms.participants(context, room).isEmpty()) {
                rooms.delete(context, room);
              }
            });
      }
    }

    private void attempt(Throwable failure, Runnable step) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
