package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.LibraryProjects;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

final class StoredSecretUsage implements SecretUsage {
  private final SecretVault vault;
  private final SecretUsageStore store;
  private final VaultStores stores;

  StoredSecretUsage(SecretVault vault) {
    this.vault = vault;
    this.store = vault.uses().store();
    this.stores =
        vault.runtime().storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : vault.runtime().stores(VaultStores.class);
  }

  @Override
  public Page<UsageLine> list(TenantContext context, UsageQuery query, PageRequest page) {
    context.require(Scopes.USAGE_READ);
    @Nullable String after = UsageCursor.after(page);
    if (after != null && (query.by() == UsageQuery.By.DAY || query.by() == UsageQuery.By.HOUR)) {
      time(after);
    }
    return UsageCursor.page(
        page, store.usage(context, query, after, page.limit() + 1), UsageLine::key);
  }

  @Override
  public Optional<UseTimes> times(TenantContext context, SecretId secret) {
    context.require(Scopes.USAGE_READ);
    return store.times(context, secret.value());
  }

  @Override
  public Page<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      Optional<SecretId> secret,
      PageRequest page) {
    context.require(Scopes.USAGE_READ);
    @Nullable String after = UsageCursor.after(page);
    List<CostLine> lines =
        store.costs(
            context,
            from,
            until,
            secret.map(SecretId::value),
            after == null ? null : costAfter(after),
            page.limit() + 1);
    return UsageCursor.page(page, lines, StoredSecretUsage::costKey);
  }

  @Override
  public Page<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      IntegrationId integration,
      PageRequest page) {
    context.require(Scopes.USAGE_READ);
    return costs(context, from, until, Optional.of(credential(context, integration).id()), page);
  }

  /** Who sees an integration is who sees its credential. */
  private Secret credential(TenantContext context, IntegrationId id) {
    return stores
        .integrations()
        .find(context, id)
        .filter(row -> context.environments().contains(row.environment()))
        .flatMap(
            row ->
                stores
                    .secrets()
                    .find(
                        context,
                        SecretRef.of(LibraryProjects.INTEGRATIONS, row.environment(), id.value())))
        .orElseThrow(() -> new NotFoundException("integration"));
  }

  private static String costKey(CostLine line) {
    return String.join(
        " ",
        line.secret(),
        line.day().toString(),
        line.unit(),
        line.environment().name(),
        line.currency());
  }

  private static CostLine costAfter(String key) {
    String[] parts = key.split(" ", -1);
    if (parts.length != 5) {
      throw UsageCursor.refused();
    }
    try {
      return new CostLine(
          parts[0], Environment.valueOf(parts[3]), time(parts[1]), parts[2], parts[4], 0, 0, 0);
    } catch (IllegalArgumentException e) {
      throw UsageCursor.refused();
    }
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw UsageCursor.refused();
    }
  }

  @Override
  public Page<Finding> findings(
      TenantContext context, Instant from, Instant until, PageRequest page) {
    context.require(Scopes.USAGE_READ);
    if (!from.isBefore(until)) {
      throw new InvalidInputException("until", "later than from");
    }
    @Nullable String after = page.afterId();
    String first = Finding.day(from);
    List<Finding> found =
        store.findings(
            context,
            after == null || after.compareTo(first) < 0 ? first : after,
            dayAfter(until),
            page.limit() + 1);
    return page.page(found, Finding::id);
  }

  /** Above all ids of the last day that the time touches. */
  static String dayAfter(Instant until) {
    return Finding.day(UsageGrain.DAY.start(until.minusNanos(1)).plus(Duration.ofDays(1)));
  }

  @Override
  public void reportUnits(TenantContext context, Secret secret, ReportedUnits units) {
    context.require(Scopes.SECRETS_USE);
    context.require(secret.ref().environment());
    if (!secret.organization().equals(context.organization())) {
      // As for one that is not there.
      throw new NotFoundException("secret");
    }
    vault.uses().report(context, secret, units);
  }

  @Override
  public void reportUnits(TenantContext context, SecretRef ref, ReportedUnits units) {
    context.require(Scopes.SECRETS_USE);
    vault.uses().report(context, vault.get(context, ref), units);
  }

  @Override
  public void reportUnits(TenantContext context, IntegrationId integration, ReportedUnits units) {
    context.require(Scopes.SECRETS_USE);
    vault.uses().report(context, credential(context, integration), units);
  }
}
