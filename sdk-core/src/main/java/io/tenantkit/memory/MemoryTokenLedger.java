package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tokens that were issued, and who is denied. */
final class MemoryTokenLedger implements TokenLedgerStore {
  /** No text of ours, so no two pairs give one key. */
  private static final char BETWEEN = '\0';

  /** How often denials of an organization changed, and until when there are some. */
  private record Mark(OrganizationId organization, long revision, Instant until) {}

  private record Denial(OrganizationId organization, TokenDenial denial) {}

  private final MemoryEngine engine;
  private final MemoryCoreStores core;
  private final MemoryTable<RowKey, LedgerEntry> tokens;
  private final MemoryTable<RowKey, Denial> denials;
  private final MemoryTable<OrganizationId, Mark> marks;

  MemoryTokenLedger(MemoryEngine engine, MemoryCoreStores core) {
    this.engine = engine;
    this.core = core;
    this.tokens = engine.table();
    this.denials = engine.table();
    this.marks = engine.table();
  }

  private static RowKey key(OrganizationId organization, String issuer, String id) {
    return new RowKey(organization, issuer + BETWEEN + id);
  }

  @Override
  public boolean append(TenantContext context, List<LedgerEntry> entries, List<AuditEvent> events) {
    return engine.run(
        context,
        () -> {
          entries.forEach(each -> OwnRows.require(context.organization(), each.organization()));
          events.forEach(each -> OwnRows.require(context.organization(), each.organization()));
          core.requireNotErased(context);
          for (LedgerEntry each : entries) {
            if (tokens.get(key(each.organization(), each.issuer(), each.id())) != null) {
              return false;
            }
          }
          entries.forEach(
              each -> tokens.put(key(each.organization(), each.issuer(), each.id()), each));
          events.forEach(core::write);
          return true;
        });
  }

  @Override
  public Optional<LedgerEntry> find(TenantContext context, String issuer, String id) {
    return engine.run(
        context,
        () ->
            Optional.ofNullable(tokens.get(key(context.organization(), issuer, id)))
                .filter(found -> context.environments().contains(found.environment())));
  }

  private Stream<LedgerEntry> rows(
      TenantContext context, String issuer, LedgerQuery query, @Nullable String afterId) {
    return tokens
        .after(key(context.organization(), issuer, afterId == null ? "" : afterId))
        .stream()
        .takeWhile(
            each ->
                each.organization().equals(context.organization()) && each.issuer().equals(issuer))
        .filter(each -> context.environments().contains(each.environment()))
        .filter(query::matches);
  }

  @Override
  public List<LedgerEntry> list(
      TenantContext context,
      String issuer,
      LedgerQuery query,
      @Nullable String afterId,
      int limit) {
    return engine.run(context, () -> rows(context, issuer, query, afterId).limit(limit).toList());
  }

  @Override
  public long count(TenantContext context, String issuer, LedgerQuery query) {
    return engine.run(context, () -> rows(context, issuer, query, null).count());
  }

  @Override
  public Optional<Instant> lastExpiry(TenantContext context, String issuer, LedgerQuery query) {
    return engine.run(
        context,
        () ->
            rows(context, issuer, query, null).map(LedgerEntry::expiresAt).max(Instant::compareTo));
  }

