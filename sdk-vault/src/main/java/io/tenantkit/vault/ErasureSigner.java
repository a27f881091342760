package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Signs erasures with the installation's Ed25519 key, which is made for the first of them, stored
 * wrapped under the master key, and unwrapped for each signature only. A record carries the wrapped
 * key, so that also a database restored from before that key was made knows its own signature.
 */
final class ErasureSigner {
  static final String LABEL = "erasure-key";

  private static final String ALGORITHM = "Ed25519";

  private final PlaneRuntime runtime;
  private final WrappedKeys keys;
  private final Set<String> ours = ConcurrentHashMap.newKeySet();

  ErasureSigner(PlaneRuntime runtime, WrappedKeys keys) {
    this.runtime = runtime;
    this.keys = keys;
  }

  /** The key that signs next: the newest that opens, made when there is none. */
  WrappedKey key() {
    return keys.newest()
        .orElseGet(
            () -> {
              make();
              return keys.newest()
                  .orElseThrow(
                      () ->
                          new TenantkitException(
                              ErrorCode.CIPHERTEXT_REJECTED, "no master key opens an erasure key"));
            });
  }

  private void make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
      generator.initialize(NamedParameterSpec.ED25519, runtime.random());
      KeyPair pair = generator.generateKeyPair();
      keys.add(
          Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()),
          pair.getPrivate().getEncoded());
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "this Java has no Ed25519", e);
    }
  }

  /** The erasure, which names {@link #key()}, with its signature. */
  Erasure sign(Erasure unsigned, WrappedKey key) {
    byte[] privateKey = keys.open(key);
    try {
      Signature signer = Signature.getInstance(ALGORITHM);
      signer.initSign(
          KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(privateKey)));
      signer.update(unsigned.signedText().getBytes(StandardCharsets.US_ASCII));
      return unsigned.signed(Base64.getEncoder().encodeToString(signer.sign()));
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "the erasure cannot be signed", e);
    } finally {
      Arrays.fill(privateKey, (byte) 0);
    }
  }

  /** Whether one of this installation's keys signed it. */
  boolean isGenuine(Erasure erasure) {
    return erasure.isSigned() && isOurs(erasure);
  }

  private boolean isOurs(Erasure erasure) {
    if (ours.contains(erasure.publicKey())) {
      return true;
    }
    boolean known = keys.has(erasure.publicKey()) || isEndorsed(erasure);
    if (known) {
      ours.add(erasure.publicKey());
    }
    return known;
  }

  private boolean isEndorsed(Erasure erasure) {
    try {
      return keys.opens(erasure.publicKey(), Base64.getDecoder().decode(erasure.endorsement()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
