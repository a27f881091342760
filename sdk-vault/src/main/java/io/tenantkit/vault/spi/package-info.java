/**
 * What a storage must do for the vault, as {@code io.tenantkit.spi} says for the core: few atomic
 * verbs that name the tenant first, and write the audit event with the change or not at all. Only
 * ciphertext ever reaches a store.
 */
@NullMarked
package io.tenantkit.vault.spi;

import org.jspecify.annotations.NullMarked;
