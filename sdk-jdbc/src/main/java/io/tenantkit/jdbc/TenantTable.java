package io.tenantkit.jdbc;

/**
 * One of the host's tables.
 *
 * @param name with its schema, as SQL writes it
 * @param column the organization's, as SQL writes it
 * @param policy the SQL of the policy that it should have
 */
record TenantTable(String name, String column, String policy) {}
