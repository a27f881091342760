package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.ErasureStore.StoredErasureKey;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs erasures with the installation's Ed25519 key, which is made for the first of them, stored
 * wrapped under the master key, and unwrapped for each signature only. A record carries the wrapped
 * key, so that also a database restored from before that key was made knows its own signature.
 */
final class ErasureSigner {
  private static final Logger LOG = LoggerFactory.getLogger(ErasureSigner.class);
  private static final String ALGORITHM = "Ed25519";

  private final PlaneRuntime runtime;
  private final ErasureStore store;
  private final Set<String> ours = ConcurrentHashMap.newKeySet();

  ErasureSigner(PlaneRuntime runtime, ErasureStore store) {
    this.runtime = runtime;
    this.store = store;
  }

  /** The key that signs next: the newest that opens, made when there is none. */
  StoredErasureKey key() {
    return newest()
        .orElseGet(
            () -> {
              make();
              return newest()
                  .orElseThrow(
                      () ->
                          new TenantkitException(
                              ErrorCode.CIPHERTEXT_REJECTED, "no master key opens an erasure key"));
            });
  }

  private Optional<StoredErasureKey> newest() {
    return store.keys().stream().filter(this::opens).findFirst();
  }

  private void make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
      generator.initialize(NamedParameterSpec.ED25519, runtime.random());
      KeyPair pair = generator.generateKeyPair();
      add(
          Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()),
          pair.getPrivate().getEncoded());
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "this Java has no Ed25519", e);
    }
  }

  /** Wraps a private key under the current master key; the bytes are wiped. */
  private void add(String publicKey, byte[] privateKey) {
    try {
      store.addKey(
          new StoredErasureKey(
              publicKey,
              runtime.masterKeys().currentId(),
              runtime.masterKeys().wrap(privateKey, associated(publicKey), runtime.random()),
              runtime.now()));
    } finally {
      Arrays.fill(privateKey, (byte) 0);
    }
  }

  /** The erasure, which names {@link #key()}, with its signature. */
  Erasure sign(Erasure unsigned, StoredErasureKey key) {
    byte[] privateKey =
        unwrapped(key.publicKey(), key.wrapped())
            .orElseThrow(
                () ->
                    new TenantkitException(
                        ErrorCode.CIPHERTEXT_REJECTED, "the erasure key does not open"));
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
    boolean known =
        store.keys().stream()
                .filter(key -> key.publicKey().equals(erasure.publicKey()))
                .anyMatch(this::opens)
            || isEndorsed(erasure);
    if (known) {
      ours.add(erasure.publicKey());
    }
    return known;
  }

  private boolean isEndorsed(Erasure erasure) {
    try {
      Optional<byte[]> key =
          unwrapped(erasure.publicKey(), Base64.getDecoder().decode(erasure.endorsement()));
      key.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
      return key.isPresent();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Wraps every key under the current master key that is not yet. What stands there in its place
   * and is none that the current master key wrapped goes: rows may be of anybody's making.
   */
  void rewrap(Operator operator) {
    List<StoredErasureKey> stored = store.keys();
    String current = runtime.masterKeys().currentId();
    Map<Boolean, List<StoredErasureKey>> sound =
        stored.stream()
            .filter(key -> key.masterKeyId().equals(current))
            .collect(Collectors.partitioningBy(key -> isSound(key, stored)));
    remove(operator, sound.getOrDefault(false, List.of()));
    Set<String> done =
        sound.getOrDefault(true, List.of()).stream()
            .map(StoredErasureKey::publicKey)
            .collect(Collectors.toCollection(HashSet::new));
    for (StoredErasureKey key : stored) {
      if (!done.contains(key.publicKey())) {
        unwrapped(key.publicKey(), key.wrapped())
            .ifPresent(
                bytes -> {
                  add(key.publicKey(), bytes);
                  done.add(key.publicKey());
                });
      }
    }
  }

  private void remove(Operator operator, List<StoredErasureKey> unsound) {
    if (!unsound.isEmpty()) {
      LOG.warn(
          "{} rows of keys that sign erasures were not wrapped by the master key that they name;"
              + " somebody wrote to the table",
          unsound.size());
      store.removeKeys(operator, unsound);
    }
  }

  /**
   * Whether the master key that the row names wrapped it, as far as can be told: it opens, and is
   * no copy of a row that names another one.
   */
  private boolean isSound(StoredErasureKey key, List<StoredErasureKey> all) {
    return opens(key)
        && all.stream()
            .noneMatch(
                other ->
                    !other.masterKeyId().equals(key.masterKeyId())
                        && Arrays.equals(other.wrapped(), key.wrapped()));
  }

  /**
   * Removes what is wrapped by a master key, so that it can be retired; what is added later holds
   * it.
   *
   * @return false, with nothing removed, when a key would be lost with it
   */
  boolean release(Operator operator, String masterKeyId) {
    List<StoredErasureKey> stored = store.keys();
    Set<String> others =
        stored.stream()
            .filter(key -> !key.masterKeyId().equals(masterKeyId))
            .filter(key -> isSound(key, stored))
            .map(StoredErasureKey::publicKey)
            .collect(Collectors.toSet());
    List<StoredErasureKey> under =
        stored.stream().filter(key -> key.masterKeyId().equals(masterKeyId)).toList();
    if (under.stream().anyMatch(key -> !others.contains(key.publicKey()) && opens(key))) {
      return false;
    }
    store.removeKeys(operator, under);
    return true;
  }

  private boolean opens(StoredErasureKey key) {
    Optional<byte[]> bytes = unwrapped(key.publicKey(), key.wrapped());
    bytes.ifPresent(each -> Arrays.fill(each, (byte) 0));
    return bytes.isPresent();
  }

  /** Empty when none of our master keys wrapped it; an outage of theirs is thrown. */
  private Optional<byte[]> unwrapped(String publicKey, byte[] wrapped) {
    try {
      return Optional.of(runtime.masterKeys().unwrap(wrapped, associated(publicKey)));
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static byte[] associated(String publicKey) {
    return ("tenantkit/v1/erasure-key/" + publicKey).getBytes(StandardCharsets.US_ASCII);
  }
}
