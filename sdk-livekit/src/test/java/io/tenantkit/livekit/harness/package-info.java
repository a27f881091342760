/**
 * The real parts that tests run against: {@link io.tenantkit.livekit.harness.RealLiveKitServer} and
 * {@link io.tenantkit.livekit.harness.NodeTools}. Shipped in the test-jar for end-to-end tests of
 * other modules. Where a part is absent a test is skipped with a line that says how to get it; with
 * {@code CI=true} it fails instead.
 */
@NullMarked
package io.tenantkit.livekit.harness;

import org.jspecify.annotations.NullMarked;
