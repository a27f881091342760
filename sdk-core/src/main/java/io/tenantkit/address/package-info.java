/**
 * Where a caller comes from: ranges of addresses, lists of them that a key may be held to, and the
 * address behind proxies that the host trusts. Texts are read strictly and nothing here asks DNS.
 */
@NullMarked
package io.tenantkit.address;

import org.jspecify.annotations.NullMarked;
