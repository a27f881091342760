/**
 * For the unit tests of hosts: a clock that the test ticks and randomness that repeats. Nothing
 * here belongs into production code.
 */
@NullMarked
package io.tenantkit.testing;

import org.jspecify.annotations.NullMarked;
