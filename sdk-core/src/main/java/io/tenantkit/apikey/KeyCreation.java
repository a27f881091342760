package io.tenantkit.apikey;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Creates keys, and lets a caller whose answer was lost repeat the call. Of several answers to one
 * idempotency id the one of the highest version holds the secret that works; the earlier ones are
 * dead when the later one is given.
 */
final class KeyCreation {
  /** How long after its first time a creation may be repeated. */
  static final Duration REPEATABLE = Duration.ofMinutes(10);

  /** How often a repeat starts over when others repeat the same creation at the same time. */
  private static final int TRIES = 8;

  private final KeyWriter writer;
  private final ApiKeyStore store;

  KeyCreation(KeyWriter writer, ApiKeyStore store) {
    this.writer = writer;
    this.store = store;
  }

  IssuedApiKey create(TenantContext context, NewApiKey wanted) {
    writer.requireWriter(context);
    KeyGrants grants = Authority.granted(context, wanted.mode(), wanted.grants());
    KeyPolicy policy = writer.policy(context);
    Instant now = writer.now();
    Optional<IdempotentCreation> creation =
        wanted
            .idempotencyId()
            .map(
                id ->
                    new IdempotentCreation(
                        id, CreationRequest.digest(context, wanted), Optional.empty()));
    Optional<Instant> end;
    try {
      end = Authority.end(context, policy, wanted.lifetime(), now);
    } catch (AccessDeniedException | InvalidInputException e) {
      // Counted from now it would end too late; counted from when it was made it may not.
      if (creation.flatMap(asked -> store.findCreated(context, asked.id())).isEmpty()) {
        throw e;
      }
      return repeat(context, policy, creation.get(), e);
    }
    KeyDraft draft =
        new KeyDraft(
            writer.nextId(),
            wanted.mode(),
            wanted.name(),
            wanted.description(),
            grants,
            true,
            end,
            Optional.empty());
    try {
      return create(context, policy, draft, creation, now);
    } catch (ConflictException e) {
      if (creation.isEmpty()) {
        throw e;
      }
      return repeat(context, policy, creation.get(), e);
    }
  }

  private IssuedApiKey create(
      TenantContext context,
      KeyPolicy policy,
      KeyDraft draft,
      Optional<IdempotentCreation> creation,
      Instant now) {
    return writer
        .issue(
            policy,
            draft.mode(),
            prefix -> draft.key(context, prefix, now),
            creation,
            row -> {
              writer.insert(context, row, writer.born(context, row.key(), "api_key.created"));
              return true;
            })
        .orElseThrow();
  }

  /** The row was not added, most likely because it was added before under the same id. */
  private IssuedApiKey repeat(
      TenantContext context,
      KeyPolicy policy,
      IdempotentCreation asked,
      TenantkitException refused) {
    for (int i = 0; i < TRIES; i++) {
      StoredApiKey there = store.findCreated(context, asked.id()).orElseThrow(() -> refused);
      Instant now = writer.now();
      requireRepeatable(there, asked, now);
      Authority.requireMayHold(
          context, there.key().mode(), there.key().grants(), there.key().expiresAt());
      Optional<IssuedApiKey> issued =
          writer.forgetting(there, () -> reissue(context, policy, there, now));
      if (issued.isPresent()) {
        return issued.get();
      }
    }
    throw ConflictException.stale("api key");
  }

  private Optional<IssuedApiKey> reissue(
      TenantContext context, KeyPolicy policy, StoredApiKey before, Instant now) {
    ApiKey key = before.key();
    return writer.issue(
        policy,
        key.mode(),
        prefix -> key.reissued(prefix, now),
        before.creation(),
        row -> {
          boolean done =
              writer.reissue(
                  context,
                  row,
                  writer
                      .event(context, now, "api_key.reissued", key.id())
                      .with("prefix", row.key().prefix()));
          writer.evictAfterCommit(context, before.hash());
          return done;
        });
  }

  private static void requireRepeatable(StoredApiKey there, IdempotentCreation asked, Instant now) {
    ApiKey key = there.key();
    IdempotentCreation creation = there.creation().orElseThrow();
    String id = key.id().value();
    if (!creation.request().equals(asked.request())) {
      throw ConflictException.with(
          "that idempotency id belongs to another request; its key is", id);
    }
    boolean unchanged =
        key.revocation().isEmpty() && key.successor().isEmpty() && !key.expired(now);
    if (creation.firstUsedAt().isPresent()
        || !unchanged
        || !now.isBefore(key.createdAt().plus(REPEATABLE))) {
      throw ConflictException.with("that idempotency id has made its key already:", id);
    }
  }
}
