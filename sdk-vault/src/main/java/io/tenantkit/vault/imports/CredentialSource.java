package io.tenantkit.vault.imports;

import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a host keeps credentials of its own. {@code HostCredentialTable} of the JDBC module is one
 * over a table; a host may write another. Every method sees the context's organization only.
 */
public interface CredentialSource {

  /**
   * What was not imported yet, by id in ASCII order, from the first after {@code afterId}. The
   * caller closes each. What cannot be a credential comes as {@link HostCredential#refused}, so
   * that it is reported and the others are imported.
   */
  List<HostCredential> pending(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Empties the credential where it was and marks it as imported, in one transaction, when it still
   * is what was read.
   *
   * @param evidence writes the audit event, to be called within the transaction with a context that
   *     takes part in it
   * @return false, with nothing changed, when it is another one by now, or imported already
   */
  boolean scrub(TenantContext context, HostCredential read, Consumer<TenantContext> evidence);
}
