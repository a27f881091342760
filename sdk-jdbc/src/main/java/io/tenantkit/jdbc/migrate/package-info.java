/**
 * Makes and changes the schema: plain SQL files that Flyway, Liquibase or psql may run as they are,
 * and {@link io.tenantkit.jdbc.migrate.SchemaMigrator} for hosts without a migration tool.
 */
@NullMarked
package io.tenantkit.jdbc.migrate;

import org.jspecify.annotations.NullMarked;
