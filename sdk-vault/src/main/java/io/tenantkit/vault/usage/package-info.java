/**
 * Who uses which secret, how often and at what cost: {@link io.tenantkit.vault.usage.SecretUses}
 * counts off the hot path, {@link io.tenantkit.vault.usage.SecretUsage} answers questions, rules
 * that can be explained find what is unusual, and {@link io.tenantkit.vault.usage.ComplianceReport}
 * tells an auditor. All hours and days are UTC's. No secret is in any of it.
 */
@NullMarked
package io.tenantkit.vault.usage;

import org.jspecify.annotations.NullMarked;
