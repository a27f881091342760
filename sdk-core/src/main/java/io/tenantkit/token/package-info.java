/**
 * The ledger of tokens that the library signs for tenants, and who is denied: written before or a
 * moment after a token leaves, read to list and to revoke. What signs says what its tokens open.
 */
@NullMarked
package io.tenantkit.token;

import org.jspecify.annotations.NullMarked;
