package io.tenantkit.vault.imports;

import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.util.function.Function;

/**
 * Where imported credentials go: secrets, or integrations by {@link
 * io.tenantkit.vault.integration.Integrations#importing}.
 */
public interface CredentialTarget {

  /**
   * Secrets of the vault.
   *
   * @param place names the secret of a credential; it must give the same name each time, and
   *     another one for each credential
   */
  static CredentialTarget secrets(SecretVault vault, Function<HostCredential, SecretRef> place) {
    return new SecretTarget(vault, place);
  }

  /** Where there is something of the credential's name. */
  enum Held {
    /** Nothing yet. */
    NOTHING,
    /** This very credential, by every field. */
    SAME,
    /** Another one, which an import never replaces. */
    OTHER
  }

  /**
   * Whether the credential could be stored, as far as can be told without writing.
   *
   * @throws io.tenantkit.TenantkitException when it could not
   */
  void check(TenantContext context, HostCredential credential);

  /** What is there, compared in constant time. Reading it is a use, which is audited. */
  Held held(TenantContext context, HostCredential credential);

  /**
   * Stores the credential where nothing is.
   *
   * @throws io.tenantkit.ConflictException when something is there by now
   */
  void store(TenantContext context, HostCredential credential);
}
