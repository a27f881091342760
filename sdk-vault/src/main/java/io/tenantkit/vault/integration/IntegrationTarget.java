package io.tenantkit.vault.integration;

import io.tenantkit.NotFoundException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.CompactId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.spi.IntegrationStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Imported credentials as integrations. The id of each follows from what it is imported from, so
 * that of several imports at once one makes it, and one that was stopped finds it again.
 */
final class IntegrationTarget implements CredentialTarget {
  private final DefaultIntegrations integrations;
  private final IntegrationStore store;
  private final IntegrationCredentials credentials;
  private final Function<HostCredential, NewIntegration> mapping;

  IntegrationTarget(
      DefaultIntegrations integrations,
      IntegrationStore store,
      IntegrationCredentials credentials,
      Function<HostCredential, NewIntegration> mapping) {
    this.integrations = integrations;
    this.store = store;
    this.credentials = credentials;
    this.mapping = Objects.requireNonNull(mapping, "mapping");
  }

  @Override
  public void check(TenantContext context, HostCredential credential) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    context.require(Scopes.SECRETS_USE);
    NewIntegration wanted = mapping.apply(credential);
    context.require(wanted.environment());
    values(wanted);
  }

  private CredentialValues values(NewIntegration wanted) {
    IntegrationTemplate template = integrations.templates().require(wanted.provider());
    CredentialValues values =
        CredentialValues.require(template, wanted.credential(), wanted.config());
    template.baseUrl(values);
    return values;
  }

  @Override
  public Held held(TenantContext context, HostCredential credential) {
    NewIntegration wanted = mapping.apply(credential);
    Optional<Integration> row = store.find(context, id(context, credential, wanted));
    if (row.isEmpty()) {
      return Held.NOTHING;
    }
    Map<String, SecretValue> values = values(wanted).sealable();
    try {
      return credentials.use(
          context,
          row.get(),
          "read back by an import",
          fields -> isSame(fields, values) ? Held.SAME : Held.OTHER);
    } catch (NotFoundException e) {
      // The import that began it did not come to the credential.
      return Held.NOTHING;
    } finally {
      values.values().forEach(SecretValue::close);
    }
  }

  private static boolean isSame(SecretFields fields, Map<String, SecretValue> values) {
    boolean same = fields.names().equals(values.keySet());
    if (same) {
      for (Map.Entry<String, SecretValue> field : values.entrySet()) {
        same &= fields.field(field.getKey()).equals(field.getValue());
      }
    }
    return same;
  }

  @Override
  public void store(TenantContext context, HostCredential credential) {
    NewIntegration wanted = mapping.apply(credential);
    IntegrationId id = id(context, credential, wanted);
    if (store.find(context, id).isEmpty()) {
      integrations.create(context, id, wanted);
    } else {
      integrations.update(
          context,
          id,
          IntegrationChange.none().config(wanted.config()).credential(wanted.credential()));
    }
  }

  private static IntegrationId id(
      TenantContext context, HostCredential credential, NewIntegration wanted) {
    String text =
        String.join(
            "\0",
            "tenantkit imported id 1",
            context.organization().value(),
            wanted.provider(),
            wanted.environment().name(),
            wanted.name(),
            credential.id());
    try {
      ByteBuffer hash =
          ByteBuffer.wrap(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
      return new IntegrationId(CompactId.text("int", hash.getLong(), hash.getLong()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}
