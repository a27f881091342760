/** Network addresses that may present a key. */
@NullMarked
package io.tenantkit.address;

import org.jspecify.annotations.NullMarked;
