/**
 * Master keys that core cannot make by itself: one of a passphrase, by Argon2id, and one that never
 * leaves a HashiCorp Vault or OpenBao server, by its transit engine. Both stand behind core's port
 * {@link io.tenantkit.secret.MasterKeys}; this room knows nothing of tenants, secrets or storage.
 */
@NullMarked
package io.tenantkit.vault.masterkey;

import org.jspecify.annotations.NullMarked;
