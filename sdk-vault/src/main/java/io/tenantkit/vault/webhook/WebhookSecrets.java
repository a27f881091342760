package io.tenantkit.vault.webhook;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The signing keys of endpoints, each a secret of the vault in a project that is kept for them. The
 * URL is sealed beside the key, so that neither can be had for the other's place.
 *
 * <p>A change is one put that follows the version it was made from, so of several at once one is
 * made and the others are refused. It seals until when the key before signs too; the endpoint's row
 * says the same once whoever asked has got the key. Where the two differ, the process ended in
 * between: then the receiver has the key before, which signs on. Safe for use by several threads.
 */
final class WebhookSecrets {
  static final String PROJECT = "webhooks";
  static final String SIGNED = "webhook.signed";

  private static final String TYPE = "webhook";
  private static final String URL = "url";
  private static final String CURRENT = "current";
  private static final String PREVIOUS = "previous";
  private static final String EARLIER = "earlier";
  private static final String EARLIER_UNTIL = "earlier_until";

  /** Most keys from before the previous one whose overlaps still run. */
  private static final int MOST_EARLIER = 8;

  private static final String UNTIL = "until";

  private final SecretVault vault;
  private final PlaneRuntime runtime;

  WebhookSecrets(SecretVault vault) {
    this.vault = vault;
    this.runtime = vault.runtime();
  }

  /**
   * A key that was put.
   *
   * @param text for the receiver
   * @param version the secret's that holds it
   * @param until the end of the overlap that is sealed with it
   */
  record Put(SecretValue text, long version, Optional<Instant> until) {}

  /** Puts a new endpoint's key. */
  Put first(TenantContext context, WebhookId id, String url) {
    return put(context, id, url, Map.of(), 0, Optional.empty());
  }

  /**
   * Puts a new key in the place of all others. What they were need not be known, so this mends an
   * endpoint whose secret is lost.
   *
   * @throws ConflictException when another was put meanwhile
   */
  Put replace(TenantContext context, WebhookId id, String url) {
    return put(context, id, url, Map.of(), currentVersion(context, id), Optional.empty());
  }

  /** 0 for none. */
  long currentVersion(TenantContext context, WebhookId id) {
    try {
      return vault.get(inner(context), ref(id)).currentVersion();
    } catch (NotFoundException e) {
      return 0;
    }
  }

  /**
   * Puts a new key and keeps the receiver's for the overlap.
   *
   * @param until when that ends, but for a microsecond or two
   * @throws ConflictException when another was put meanwhile, or the URL's change did not come to
   *     its end
   */
  Put rotate(TenantContext context, WebhookEndpoint endpoint, Instant until) {
    Purpose purpose = new Purpose("secret.used", "rotate the webhook's secret", Map.of());
    return vault.useFields(
        inner(context),
        ref(endpoint.id()),
        purpose,
        fields -> {
          Keys keys = new Keys(fields);
          if (!keys.areFor(endpoint.url())) {
            throw new ConflictException("the secret is another URL's: change the URL again");
          }
          Instant ends = keys.unlike(endpoint, until);
          try (KeptKeys kept = keys.kept(endpoint, ends, runtime.now())) {
            return put(
                context,
                endpoint.id(),
                endpoint.url(),
                kept.fields,
                fields.version(),
                Optional.of(ends));
          }
        });
  }

  private Put put(
      TenantContext context,
      WebhookId id,
      String url,
      Map<String, SecretValue> kept,
      long after,
      Optional<Instant> until) {
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
      NewSecret wanted = NewSecret.of(TYPE, fields).onlyAfter(after);
      long version = vault.put(inner(context), ref(id), wanted).currentVersion();
      return new Put(SecretValue.takeOver(text), version, until);
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

    private Optional<Instant> until() {
      return fields.names().contains(UNTIL) ? Optional.of(instant(UNTIL)) : Optional.empty();
    }

    /** Whether whoever asked for the current key may have got it. */
    private boolean isShown(WebhookEndpoint endpoint) {
      return until().equals(endpoint.secretOverlapUntil()) || !fields.names().contains(PREVIOUS);
    }

    /**
     * An end of an overlap that is not the one before, by which a change is known from the next:
     * two rotations may come at the same moment of a clock.
     */
    private Instant unlike(WebhookEndpoint endpoint, Instant wanted) {
      Instant end = wanted;
      while (until().filter(end::equals).isPresent()
          || endpoint.secretOverlapUntil().filter(end::equals).isPresent()) {
        end = end.plus(1, ChronoUnit.MICROS);
      }
      return end;
    }

    /**
     * What signs on beside the next key: the receiver's until the new end, and those whose own ends
     * are to come. While it is open which one is the receiver's, since whoever put the current one
     * may be giving it just now, both sign until the new end.
     */
    private KeptKeys kept(WebhookEndpoint endpoint, Instant until, Instant now) {
      KeptKeys kept = new KeptKeys();
      try {
        kept.text(UNTIL, until);
        if (isShown(endpoint)) {
          kept.fields.put(PREVIOUS, fields.field(CURRENT));
          until().filter(now::isBefore).ifPresent(end -> kept.earlier(fields.field(PREVIOUS), end));
        } else {
          kept.fields.put(PREVIOUS, fields.field(PREVIOUS));
          kept.earlier(fields.field(CURRENT), until);
        }
        for (int i = 0; fields.names().contains(EARLIER + i); i++) {
          Instant end = instant(EARLIER_UNTIL + i);
          if (now.isBefore(end)) {
            kept.earlier(fields.field(EARLIER + i), end);
          }
        }
        return kept;
      } catch (RuntimeException e) {
        kept.close();
        throw e;
      }
    }

    private Instant instant(String field) {
      return Instant.parse(fields.field(field).string(SecretAccess.get()));
    }

    /** The header's text: one signature, or more while several keys hold. */
    String sign(WebhookEndpoint endpoint, String messageId, Instant at, byte[] payload) {
      long seconds = at.getEpochSecond();
      StringBuilder signatures = new StringBuilder(sign(CURRENT, messageId, seconds, payload));
      if (until().filter(at::isBefore).isPresent() || !isShown(endpoint)) {
        signatures.append(' ').append(sign(PREVIOUS, messageId, seconds, payload));
      }
      for (int i = 0; fields.names().contains(EARLIER + i); i++) {
        if (at.isBefore(instant(EARLIER_UNTIL + i))) {
          signatures.append(' ').append(sign(EARLIER + i, messageId, seconds, payload));
        }
      }
      return signatures.toString();
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

  /** The fields of keys that sign on. Closing wipes the texts; the keys are whose they were. */
  private static final class KeptKeys implements AutoCloseable {
    private final Map<String, SecretValue> fields = new TreeMap<>();
    private final List<SecretValue> texts = new ArrayList<>();
    private int earlier;

    /** The latest rotations come first, so what is left out beyond the bound is the oldest. */
    private void earlier(SecretValue key, Instant until) {
      if (earlier < MOST_EARLIER) {
        fields.put(EARLIER + earlier, key);
        text(EARLIER_UNTIL + earlier, until);
        earlier++;
      }
    }

    private void text(String field, Instant time) {
      SecretValue text = SecretValue.of(time.toString());
      texts.add(text);
      fields.put(field, text);
    }

    @Override
    public void close() {
      texts.forEach(SecretValue::close);
    }
  }
}
