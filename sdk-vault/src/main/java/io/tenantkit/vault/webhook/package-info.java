/**
 * Tells an organization's own servers what happened: signed messages as Standard Webhooks has them,
 * made from the audit trail, in its order, sent again until they arrive or are set aside.
 */
@NullMarked
package io.tenantkit.vault.webhook;

import org.jspecify.annotations.NullMarked;
