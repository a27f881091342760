package io.tenantkit.vault.webhook;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges a message that came in, as Standard Webhooks says: for receivers in Java, and for hosts'
 * tests. A message is genuine when one of its signatures is, and fresh when its time is within the
 * tolerance; a receiver further keeps the ids it has seen, since a message may come twice. Safe for
 * use by several threads; {@link #close} wipes the key.
 */
public final class WebhookVerifier implements AutoCloseable {
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");
  private static final int MAX_SIGNATURES = 16;

  private final SecretValue key;
  private final Clock clock;
  private final Duration tolerance;

  private WebhookVerifier(SecretValue key, Clock clock, Duration tolerance) {
    this.key = key;
    this.clock = clock;
    this.tolerance = tolerance;
  }

  /** With five minutes of tolerance and the system's clock. */
  public static WebhookVerifier of(SecretValue secret) {
    return of(secret, Clock.systemUTC(), Duration.ofMinutes(5));
  }

  /**
   * For one secret; during a rotation, two verifiers serve, or the old one until the overlap ends.
   *
   * @param secret {@code whsec_} and base64; copied
   * @param tolerance how far a message's time may be from the clock's, either way
   * @throws InvalidInputException when the secret is not of that form
   */
  public static WebhookVerifier of(SecretValue secret, Clock clock, Duration tolerance) {
    String text = secret.string(SecretAccess.get());
    if (!text.startsWith(WebhookSignature.SECRET_PREFIX)) {
      throw malformed();
    }
    try {
      byte[] key =
          Base64.getDecoder().decode(text.substring(WebhookSignature.SECRET_PREFIX.length()));
      if (key.length < 24 || key.length > 64) {
        Arrays.fill(key, (byte) 0);
        throw malformed();
      }
      return new WebhookVerifier(SecretValue.takeOver(key), clock, tolerance);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException("secret", "whsec_ and 24 to 64 bytes in base64");
  }

  /**
   * Whether the message is genuine and fresh.
   *
   * @param id the header {@code webhook-id}
   * @param timestamp the header {@code webhook-timestamp}
   * @param signatures the header {@code webhook-signature}: one or more, apart by spaces
   * @param payload the body as it came, before anything reads it
   */
  public boolean verify(
      @Nullable String id,
      @Nullable String timestamp,
      @Nullable String signatures,
      byte[] payload) {
    if (id == null
        || timestamp == null
        || signatures == null
        || !SECONDS.matcher(timestamp).matches()) {
      return false;
    }
    long seconds = Long.parseLong(timestamp);
    if (Math.abs(clock.instant().getEpochSecond() - seconds) > tolerance.toSeconds()) {
      return false;
    }
    byte[] bytes = key.bytes(SecretAccess.get());
    try {
      byte[] ours = WebhookSignature.mac(bytes, id, seconds, payload);
      boolean genuine = false;
      String[] given = signatures.split(" ", MAX_SIGNATURES + 1);
      for (int i = 0; i < Math.min(given.length, MAX_SIGNATURES); i++) {
        genuine |= matches(ours, given[i]);
      }
      return genuine;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static boolean matches(byte[] ours, String signature) {
    if (!signature.startsWith(WebhookSignature.VERSION)) {
      return false;
    }
    try {
      byte[] theirs =
          Base64.getDecoder().decode(signature.substring(WebhookSignature.VERSION.length()));
      return MessageDigest.isEqual(ours, theirs);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void close() {
    key.close();
  }
}
