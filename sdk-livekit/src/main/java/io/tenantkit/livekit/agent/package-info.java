/**
 * Processes of tenants' own agents: {@link io.tenantkit.livekit.agent.AgentProcesses} gives each
 * the credentials of its tenant and nothing of the host's environment.
 */
@NullMarked
package io.tenantkit.livekit.agent;

import org.jspecify.annotations.NullMarked;
