/** JMH benchmarks: each figure beside its floor and a peer, in one run. */
@NullMarked
package io.tenantkit.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
