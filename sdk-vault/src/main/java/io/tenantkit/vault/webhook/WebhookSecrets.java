package io.tenantkit.vault.webhook;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretUse;
import io.tenantkit.vault.SecretVault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * The signing keys of endpoints, each a secret of the vault in a project that is kept for them. The
 * URL is sealed beside the key, so that neither can be had for the other's place. Safe for use by
 * several threads.
 */
final class WebhookSecrets {
  static final String PROJECT = "webhooks";
  static final String SIGNED = "webhook.signed";

  private static final String TYPE = "webhook";
  private static final String URL = "url";
  private static final String CURRENT = "current";
  private static final String PREVIOUS = "previous";

  private final SecretVault vault;
  private final PlaneRuntime runtime;

  WebhookSecrets(SecretVault vault) {
    this.vault = vault;
    this.runtime = vault.runtime();
  }

  /** Puts a new key in the place of all others; its text, for the receiver. */
  SecretValue replace(TenantContext context, WebhookId id, String url) {
    return put(context, id, url, Map.of());
  }

  /** Puts a new key and keeps the one before for the overlap; its text, for the receiver. */
  SecretValue rotate(TenantContext context, WebhookId id, String url) {
    Purpose purpose = new Purpose("secret.used", "rotate the webhook's secret", Map.of());
    return vault.useFields(
        inner(context),
        ref(id),
        purpose,
        fields -> put(context, id, url, Map.of(PREVIOUS, fields.field(CURRENT))));
  }

  private SecretValue put(
      TenantContext context, WebhookId id, String url, Map<String, SecretValue> kept) {
    byte[] key = new byte[WebhookSignature.KEY_BYTES];
    runtime.random().nextBytes(key);
    byte[] text =
        (WebhookSignature.SECRET_PREFIX + Base64.getEncoder().encodeToString(key))
            .getBytes(StandardCharsets.US_ASCII);
    try (SecretValue current = SecretValue.takeOver(key);
        SecretValue target = SecretValue.of(url)) {
      Map<String, SecretValue> fields = new TreeMap<>(kept);
      fields.put(CURRENT, current);
      fields.put(URL, target);
      vault.put(inner(context), ref(id), NewSecret.of(TYPE, fields));
      return SecretValue.takeOver(text);
    } catch (RuntimeException e) {
      Arrays.fill(text, (byte) 0);
      throw e;
    }
  }

  /** Runs code with the keys; the use is in the audit trail before that. */
  <T> T use(TenantContext context, WebhookId id, SecretUse<Keys, T> code) {
    Purpose purpose = new Purpose(SIGNED, "sign webhook messages", Map.of("endpoint", id.value()));
    return vault.useFields(inner(context), ref(id), purpose, fields -> code.with(new Keys(fields)));
  }

  void delete(TenantContext context, WebhookId id) {
    vault.destroy(inner(context), ref(id));
  }

  private static SecretRef ref(WebhookId id) {
    return SecretRef.of(PROJECT, Environment.PRODUCTION, id.value());
  }

  /** Who may manage webhooks needs no right to secrets in general. */
  private static TenantContext inner(TenantContext context) {
    return TenantContext.trusted(context.organization(), context.actor());
  }

  /** An endpoint's keys while the vault has them open. */
  static final class Keys {
    private final SecretFields fields;

    private Keys(SecretFields fields) {
      this.fields = fields;
    }

    /** Whether the keys were made for this URL. */
    boolean areFor(String url) {
      try (SecretValue given = SecretValue.of(url)) {
        return fields.field(URL).equals(given);
      }
    }

    /** The header's text: one signature, or two while both keys hold. */
    String sign(String messageId, long seconds, byte[] payload, boolean withPrevious) {
      String signatures = sign(CURRENT, messageId, seconds, payload);
      return withPrevious && fields.names().contains(PREVIOUS)
          ? signatures + " " + sign(PREVIOUS, messageId, seconds, payload)
          : signatures;
    }

    private String sign(String field, String messageId, long seconds, byte[] payload) {
      byte[] key = fields.field(field).bytes(SecretAccess.get());
      try {
        return WebhookSignature.of(key, messageId, seconds, payload);
      } finally {
        Arrays.fill(key, (byte) 0);
      }
    }
  }
}
