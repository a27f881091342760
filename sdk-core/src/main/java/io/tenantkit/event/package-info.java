/**
 * What a host may want to act on: keys that are refused, about to expire or unused, leaked, and the
 * like. Events are sampled where a caller could flood them, delivered off the hot path, and never
 * carry a secret.
 */
@NullMarked
package io.tenantkit.event;

import org.jspecify.annotations.NullMarked;
