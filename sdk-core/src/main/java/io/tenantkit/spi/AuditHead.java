package io.tenantkit.spi;

import io.tenantkit.audit.ChainHash;

/**
 * The end of an organization's audit chain.
 *
 * @param seq the last event's number
 * @param hash the last event's link
 */
public record AuditHead(long seq, ChainHash hash) {}
