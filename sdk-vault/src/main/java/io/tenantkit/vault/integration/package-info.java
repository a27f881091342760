/**
 * An organization's own accounts with providers: what a credential of each provider looks like,
 * where it goes in a request and how it is checked, as data ({@link
 * io.tenantkit.vault.integration.IntegrationTemplate}).
 */
@NullMarked
package io.tenantkit.vault.integration;

import org.jspecify.annotations.NullMarked;
