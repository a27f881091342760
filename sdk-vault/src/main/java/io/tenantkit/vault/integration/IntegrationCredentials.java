package io.tenantkit.vault.integration;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretUse;
import io.tenantkit.vault.SecretVault;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The credentials in the vault: one secret for each integration, with all fields of the template,
 * so that a credential and what says where it goes always change together; and bound to where it
 * goes.
 */
final class IntegrationCredentials {
  /** The vault's project for them. */
  static final String PROJECT = "integrations";

  private static final int BATCH = 100;

  private static final ScopeSet NEEDED =
      ScopeSet.of("secrets:read", "secrets:use", "secrets:write", "integrations:write");

  private final PlaneRuntime runtime;
  private final SecretVault vault;
  private final CredentialChecker checker;

  IntegrationCredentials(PlaneRuntime runtime, SecretVault vault, CredentialChecker checker) {
    this.runtime = runtime;
    this.vault = vault;
    this.checker = checker;
  }

  /**
   * What a check of a stored credential found.
   *
   * @param erased whether there will never be another credential either
   */
  record Checked(
      CheckResult result,
      long credentialVersion,
      Optional<Map<String, String>> shown,
      boolean erased) {
    Checked(CheckResult result, long credentialVersion) {
      this(result, credentialVersion, Optional.empty(), false);
    }
  }

  Secret put(
      TenantContext context,
      IntegrationTemplate template,
      Integration integration,
      CredentialValues values) {
    Map<String, SecretValue> fields = values.sealable();
    try {
      return vault.put(
          inLibrary(context),
          ref(integration),
          NewSecret.of(template.provider(), fields).to(destination(template, values)));
    } finally {
      fields.values().forEach(SecretValue::close);
    }
  }

  private static Destination destination(IntegrationTemplate template, CredentialValues values) {
    URI base = template.baseUrl(values);
    return template.hasCustomBase()
        ? Destination.of(Set.of(), Optional.of(base))
        : Destination.hosts(base.getHost());
  }

  /**
   * Those that the caller sees, which is those whose credentials it sees, and those that have
   * nothing to hide.
   */
  List<Integration> visible(TenantContext context, List<Integration> rows) {
    if (context.scopes().covers(Scopes.SECRETS_MANAGE)) {
      return rows;
    }
    Set<SecretRef> seen = new HashSet<>();
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<Integration> part = rows.subList(from, Math.min(rows.size(), from + BATCH));
      seen.addAll(
          vault
              .getAll(inLibrary(context), part.stream().map(IntegrationCredentials::ref).toList())
              .keySet());
    }
    return rows.stream()
        .filter(row -> hasNothingToHide(context, row) || seen.contains(ref(row)))
        .toList();
  }

  /**
   * One without a credential, when that was ended, or is only on its way and the caller's own: else
   * somebody could give it one before its creator does.
   */
  private static boolean hasNothingToHide(TenantContext context, Integration row) {
    return row.credentialVersion() == 0
        && (row.status() == IntegrationStatus.DISABLED
            || row.createdBy().equals(context.actor().id()));
  }

  /** All versions of it, if there is any. */
  void destroy(TenantContext context, Integration integration) {
    try {
      vault.destroy(inLibrary(context), ref(integration));
    } catch (NotFoundException e) {
      // It was destroyed before, or never got there: what was to be done is done.
      return;
    }
  }

  <T> T use(
      TenantContext context,
      Integration integration,
      String reason,
      SecretUse<SecretFields, T> code) {
    return vault.useFields(
        inLibrary(context),
        ref(integration),
        purpose("integration.used", reason, integration),
        code);
  }

  /** Asks the provider. A credential that is missing is one that it does not take. */
  Checked check(
      TenantContext context, Optional<IntegrationTemplate> template, Integration integration) {
    if (template.isEmpty()) {
      return new Checked(
          told(Verdict.WRONG_ENDPOINT, "this provider is not known any more"),
          integration.credentialVersion());
    }
    try {
      return vault.useFields(
          inLibrary(context),
          ref(integration),
          purpose("integration.checked", "whether the provider takes it", integration),
          fields -> check(context, template.get(), fields));
    } catch (NotFoundException e) {
      return new Checked(
          told(Verdict.INVALID, "the credential is missing: give it again"),
          integration.credentialVersion());
    } catch (TenantkitException e) {
      return new Checked(
          unopened(e),
          integration.credentialVersion(),
          Optional.empty(),
          e.code() == ErrorCode.ORGANIZATION_ERASED);
    }
  }

  /** A check that cannot be made is a verdict too, or it would be made again and again. */
  private CheckResult unopened(TenantkitException why) {
    return switch (why.code()) {
      case SECRET_EXPIRED -> told(Verdict.EXPIRED, "the credential has expired: give another");
      case CIPHERTEXT_REJECTED ->
          told(Verdict.INVALID, "the credential cannot be opened: give it again");
      case ORGANIZATION_ERASED -> told(Verdict.INVALID, "the organization was erased");
      case MASTER_KEY_MISMATCH, MASTER_KEY_DENIED, MASTER_KEY_UNAVAILABLE ->
          told(Verdict.UNREACHABLE, "the master key is not to be had, so nobody was asked");
      default -> throw why;
    };
  }

  private Checked check(TenantContext context, IntegrationTemplate template, SecretFields fields) {
    CredentialValues values;
    URI base;
    try {
      Map<String, SecretValue> all = new TreeMap<>();
      fields.names().forEach(name -> all.put(name, fields.field(name)));
      values = CredentialValues.stored(template, all);
      base = template.baseUrl(values);
    } catch (InvalidInputException e) {
      // Templates change with versions of the library and of the host.
      return new Checked(
          told(Verdict.WRONG_ENDPOINT, "the credential has another form than this provider's now"),
          fields.version());
    }
    Destination allowed = fields.destination();
    boolean there =
        template.hasCustomBase()
            ? allowed.baseUrl().filter(base::equals).isPresent()
            : allowed.allows(base.getHost());
    if (!there) {
      return new Checked(
          told(Verdict.WRONG_ENDPOINT, "the credential was given for another host: give it again"),
          fields.version());
    }
    return new Checked(
        checker.check(context.organization(), template, values, runtime.now()),
        fields.version(),
        Optional.of(values.shown()),
        false);
  }

  private CheckResult told(Verdict verdict, String message) {
    return new CheckResult(
        verdict, Optional.of(message), OptionalInt.empty(), Optional.empty(), runtime.now());
  }

  private static Purpose purpose(String action, String reason, Integration integration) {
    return new Purpose(
        action,
        reason,
        Map.of("integration", integration.id().value(), "provider", integration.provider()));
  }

  static SecretRef ref(Integration integration) {
    return SecretRef.of(PROJECT, integration.environment(), integration.id().value());
  }

  /**
   * The library acts here on its own: a caller that may use integrations need not hold a scope for
   * secrets. Organization, actor, environments and transaction stay the caller's, and no scope is
   * given by which one sees what is not shared with one.
   */
  private static TenantContext inLibrary(TenantContext context) {
    TenantContext all =
        TenantContext.trusted(context.organization(), context.actor(), context.principal())
            .within(context.environments());
    TenantContext seeing =
        context.scopes().covers(Scopes.SECRETS_MANAGE) ? all : all.limitedTo(NEEDED);
    return context.transaction().map(seeing::joining).orElse(seeing);
  }
}
