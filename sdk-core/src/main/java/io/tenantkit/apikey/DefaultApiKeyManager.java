package io.tenantkit.apikey;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;

/** Each operation is a class of its own; here they meet. */
final class DefaultApiKeyManager implements ApiKeyManager {
  private final ApiKeyStore store;
  private final KeyVerifier verifier;
  private final KeyWriter writer;
  private final KeyCreation creation;
  private final KeyRotation rotation;
  private final KeySwitch switches;
  private final KeyImport imports;
  private final UnusedKeys unused;

  DefaultApiKeyManager(CoreStores stores, KeyVerifier verifier, KeyWriter writer) {
    this.store = stores.apiKeys();
    this.verifier = verifier;
    this.writer = writer;
    this.creation = new KeyCreation(writer, store);
    this.rotation = new KeyRotation(writer);
    this.switches = new KeySwitch(writer);
    this.imports = new KeyImport(writer);
    this.unused = new UnusedKeys(writer, store, stores.keyUpkeep());
  }

  @Override
  public IssuedApiKey create(TenantContext context, NewApiKey wanted) {
    return creation.create(context, wanted);
  }

  @Override
  public ApiKey importKey(TenantContext context, ImportedKey wanted) {
    return imports.importKey(context, wanted);
  }

  @Override
  public List<ImportResult> importKeys(TenantContext context, List<ImportedKey> wanted) {
    return imports.importKeys(context, wanted);
  }

  @Override
  public Verdict verify(VerifyRequest request) {
    return verifier.verify(request);
  }

  @Override
  public ApiKey get(TenantContext context, ApiKeyId id) {
    writer.requireReader(context);
    return writer.find(context, id).key();
  }

  @Override
  public Page<ApiKey> list(TenantContext context, PageRequest page) {
    writer.requireReader(context);
    Page<StoredApiKey> rows =
        page.page(
            store.list(context, page.afterId(), page.limit() + 1), row -> row.key().id().value());
    return new Page<>(rows.items().stream().map(StoredApiKey::key).toList(), rows.next());
  }

  @Override
  public ApiKey enable(TenantContext context, ApiKeyId id) {
    return switches.setEnabled(context, id, true);
  }

  @Override
  public ApiKey disable(TenantContext context, ApiKeyId id) {
    return switches.setEnabled(context, id, false);
  }

  @Override
  public ApiKey revoke(TenantContext context, ApiKeyId id, String reason) {
    return switches.revoke(context, id, reason);
  }

  @Override
  public IssuedApiKey rotate(TenantContext context, ApiKeyId id, Rotation wanted) {
    return rotation.rotate(context, id, wanted);
  }

  @Override
  public Page<ApiKey> unused(TenantContext context, Instant since, PageRequest page) {
    return unused.list(context, since, page);
  }

  @Override
  public List<ApiKeyId> revokeUnused(TenantContext context, Instant since, String reason) {
    return unused.revoke(context, since, reason);
  }
}
