/**
 * Organizations and their first API keys from a JSON file that the host keeps beside its code.
 * {@link io.tenantkit.seed.OrganizationSeed} checks the whole file, then makes what is missing.
 */
@NullMarked
package io.tenantkit.seed;

import org.jspecify.annotations.NullMarked;
