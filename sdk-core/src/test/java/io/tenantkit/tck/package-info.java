/**
 * The contract of a storage, as test classes that each storage's own tests extend: same answers,
 * isolation of tenants, concurrency, and the host's joined transaction. Shipped as core's test-jar.
 */
@NullMarked
package io.tenantkit.tck;

import org.jspecify.annotations.NullMarked;
