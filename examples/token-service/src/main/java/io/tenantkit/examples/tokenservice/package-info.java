/**
 * LiveKit tokens over HTTP: for one LiveKit project as the environment names it, or for tenants who
 * come with an API key each. An example: a host may copy it, nothing depends on it.
 */
@NullMarked
package io.tenantkit.examples.tokenservice;

import org.jspecify.annotations.NullMarked;
