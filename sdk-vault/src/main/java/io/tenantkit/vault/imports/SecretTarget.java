package io.tenantkit.vault.imports;

import io.tenantkit.NotFoundException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Credentials as plain secrets, whose type is the credential's kind. */
final class SecretTarget implements CredentialTarget {
  private static final Purpose COMPARING =
      new Purpose("secret.compared", "read back by an import", Map.of());

  private final SecretVault vault;
  private final Function<HostCredential, SecretRef> place;

  SecretTarget(SecretVault vault, Function<HostCredential, SecretRef> place) {
    this.vault = Objects.requireNonNull(vault, "vault");
    this.place = Objects.requireNonNull(place, "place");
  }

  @Override
  public void check(TenantContext context, HostCredential credential) {
    context.require(Scopes.SECRETS_WRITE);
    context.require(Scopes.SECRETS_USE);
    context.require(place.apply(credential).environment());
    wanted(credential);
  }

  @Override
  public Held held(TenantContext context, HostCredential credential) {
    SecretRef ref = place.apply(credential);
    try {
      return vault.useFields(context, ref, COMPARING, fields -> compare(fields, credential));
    } catch (NotFoundException e) {
      return Held.NOTHING;
    }
  }

  private static Held compare(SecretFields fields, HostCredential credential) {
    boolean same =
        fields.secret().type().equals(credential.kind())
            && fields.names().equals(credential.fields().keySet());
    if (same) {
      for (Map.Entry<String, SecretValue> field : credential.fields().entrySet()) {
        same &= fields.field(field.getKey()).equals(field.getValue());
      }
    }
    return same ? Held.SAME : Held.OTHER;
  }

  @Override
  public void store(TenantContext context, HostCredential credential) {
    vault.put(context, place.apply(credential), wanted(credential));
  }

  private static NewSecret wanted(HostCredential credential) {
    return NewSecret.of(credential.kind(), credential.fields()).onlyNew();
  }
}
