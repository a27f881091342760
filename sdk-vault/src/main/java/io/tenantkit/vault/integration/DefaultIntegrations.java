package io.tenantkit.vault.integration;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretUse;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.IntegrationStore;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

final class DefaultIntegrations implements Integrations {
  /** Uses are told so exactly, so that a busy credential does not write a row for each. */
  private static final Duration USE_EXACT_TO = Duration.ofMinutes(1);

  private final PlaneRuntime runtime;
  private final IntegrationStore store;
  private final IntegrationRows rows;
  private final IntegrationCredentials credentials;
  private final CredentialChecker checker;
  private final IntegrationTemplates templates;
  private final CheckSchedule schedule;
  private final List<IntegrationListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<IntegrationVerifier> verifier = Optional.empty();

  private DefaultIntegrations(Builder settings, Egress egress, IntegrationStore store) {
    this.runtime = settings.vault.runtime();
    this.store = store;
    this.rows = new IntegrationRows(runtime, store);
    this.checker = new CredentialChecker(egress, settings.checkTimeout);
    this.credentials = new IntegrationCredentials(runtime, settings.vault, checker);
    this.templates = settings.templates;
    this.schedule = new CheckSchedule(settings.checkEvery, runtime.random());
  }

  static DefaultIntegrations of(Builder settings) {
    PlaneRuntime runtime = settings.vault.runtime();
    VaultStores stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
    Egress egress = settings.egress.orElseGet(Egress::create);
    if (settings.egress.isEmpty()) {
      runtime.onClose().accept(egress::close);
    }
    DefaultIntegrations integrations =
        new DefaultIntegrations(settings, egress, stores.integrations());
    IntegrationVerifier verifier =
        new IntegrationVerifier(
            runtime::now,
            stores.integrations(),
            integrations::verify,
            settings.checksAtOnce,
            settings.pace);
    runtime.maintenance().every("integrations.verify", IntegrationVerifier.INTERVAL, verifier);
    runtime.onClose().accept(verifier::close);
    integrations.verifier = Optional.of(verifier);
    return integrations;
  }

  /** For tests, which wait for what due work began. */
  IntegrationVerifier verifier() {
    return verifier.orElseThrow();
  }

  @Override
  public IntegrationTemplates templates() {
    return templates;
  }

  /**
   * The row comes first: when the process dies before the credential is stored, an integration is
   * seen whose credential is missing, and can be given again or deleted. The other way round, a
   * credential would stay that nobody sees.
   */
  @Override
  public Integration create(TenantContext context, NewIntegration wanted) {
    return create(context, new IntegrationId(runtime.ids().next("int")), wanted);
  }

