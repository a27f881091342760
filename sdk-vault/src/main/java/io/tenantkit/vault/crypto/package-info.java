/**
 * The envelope of the vault: organization keys under master keys, data keys under organization
 * keys, fields under data keys. Every layer is bound to the immutable ids of what it holds, so that
 * a row moved, mixed or rolled back in the database does not open. Pure functions over bytes: which
 * key is current, where records are kept and who may read them is decided in the rooms above.
 */
@NullMarked
package io.tenantkit.vault.crypto;

import org.jspecify.annotations.NullMarked;