  @Override
  public void deny(TenantContext context, TokenDenial denial, AuditEvent event) {
    engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          core.requireNotErased(context);
          RowKey row = new RowKey(context.organization(), denial.id());
          if (denials.get(row) != null) {
            throw new ConflictException("token denial exists already");
          }
          denials.put(row, new Denial(context.organization(), denial));
          mark(context.organization(), denial.until());
          core.write(event);
          return true;
        });
  }

  private void mark(OrganizationId organization, Instant until) {
    Mark before = marks.get(organization);
    marks.put(
        organization,
        before == null
            ? new Mark(organization, 1, until)
            : new Mark(
                organization,
                before.revision() + 1,
                until.isAfter(before.until()) ? until : before.until()));
  }

  @Override
  public boolean lift(TenantContext context, String denialId, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Denial found = reached(context, denialId);
          if (found == null) {
            return false;
          }
          denials.remove(new RowKey(context.organization(), denialId));
          mark(context.organization(), Instant.EPOCH);
          core.write(event);
          return true;
        });
  }

  private @Nullable Denial reached(TenantContext context, String denialId) {
    Denial found = denials.get(new RowKey(context.organization(), denialId));
    return found != null && context.environments().contains(found.denial().environment())
        ? found
        : null;
  }

  @Override
  public boolean extend(TenantContext context, String denialId, Instant until) {
    return engine.run(
        context,
        () -> {
          Denial found = reached(context, denialId);
          if (found == null || !until.isAfter(found.denial().until())) {
            return false;
          }
          denials.put(
              new RowKey(context.organization(), denialId),
              new Denial(found.organization(), found.denial().until(until)));
          mark(context.organization(), until);
          return true;
        });
  }

  @Override
  public List<TokenDenial> denials(
      TenantContext context, Instant activeAt, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            denials
                .after(new RowKey(context.organization(), afterId == null ? "" : afterId))
                .stream()
                .takeWhile(each -> each.organization().equals(context.organization()))
                .map(Denial::denial)
                .filter(each -> each.until().isAfter(activeAt))
                .filter(each -> context.environments().contains(each.environment()))
                .limit(limit)
                .toList());
  }

  @Override
  public List<Denied> organizationsWithDenials(Instant now, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            marks.all().stream()
                .filter(
                    each -> afterId == null || each.organization().value().compareTo(afterId) > 0)
                .filter(each -> each.until().isAfter(now))
                .limit(limit)
                .map(each -> new Denied(each.organization(), each.revision()))
                .toList());
  }

  @Override
  public List<OrganizationId> organizationsWithEnded(
      Instant before, @Nullable String afterId, int limit) {
    return engine.run(
        () -> {
          TreeSet<OrganizationId> found = new TreeSet<>();
          tokens.all().stream()
              .filter(each -> each.expiresAt().isBefore(before))
              .forEach(each -> found.add(each.organization()));
          denials.all().stream()
              .filter(each -> each.denial().until().isBefore(before))
              .forEach(each -> found.add(each.organization()));
          return found.stream()
              .filter(each -> afterId == null || each.value().compareTo(afterId) > 0)
              .limit(limit)
              .toList();
        });
  }

  @Override
  public int removeEnded(TenantContext context, Instant before, int limit) {
    return engine.run(
        context,
        () -> {
          List<RowKey> ended = new ArrayList<>();
          tokens.after(new RowKey(context.organization(), "")).stream()
              .takeWhile(each -> each.organization().equals(context.organization()))
              .filter(each -> each.expiresAt().isBefore(before))
              .limit(limit)
              .forEach(each -> ended.add(key(each.organization(), each.issuer(), each.id())));
          ended.forEach(tokens::remove);
          List<RowKey> old =
              denials.after(new RowKey(context.organization(), "")).stream()
                  .takeWhile(each -> each.organization().equals(context.organization()))
                  .filter(each -> each.denial().until().isBefore(before))
                  .limit(limit)
                  .map(each -> new RowKey(each.organization(), each.denial().id()))
                  .toList();
          old.forEach(denials::remove);
          return ended.size() + old.size();
        });
  }

  @Override
  public void removeAll(TenantContext context) {
    engine.run(
        context,
        () -> {
          OrganizationId own = context.organization();
          List<RowKey> all =
              tokens.after(new RowKey(own, "")).stream()
                  .takeWhile(each -> each.organization().equals(own))
                  .map(each -> key(own, each.issuer(), each.id()))
                  .toList();
          all.forEach(tokens::remove);
          List<RowKey> denied =
              denials.after(new RowKey(own, "")).stream()
                  .takeWhile(each -> each.organization().equals(own))
                  .map(each -> new RowKey(own, each.denial().id()))
                  .toList();
          denied.forEach(denials::remove);
          if (!denied.isEmpty()) {
            mark(own, Instant.EPOCH);
          }
          return true;
        });
  }
}