  Integration create(TenantContext context, IntegrationId id, NewIntegration wanted) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    context.require(wanted.environment());
    IntegrationTemplate template = templates.require(wanted.provider());
    requireNoSecretInConfig(template, wanted.config());
    CredentialValues values =
        CredentialValues.require(template, wanted.credential(), wanted.config());
    template.baseUrl(values);
    Map<String, String> config = new TreeMap<>(wanted.config());
    config.putAll(values.shown());
    ConfigRules.require(config);
    Instant now = runtime.now();
    Integration row =
        new Integration(
            id,
            context.organization(),
            template.provider(),
            wanted.environment(),
            wanted.name(),
            IntegrationStatus.VERIFYING,
            config,
            Optional.empty(),
            Optional.empty(),
            0,
            context.actor().id(),
            now,
            now,
            Optional.empty(),
            Optional.empty(),
            // Not before its credential is there, or, when that never comes, soon.
            now.plus(CheckSchedule.RETRY),
            1);
    if (!store.insert(context, row, rows.event(context, row, now, "integration.created"))) {
      throw ConflictException.stale("integration");
    }
    Secret secret;
    try {
      secret = credentials.put(context, template, row, values);
    } catch (RuntimeException | Error e) {
      undo(context, row, e);
      throw e;
    }
    return rows.change(
        context,
        row.id(),
        "integration.credential_stored",
        true,
        (before, at) -> before.awaiting(secret.currentVersion(), at));
  }

  private void undo(TenantContext context, Integration row, Throwable why) {
    if (why instanceof TenantkitException known && known.code() == ErrorCode.COMMIT_UNKNOWN) {
      // The credential may be there after all: the row stays, and can be deleted.
      return;
    }
    try {
      store.delete(
          context,
          row.id(),
          row.version(),
          rows.event(context, row, runtime.now(), "integration.undone"));
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  /** A secret where settings are shown is the mistake that nobody sees. */
  private static void requireNoSecretInConfig(
      IntegrationTemplate template, Map<String, String> config) {
    for (TemplateField field : template.fields()) {
      if (field.secret() && config.containsKey(field.name())) {
        throw new InvalidInputException(
            "config." + field.name(), "it is secret and belongs to the credential");
      }
    }
  }

  @Override
  public Integration get(TenantContext context, IntegrationId id) {
    context.require(Scopes.INTEGRATIONS_READ);
    return find(context, id);
  }

  private Integration find(TenantContext context, IntegrationId id) {
    Integration row = rows.find(context, id);
    if (credentials.visible(context, List.of(row)).isEmpty()) {
      throw new NotFoundException("integration");
    }
    return row;
  }

  @Override
  public Page<Integration> list(TenantContext context, PageRequest page) {
    context.require(Scopes.INTEGRATIONS_READ);
    Page<Integration> found =
        page.page(store.list(context, page.afterId(), page.limit() + 1), row -> row.id().value());
    return new Page<>(credentials.visible(context, found.items()), found.next());
  }

  /**
   * The credential comes first here: it is what counts, and a row that does not yet tell of it is
   * put right by the next check.
   */
  @Override
  public Integration update(TenantContext context, IntegrationId id, IntegrationChange change) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    Integration before = find(context, id);
    if (change.credential().isEmpty()) {
      return rows.change(
          context,
          id,
          "integration.updated",
          false,
          (row, at) -> row.named(change.name().orElse(row.name()), kept(row, change), at));
    }
    IntegrationTemplate template = templates.require(before.provider());
    Map<String, String> wanted = new TreeMap<>(change.config().orElse(before.config()));
    requireNoSecretInConfig(template, wanted);
    for (TemplateField field : template.fields()) {
      String known = before.config().get(field.name());
      if (known != null) {
        wanted.putIfAbsent(field.name(), known);
      }
    }
    CredentialValues values = CredentialValues.require(template, change.credential().get(), wanted);
    wanted.putAll(values.shown());
    ConfigRules.require(wanted);
    Secret secret = credentials.put(context, template, before, values);
    try {
      return rows.change(
          context,
          id,
          "integration.updated",
          true,
          (row, at) ->
              // Of two at once, the row tells of the later credential.
              row.credentialVersion() > secret.currentVersion()
                  ? row
                  : row.named(change.name().orElse(row.name()), wanted, at)
                      .awaiting(secret.currentVersion(), at));
    } catch (NotFoundException e) {
      // Deleted meanwhile, for good: nobody would ever find the credential.
      credentials.destroy(context, before);
      throw e;
    }
  }

  /** The host's own settings as wanted; fields of the template as they are, or it is refused. */
  private Map<String, String> kept(Integration before, IntegrationChange change) {
    if (change.config().isEmpty()) {
      return before.config();
    }
    Map<String, String> wanted = new TreeMap<>(change.config().get());
    Optional<IntegrationTemplate> template = templates.find(before.provider());
    if (template.isPresent()) {
      requireNoSecretInConfig(template.get(), wanted);
      for (TemplateField field : template.get().fields()) {
        String known = before.config().get(field.name());
        String given = wanted.get(field.name());
        if (given != null && !given.equals(known)) {
          throw new InvalidInputException(
              "config." + field.name(), "it changes only together with the credential");
        }
        if (known != null) {
          wanted.put(field.name(), known);
        }
      }
    }
    ConfigRules.require(wanted);
    return wanted;
  }

  @Override
  public Integration enable(TenantContext context, IntegrationId id) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    find(context, id);
    return rows.change(
        context,
        id,
        "integration.enabled",
        true,
        (row, at) ->
            row.status() == IntegrationStatus.DISABLED
                ? row.withStatus(IntegrationStatus.VERIFYING, at)
                : row);
  }

  @Override
  public Integration disable(TenantContext context, IntegrationId id) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    find(context, id);
    return disabled(context, id);
  }

  private Integration disabled(TenantContext context, IntegrationId id) {
    Integration disabled =
        rows.change(
            context,
            id,
            "integration.disabled",
            false,
            (row, at) ->
                row.status() == IntegrationStatus.DISABLED
                    ? row
                    : row.withStatus(IntegrationStatus.DISABLED, at));
    listeners.forEach(listener -> listener.ended(context, disabled));
    return disabled;
  }

  @Override
  public void delete(TenantContext context, IntegrationId id) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    find(context, id);
    for (int attempt = 1; attempt <= IntegrationRows.ATTEMPTS; attempt++) {
      // First the row says that there is no credential, so that who began this can also end it.
      Integration row =
          rows.change(
              context,
              id,
              "integration.ending",
              true,
              (before, at) ->
                  before.status() == IntegrationStatus.DISABLED && before.credentialVersion() == 0
                      ? before
                      : before.withStatus(IntegrationStatus.DISABLED, at).awaiting(0, at));
      credentials.destroy(context, row);
      listeners.forEach(listener -> listener.ended(context, row));
      // Who changed the row meanwhile may have given a credential, which ends as well.
      if (store.delete(
          context,
          id,
          row.version(),
          rows.event(context, row, runtime.now(), "integration.deleted"))) {
        return;
      }
    }
    throw ConflictException.stale("integration");
  }

  @Override
  public CheckResult test(TenantContext context, IntegrationId id) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    context.requireOwnTransaction("check");
    return checkAndKeep(context, find(context, id));
  }

  /** For due work, which claimed it; it may have changed since that gathered it. */
  private void verify(TenantContext context, IntegrationId id) {
    boolean active =
        runtime
            .coreStores()
            .organizations()
            .find(context)
            .filter(found -> found.status() == Organization.Status.ACTIVE)
            .isPresent();
    if (active) {
      store.find(context, id).ifPresent(row -> checkAndKeep(context, row));
    }
  }

  private CheckResult checkAndKeep(TenantContext context, Integration row) {
    IntegrationCredentials.Checked checked =
        credentials.check(context, templates.find(row.provider()), row);
    rows.keep(
        context,
        row,
        checked.result(),
        checked.credentialVersion(),
        checked.shown(),
        schedule.next(checked.result()));
    if (checked.erased()) {
      // Else it would be asked about for ever, and each time leave its row in the trail.
      disabled(context, row.id());
    }
    return checked.result();
  }

  @Override
  public CheckResult test(
      TenantContext context,
      String provider,
      Map<String, SecretValue> credential,
      Map<String, String> config) {
    context.require(Scopes.INTEGRATIONS_WRITE);
    IntegrationTemplate template = templates.require(provider);
    requireNoSecretInConfig(template, config);
    return checker.check(
        context.organization(),
        template,
        CredentialValues.require(template, credential, config),
        runtime.now());
  }

  @Override
  public <T> T use(
      TenantContext context, IntegrationId id, String reason, SecretUse<SecretFields, T> code) {
    context.require(Scopes.SECRETS_USE);
    context.requireOwnTransaction("use");
    Integration row = find(context, id);
    if (row.status() == IntegrationStatus.DISABLED) {
      throw new ConflictException("the integration is disabled");
    }
    return credentials.use(
        context,
        row,
        reason,
        fields -> {
          noteUse(context, row);
          return code.with(fields);
        });
  }

  private void noteUse(TenantContext context, Integration row) {
    Instant now = runtime.now();
    if (row.lastUsedAt().filter(used -> used.plus(USE_EXACT_TO).isAfter(now)).isEmpty()) {
      store.used(context, row.id(), now);
    }
  }

  @Override
  public CredentialTarget importing(Function<HostCredential, NewIntegration> mapping) {
    return new IntegrationTarget(this, store, credentials, mapping);
  }

  @Override
  public void onEnd(IntegrationListener listener) {
    listeners.add(listener);
  }
}
