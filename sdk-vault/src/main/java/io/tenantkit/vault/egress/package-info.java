/**
 * The one way out: a guarded HTTP client for addresses that tenants name. It refuses what lies in a
 * private or special network, follows no redirect, knows no proxy, and bounds time and size; and
 * the {@link io.tenantkit.vault.egress.Scrubber} for what outside services answer.
 */
@NullMarked
package io.tenantkit.vault.egress;

import org.jspecify.annotations.NullMarked;
