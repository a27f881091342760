/**
 * The contract of a storage's vault family, as test classes that each storage's own tests extend,
 * over the same harness as the core's contracts. Shipped as the vault's test-jar.
 */
@NullMarked
package io.tenantkit.vault.tck;

import org.jspecify.annotations.NullMarked;
