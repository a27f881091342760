package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes marks of credentials: HMAC-SHA256 under a key that the nodes of an installation share and
 * that is stored wrapped under the master key. For upper modules. Safe for use by several threads;
 * the first use blocks on the storage.
 */
public final class CredentialMarker {
  static final String LABEL = "credential-marks";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final PlaneRuntime runtime;
  private final CredentialMarkStore store;
  private final WrappedKeys keys;

  /** Keyed once, and copied for each mark. The key's bytes are not kept. */
  private volatile @Nullable Mac keyed;

  CredentialMarker(PlaneRuntime runtime, CredentialMarkStore store, WrappedKeys keys) {
    this.runtime = runtime;
    this.store = store;
    this.keys = keys;
  }

  /** Where the marks are. */
  public CredentialMarkStore store() {
    return store;
  }

  /**
   * The marks of credentials.
   *
   * @param server in the one form that all ways to write it have in common
   * @param key its public id
   * @param secret its secret, which stays the caller's to wipe
   * @param shortSecret whether the secret is shorter than it should be
   */
  public CredentialMarks mark(String server, String key, byte[] secret, boolean shortSecret) {
    byte[] serverBytes = utf8(server);
    byte[] keyBytes = utf8(key);
    return new CredentialMarks(
        mark("key", keyBytes),
        mark("server", serverBytes),
        mark("pair", keyBytes, secret),
        mark("server-secret", serverBytes, secret),
        shortSecret);
  }

  /** The mark of a key's public id, as {@link CredentialMarks#key}. */
  public String keyMark(String key) {
    return mark("key", utf8(key));
  }

  /** Each part goes with its length, so that no two lists of parts have the same bytes. */
  private String mark(String kind, byte[]... parts) {
    Mac mac = mac();
    mac.update(utf8("tenantkit/v1/" + LABEL + "/" + kind + "\0"));
    for (byte[] part : parts) {
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
      mac.update(part);
    }
    return HexFormat.of().formatHex(mac.doFinal());
  }

  private Mac mac() {
    Mac mac = keyed;
    if (mac == null) {
      mac = keyedAnew();
      keyed = mac;
    }
    try {
      return (Mac) mac.clone();
    } catch (CloneNotSupportedException e) {
      return keyedAnew();
    }
  }

  private Mac keyedAnew() {
    byte[] key = key();
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "this JVM has no usable HmacSHA256", e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The one that all nodes use, made when there is none; the caller wipes it. */
  private byte[] key() {
    if (keys.isEmpty()) {
      byte[] fresh = new byte[KEY_BYTES];
      runtime.random().nextBytes(fresh);
      // Another node may be faster: what is stored is everybody's.
      store.addFirstKey(keys.wrapped(runtime.ids().next("key"), fresh));
    }
    return keys.openOldest()
        .orElseThrow(
            () ->
                new TenantkitException(
                    ErrorCode.CIPHERTEXT_REJECTED, "no master key opens the key of marks"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
