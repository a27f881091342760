package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes over keys that another system issued, under the rules by which keys are created. */
final class KeyImport {
  private final KeyWriter writer;

  KeyImport(KeyWriter writer) {
    this.writer = writer;
  }

  ApiKey importKey(TenantContext context, ImportedKey wanted) {
    writer.requireWriter(context);
    KeyGrants grants = Authority.granted(context, wanted.mode(), wanted.grants());
    Instant now = writer.now();
    KeyDraft draft =
        new KeyDraft(
            writer.nextId(),
            wanted.mode(),
            wanted.name(),
            wanted.description(),
            grants,
            true,
            Authority.end(context, writer.policy(context), wanted.lifetime(), now),
            Optional.empty());
    ApiKey key = draft.key(context, wanted.prefix(), now);
    StoredApiKey row = new StoredApiKey(key, wanted.hash());
    writer.forgetting(
        row,
        () -> {
          writer.insert(context, row, writer.born(context, key, "api_key.imported"));
          writer.evictAfterCommit(context, row.hash());
          return key;
        });
    return key;
  }

  List<ImportResult> importKeys(TenantContext context, List<ImportedKey> wanted) {
    writer.requireWriter(context);
    if (wanted.isEmpty() || wanted.size() > ApiKeyManager.MAX_IMPORT) {
      throw new InvalidInputException("keys", "1 to " + ApiKeyManager.MAX_IMPORT);
    }
    List<ImportResult> results = new ArrayList<>();
    ImportResult.@Nullable Failed broken = null;
    for (ImportedKey each : wanted) {
      if (broken != null) {
        results.add(broken);
        continue;
      }
      try {
        results.add(new ImportResult.Imported(importKey(context, each)));
      } catch (StorageException e) {
        results.add(failed(e));
        broken = new ImportResult.Failed(e.code(), "not tried, for the storage failed before");
      } catch (TenantkitException e) {
        results.add(failed(e));
      }
    }
    return List.copyOf(results);
  }

  private static ImportResult.Failed failed(TenantkitException e) {
    return new ImportResult.Failed(
        e.code(), Optional.ofNullable(e.getMessage()).orElse(e.code().name()));
  }
}
