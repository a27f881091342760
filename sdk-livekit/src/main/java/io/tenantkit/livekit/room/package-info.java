/**
 * The rooms of a tenant's own LiveKit server, who is in them, and the agents that are sent into
 * them: {@link io.tenantkit.livekit.room.LiveKitRooms} and {@link
 * io.tenantkit.livekit.room.AgentDispatches}.
 */
@NullMarked
package io.tenantkit.livekit.room;

import org.jspecify.annotations.NullMarked;
