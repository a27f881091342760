/**
 * The control plane and what every room shares: {@link io.tenantkit.ControlPlane} is the runtime
 * that a host opens once, {@link io.tenantkit.Storage} is where it keeps its rows, and {@link
 * io.tenantkit.TenantkitException} is the one root of all errors, each with a stable {@link
 * io.tenantkit.ErrorCode}.
 */
@NullMarked
package io.tenantkit;

import org.jspecify.annotations.NullMarked;
