/**
 * Storage in a database: an H2 file that Tenantkit owns, or PostgreSQL with row level security on
 * the host's own pools. Each store is a handful of statements, each of which names the
 * organization; {@link io.tenantkit.jdbc.JdbcStorage} is the way in.
 */
@NullMarked
package io.tenantkit.jdbc;

import org.jspecify.annotations.NullMarked;
