/** Rate limits and credits of keys and organizations. */
@NullMarked
package io.tenantkit.ratelimit;

import org.jspecify.annotations.NullMarked;
