/**
 * The vault's stores in memory: families of {@link io.tenantkit.memory.InMemoryStorage}, under its
 * one lock, so that a secret's row and its audit row commit together. For unit tests.
 */
@NullMarked
package io.tenantkit.vault.memory;

import org.jspecify.annotations.NullMarked;
