package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretUse;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sharing;
import io.tenantkit.vault.spi.CredentialClaim;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The credentials in the vault: one secret of type {@code livekit} for each environment, so that
 * URL, key and secret always change together.
 */
final class StoredCredentials {
  private static final String TYPE = "livekit";
  private static final String SERVER_URL = "server_url";
  private static final String API_KEY = "api_key";
  private static final String API_SECRET = "api_secret";

  private final SecretVault vault;
  private final OwnAccounts accounts;

  StoredCredentials(SecretVault vault, OwnAccounts accounts) {
    this.vault = vault;
    this.accounts = accounts;
  }

  /** Code that is lent a server and its key. The key is wiped when the code returns or throws. */
  @FunctionalInterface
  interface Use<T> {
    T with(ServerUrl serverUrl, String apiKey, SigningKey key);
  }

  /** Stores credentials that no other organization has. */
  Secret put(TenantContext context, LiveKitCredentials credentials, CredentialClaim claim) {
    try (SecretValue url = ascii(credentials.serverUrl().value());
        SecretValue key = ascii(credentials.apiKey())) {
      Map<String, SecretValue> fields =
          Map.of(SERVER_URL, url, API_KEY, key, API_SECRET, credentials.apiSecret());
      // For all of the organization: whoever may open sessions has tokens signed with it, agents
      // too.
      NewSecret wanted =
          NewSecret.of(TYPE, fields).sharedWith(Sharing.of(AccessLevel.PUBLIC)).claiming(claim);
      return vault.put(inLibrary(context), ref(context), wanted);
    }
  }

  /** Code that is lent the row and the credentials, which are wiped when it returns or throws. */
  @FunctionalInterface
  interface Opening<T> {
    T with(Secret secret, LiveKitCredentials credentials);
  }

  /**
   * The row of the credentials; nothing is opened.
   *
   * @throws NotFoundException when there are none
   */
  Secret find(TenantContext context) {
    try {
      return vault.get(inLibrary(context), ref(context));
    } catch (NotFoundException e) {
      throw new NotFoundException("livekit credentials");
    }
  }

  /** As {@link #lend}, with the row as it was when they were opened. */
  <T> T open(TenantContext context, Purpose purpose, Opening<T> code) {
    try {
      return vault.useFields(
          inLibrary(context),
          ref(context),
          purpose,
          fields -> {
            LiveKitCredentials stored = stored(fields);
            accounts.requireOwn(context, fields.secret(), stored);
            return code.with(fields.secret(), stored);
          });
    } catch (NotFoundException e) {
      throw new NotFoundException("livekit credentials");
    }
  }

  /** As {@link #open}, of the version with this number, which others may have by now. */
  <T> T open(TenantContext context, long version, Purpose purpose, Opening<T> code) {
    return vault.useFields(
        inLibrary(context),
        ref(context),
        version,
        purpose,
        fields -> {
          LiveKitCredentials stored = stored(fields);
          accounts.requireNotHost(accounts.marks(stored));
          return code.with(fields.secret(), stored);
        });
  }

  /** Destroys them with all their versions. */
  void destroy(TenantContext context) {
    try {
      vault.destroy(inLibrary(context), ref(context));
    } catch (NotFoundException e) {
      throw new NotFoundException("livekit credentials");
    }
  }

  /**
   * @param purpose what the audit trail says, committed before the code runs
   * @throws NotFoundException when there are none
   * @throws io.tenantkit.TenantkitException with {@code CREDENTIALS_TAKEN} when they are not the
   *     organization's own
   */
  <T> T use(TenantContext context, Purpose purpose, Use<T> code) {
    return lend(context, purpose, stored -> keyed(stored, code));
  }

  /** As {@link #use}, of the version with this number, which others may have by now. */
  <T> T use(TenantContext context, long version, Purpose purpose, Use<T> code) {
    return open(context, version, purpose, (secret, stored) -> keyed(stored, code));
  }

  private static <T> T keyed(LiveKitCredentials stored, Use<T> code) {
    byte[] secret = stored.apiSecret().bytes(SecretAccess.get());
    try (SigningKey key = SigningKey.takeOver(secret)) {
      return code.with(stored.serverUrl(), stored.apiKey(), key);
    }
  }

  /** As {@link #use}, with the credentials as a whole. */
  <T> T lend(TenantContext context, Purpose purpose, SecretUse<LiveKitCredentials, T> code) {
    return open(context, purpose, (secret, stored) -> code.with(stored));
  }

  /**
   * Held to the bounds again: who may write secrets may have put anything here, and an empty secret
   * would sign what anybody can forge.
   */
  private static LiveKitCredentials stored(SecretFields fields) {
    if (!fields.secret().type().equals(TYPE)) {
      throw new NotFoundException("livekit credentials");
    }
    try {
      return LiveKitCredentials.of(
          text(fields, SERVER_URL), text(fields, API_KEY), fields.field(API_SECRET));
    } catch (InvalidInputException | IllegalStateException e) {
      // Neither the caller's argument nor its call is wrong; what is stored is no credentials.
      throw new NotFoundException("livekit credentials");
    }
  }

  /** Of the two fields that are no secret. */
  private static String text(SecretFields fields, String name) {
    return fields.field(name).string(SecretAccess.get());
  }

  private static SecretValue ascii(String text) {
    return SecretValue.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static SecretRef ref(TenantContext context) {
    return SecretRef.of(TYPE, context.environment(), "server");
  }

  /**
   * The library acts here on its own: a caller that may open sessions need not hold a scope for
   * secrets. Organization, actor, environments and transaction stay the caller's.
   */
  private static TenantContext inLibrary(TenantContext context) {
    TenantContext own =
        TenantContext.trusted(context.organization(), context.actor(), context.principal())
            .within(context.environments());
    return context.transaction().map(own::joining).orElse(own);
  }
}
