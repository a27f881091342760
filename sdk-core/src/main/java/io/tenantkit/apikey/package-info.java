/**
 * API keys: {@link io.tenantkit.apikey.ApiKeyManager} creates, verifies, rotates and revokes them.
 * Of a key only its SHA-256 and its first 16 characters are kept; the full key exists once, in
 * {@link io.tenantkit.apikey.IssuedApiKey}.
 */
@NullMarked
package io.tenantkit.apikey;

import org.jspecify.annotations.NullMarked;
