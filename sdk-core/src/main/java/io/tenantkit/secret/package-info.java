/**
 * Secret values, master keys and the sealed record: everything that touches plaintext or key bytes
 * below the vault. A secret leaves this room only through {@link io.tenantkit.secret.SecretAccess},
 * and a record leaves it only sealed under the format that {@link io.tenantkit.secret.SealingKey}
 * documents byte by byte. It knows nothing of tenants or storage: who may read what, and where a
 * record is kept, is decided in the rooms above.
 */
@NullMarked
package io.tenantkit.secret;

import org.jspecify.annotations.NullMarked;
