/**
 * Brings credentials that a host has kept in a table of its own into the vault: each is stored,
 * read back and compared, and only then emptied where it was. What was done stays done, so an
 * import that was stopped goes on where it was.
 */
@NullMarked
package io.tenantkit.vault.imports;

import org.jspecify.annotations.NullMarked;
