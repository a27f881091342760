/**
 * For the unit tests of hosts: a LiveKit server in the test's own process, with rooms,
 * participants, agents and webhooks in memory. Nothing here belongs into production code.
 */
@NullMarked
package io.tenantkit.livekit.testing;

import org.jspecify.annotations.NullMarked;
