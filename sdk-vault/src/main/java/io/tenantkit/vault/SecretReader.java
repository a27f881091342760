package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VersionChoice;
import io.tenantkit.vault.usage.SecretUses;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Opens secrets, and shows what may be shown of them. */
final class SecretReader {
  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final SecretSealer sealer;
  private final SecretEvents events;
  private final SecretUses uses;

  SecretReader(
      PlaneRuntime runtime,
      SecretStore store,
      SecretSealer sealer,
      SecretEvents events,
      SecretUses uses) {
    this.runtime = runtime;
    this.store = store;
    this.sealer = sealer;
    this.events = events;
    this.uses = uses;
  }

  <T> T use(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      Purpose purpose,
      SecretUse<SecretFields, T> code) {
    BiFunction<OpenedSecret, Instant, AuditEvent> event =
        (opened, now) -> {
          Map<String, String> details = new TreeMap<>(purpose.details());
          details.put("purpose", purpose.reason());
          return events.of(
              context, opened.secret(), opened.version().number(), now, purpose.action(), details);
        };
    try (SecretFields fields = open(context, ref, version, "use", purpose.details(), event)) {
      return code.with(fields);
    }
  }

  SecretFields reveal(TenantContext context, SecretRef ref, VersionChoice version) {
    return open(
        context,
        ref,
        version,
        "reveal",
        Map.of(),
        (opened, now) ->
            events.of(context, opened.secret(), opened.version().number(), now, "secret.revealed"));
  }

  private SecretFields open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      String operation,
      Map<String, String> details,
      BiFunction<OpenedSecret, Instant, AuditEvent> event) {
    try {
      SecretFields fields = open(context, ref, version, operation, event);
      uses.used(context, fields.secret(), details);
      return fields;
    } catch (TenantkitException e) {
      uses.refused(context, ref, details, e);
      throw e;
    }
  }

  /** The store commits the event before it answers; nothing is decrypted before that. */
  private SecretFields open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      String operation,
      BiFunction<OpenedSecret, Instant, AuditEvent> event) {
    sealer.requireOpen();
    context.requireOwnTransaction(operation);
    context.require(Scopes.SECRETS_USE);
    Places.require(context, ref);
    OpenedSecret opened =
        store
            .open(
                context,
                ref,
                version,
                found -> {
                  Instant now = runtime.now();
                  requireOpenable(found, now);
                  return event.apply(found, now);
                })
            .orElseThrow(SecretReader::notFound);
    try {
      return decrypt(context, opened);
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        events.rejected(context, opened.secret(), opened.version().number(), operation, e);
      }
      throw e;
    }
  }

  private SecretFields decrypt(TenantContext context, OpenedSecret opened) {
    Map<String, SecretValue> values = sealer.open(context, opened);
    try {
      return new SecretFields(
          opened.secret(),
          opened.version().number(),
          Destination.stored(opened.version().destination()),
          values);
    } catch (TenantkitException e) {
      values.values().forEach(SecretValue::close);
      throw e;
    }
  }

  private static void requireOpenable(OpenedSecret found, Instant now) {
    SecretVersion.State state = found.version().state();
    if (found.secret().deletedAt().isPresent() || state == SecretVersion.State.DELETED) {
      throw notFound();
    }
    if (Secret.isPast(found.version().expiresAt(), now)) {
      throw new TenantkitException(
          ErrorCode.SECRET_EXPIRED, "the version of the secret has expired");
    }
    if (state == SecretVersion.State.DESTROYED) {
      throw notFound();
    }
  }

  Secret get(TenantContext context, SecretRef ref) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_READ);
    Places.require(context, ref);
    return find(context, ref);
  }

  List<SecretVersion> versions(TenantContext context, SecretRef ref) {
    return store.versions(context, get(context, ref).id());
  }

  Map<SecretRef, Secret> getAll(TenantContext context, Collection<SecretRef> refs) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_READ);
    List<SecretRef> wanted = List.copyOf(refs);
    Places.requireAll(context, wanted);
    Map<SecretRef, Secret> found = new HashMap<>();
    store.findAll(context, wanted).forEach(secret -> found.put(secret.ref(), secret));
    Map<SecretRef, Secret> shown = new LinkedHashMap<>();
    for (SecretRef ref : wanted) {
      Secret secret = found.get(ref);
      if (secret != null && secret.deletedAt().isEmpty()) {
        shown.put(ref, secret);
      }
    }
    return shown;
  }

  Page<Secret> list(TenantContext context, PageRequest page) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_READ);
    return page.page(
        store.list(context, page.afterId(), page.limit() + 1), secret -> secret.id().value());
  }

  Page<Secret> search(TenantContext context, SecretQuery query, PageRequest page) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_READ);
    query.environment().ifPresent(context::require);
    @Nullable String after = page.afterId();
    @Nullable SecretPlace place = after == null ? null : SecretPlace.parse(query.order(), after);
    return page.page(
        store.search(context, query, runtime.now(), place, page.limit() + 1),
        secret -> SecretPlace.of(query.order(), secret).text());
  }

  private Secret find(TenantContext context, SecretRef ref) {
    return store
        .find(context, ref)
        .filter(secret -> secret.deletedAt().isEmpty())
        .orElseThrow(SecretReader::notFound);
  }

  static NotFoundException notFound() {
    return new NotFoundException("secret");
  }
}
