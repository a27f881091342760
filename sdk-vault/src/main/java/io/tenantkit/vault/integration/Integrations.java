package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretUse;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The accounts that organizations have with providers. An integration is a row that may be shown
 * and a credential in the vault, which no call here gives back: code is lent it ({@link #use}), and
 * checks send it to its own hosts alone.
 *
 * <p>The hosts that a credential may go to are bound into its ciphertext. What says where it goes
 * changes only together with the credential.
 *
 * <p>Who sees an integration is who sees its credential: its creator, holders of {@link
 * io.tenantkit.tenant.Scopes#SECRETS_MANAGE}, and whom it is shared with, by the secret of its id
 * in the vault's project {@code integrations}.
 *
 * <p>Every operation needs the integration's environment in the context's reach; one out of reach,
 * another tenant's and an unknown one get the same answer. Safe for use by several threads; all
 * operations block on the storage, and checks on the provider as well, for no longer than the
 * check's time.
 */
public interface Integrations {

  /** Integrations as they come. */
  static Integrations of(SecretVault vault) {
    return builder(vault).build();
  }

  /** Integrations to be configured. */
  static Builder builder(SecretVault vault) {
    return new Builder(vault);
  }

  /** The providers that are known. */
  IntegrationTemplates templates();

  /**
   * Stores an integration, which is {@link IntegrationStatus#VERIFYING} until its first check.
   * Needs {@link io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws InvalidInputException naming {@code provider}, {@code credential.<field>} or {@code
   *     config.<field>} and what is accepted, never what was given
   */
  Integration create(TenantContext context, NewIntegration wanted);

  /**
   * One integration. Needs {@link io.tenantkit.tenant.Scopes#INTEGRATIONS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Integration get(TenantContext context, IntegrationId id);

  /**
   * Integrations of the environments in reach, by id; a page may have fewer than asked for, and the
   * next one more. Needs {@link io.tenantkit.tenant.Scopes#INTEGRATIONS_READ}.
   */
  Page<Integration> list(TenantContext context, PageRequest page);

  /**
   * Changes name, settings or credential. Needs {@link
   * io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws InvalidInputException naming {@code config.<field>} when a field of the template would
   *     change without the credential
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Integration update(TenantContext context, IntegrationId id, IntegrationChange change);

  /**
   * Switches an integration on again; it is due for a check at once. Needs {@link
   * io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Integration enable(TenantContext context, IntegrationId id);

  /**
   * Switches an integration off: it is neither used nor checked, and what used it is ended. Needs
   * {@link io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Integration disable(TenantContext context, IntegrationId id);

  /**
   * Deletes an integration: destroys all versions of its credential, ends what used it, then
   * removes the row. When it fails on the way, call it again. Needs {@link
   * io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  void delete(TenantContext context, IntegrationId id);

  /**
   * Checks an integration now and keeps what was found. Needs {@link
   * io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}; refused inside a joined transaction.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  CheckResult test(TenantContext context, IntegrationId id);

  /**
   * Checks a credential that is not stored, and stores nothing. Needs {@link
   * io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE}.
   *
   * @throws InvalidInputException as {@link #create}
   */
  CheckResult test(
      TenantContext context,
      String provider,
      Map<String, SecretValue> credential,
      Map<String, String> config);

  /**
   * Lends code the credential's fields and wipes them afterwards; the use is in the audit trail
   * before the code runs. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}; refused inside a
   * joined transaction. The code sends them to no host but those of {@link
   * SecretFields#destination()}.
   *
   * @param reason why, 1 to 255 characters, for the audit trail
   * @throws io.tenantkit.NotFoundException when there is none, or its credential is missing
   * @throws io.tenantkit.ConflictException when it is disabled
   */
  <T> T use(
      TenantContext context, IntegrationId id, String reason, SecretUse<SecretFields, T> code);

  /**
   * Where an import makes integrations of a host's own credentials, each with its provider's
   * template, to be verified by due work. A credential that the template does not take is reported
   * and stays where it is. An import that was stopped goes on with the integration that it had
   * begun. Its context needs {@link io.tenantkit.tenant.Scopes#INTEGRATIONS_WRITE} and {@link
   * io.tenantkit.tenant.Scopes#SECRETS_USE}.
   *
   * @param mapping makes the integration of a credential, with the credential's own values, which
   *     stay the import's to close; the same for the same credential each time. To refuse one it
   *     throws {@link InvalidInputException}, whose message is reported
   */
  CredentialTarget importing(Function<HostCredential, NewIntegration> mapping);

  /** Adds a listener of integrations that end, for the rooms that build on them. */
  void onEnd(IntegrationListener listener);

  /** Collects settings. For one thread. */
  final class Builder {
    final SecretVault vault;
    Optional<Egress> egress = Optional.empty();
    IntegrationTemplates templates = IntegrationTemplates.builtIn();
    Duration checkEvery = Duration.ofHours(24);
    Duration checkTimeout = Duration.ofSeconds(15);
    Duration pace = Duration.ofMillis(200);
    int checksAtOnce = 4;

    private Builder(SecretVault vault) {
      this.vault = Objects.requireNonNull(vault, "vault");
    }

    /** The way out, which stays the host's to close; one of our own unless told. */
    public Builder egress(Egress given) {
      egress = Optional.of(given);
      return this;
    }

    /** The providers that are known; those of the library unless told. */
    public Builder templates(IntegrationTemplates known) {
      templates = Objects.requireNonNull(known, "templates");
      return this;
    }

    /**
     * How often each integration is checked by due work, give or take a tenth so that they spread:
     * 10 minutes to 30 days, a day unless told.
     */
    public Builder checkEvery(Duration interval) {
      checkEvery = require("checkEvery", interval, Duration.ofMinutes(10), Duration.ofDays(30));
      return this;
    }

    /** How long a check may take: 10 ms to a minute, 15 seconds unless told. */
    public Builder checkTimeout(Duration atMost) {
      checkTimeout = require("checkTimeout", atMost, Duration.ofMillis(10), Duration.ofMinutes(1));
      return this;
    }

    /**
     * The least time between two checks that due work sends to one provider, for each node: 0 to a
     * minute, 200 ms unless told.
     */
    public Builder pace(Duration apart) {
      pace = require("pace", apart, Duration.ZERO, Duration.ofMinutes(1));
      return this;
    }

    /** How many checks of due work are under way at once: 1 to 64, 4 unless told. */
    public Builder checksAtOnce(int checks) {
      if (checks < 1 || checks > 64) {
        throw new InvalidInputException("checksAtOnce", "1 to 64");
      }
      checksAtOnce = checks;
      return this;
    }

    private static Duration require(
        String property, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new InvalidInputException(property, least + " to " + most);
      }
      return value;
    }

    /** The integrations, whose due work runs with the control plane's. */
    public Integrations build() {
      return DefaultIntegrations.of(this);
    }
  }
}
