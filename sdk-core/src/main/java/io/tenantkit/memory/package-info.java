/**
 * The in-memory storage: a real store for unit tests, with the atomicity, isolation and answers of
 * the databases, held to the same contract suite. Nothing is durable.
 */
@NullMarked
package io.tenantkit.memory;

import org.jspecify.annotations.NullMarked;
