/**
 * What the rooms above are built on: calls to a tenant's own LiveKit server. Hosts use those rooms
 * instead.
 */
@NullMarked
package io.tenantkit.livekit.spi;

import org.jspecify.annotations.NullMarked;
