/**
 * The port through which a host counts and times what happens inside: {@link
 * io.tenantkit.metric.Metrics}, bound to Micrometer or another library in a few lines.
 */
@NullMarked
package io.tenantkit.metric;

import org.jspecify.annotations.NullMarked;
