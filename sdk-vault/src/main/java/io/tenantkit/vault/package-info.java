/**
 * The secret vault: {@link io.tenantkit.vault.SecretVault} stores an organization's secrets,
 * encrypted under keys of its own, and lets their values be used or revealed only after that was
 * written to the audit trail.
 */
@NullMarked
package io.tenantkit.vault;

import org.jspecify.annotations.NullMarked;
