package io.tenantkit.examples.benchmarks;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.secret.KeyLayer;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.crypto.AssociatedData;
import io.tenantkit.vault.crypto.SealedVersion;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.crypto.SecretVersionId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading one secret of 64 bytes.
 *
 * <p>Ours: {@link #use} and {@link #reveal} are the whole calls on the in-memory storage, with the
 * audit row written before the value leaves; {@link #envelope} is our envelope alone. Floors: {@link
 * HandEnvelope} with the same derivation of keys, and without any. Peer: Google Tink's {@code
 * KmsEnvelopeAead}, whose key encryption key is a local AES-256-GCM key and whose data keys are
 * AES-256-GCM too; it has no storage, no audit trail and no key commitment.
 *
 * <p>The in-memory storage keeps every audit row, which costs {@code use} and {@code reveal} some
 * garbage collection that a database would not. It holds one secret. Due work does not run: it would
 * verify and sign the chain of audit rows, and its time is not a call's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RevealBenchmark {
  static final String VALUE = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST";
  private static final SecretRef REF = SecretRef.of("chat", Environment.PRODUCTION, "openai");
  private static final String FIELD = "value";

  /** What our record adds to the caller's associated data. */
  private static final int BOUND = 4 + 2 + 16 + 32;

  private final AssociatedData associated =
      AssociatedData.of(
          new SecretVersionId(
              "acme",
              "prj_01kah2v9w0e8s5m3k7q1x4z6b9",
              "production",
              "sec_01kah2v9w0e8s5m3k7q1x4z6b9",
              1));

  private HandEnvelope byHand;
  private HandEnvelope byHandWithoutHkdf;
  private SecretEnvelope envelope;
  private SealingKey organizationKey;
  private SealedVersion sealed;
  private Aead tink;
  private byte[] tinkContext;
  private byte[] tinkSealed;

  private ControlPlane plane;
  private SecretVault vault;

  @Setup
  public void seal() throws GeneralSecurityException {
    byte[] plaintext = VALUE.getBytes(StandardCharsets.US_ASCII);
    byte[] keyContext = bound(associated.forDataKey(Set.of(FIELD)));
    byte[] fieldContext = bound(associated.forField(FIELD));
    byHand = new HandEnvelope(true, keyContext, fieldContext, plaintext);
    byHandWithoutHkdf = new HandEnvelope(false, keyContext, fieldContext, plaintext);

    SealingKeys keys = SealingKeys.create();
    organizationKey = keys.key(KeyLayer.ORGANIZATION, Fixture.random(16), Fixture.random(32));
    envelope = SecretEnvelope.of(keys, new SecureRandom());
    try (SecretValue value = SecretValue.of(VALUE)) {
      sealed = envelope.seal(organizationKey, associated, Map.of(FIELD, value));
    }

    AeadConfig.register();
    AesGcmParameters aes256 =
        AesGcmParameters.builder()
            .setKeySizeBytes(32)
            .setIvSizeBytes(12)
            .setTagSizeBytes(16)
            .setVariant(AesGcmParameters.Variant.NO_PREFIX)
            .build();
    Aead local =
        KeysetHandle.newBuilder()
            .addEntry(
                KeysetHandle.generateEntryFromParameters(aes256).withRandomId().makePrimary())
            .build()
            .getPrimitive(RegistryConfiguration.get(), Aead.class);
    tink = KmsEnvelopeAead.create(aes256, local);
    tinkContext = fieldContext;
    tinkSealed = tink.encrypt(plaintext, tinkContext);
  }

  @Setup
  public void open() {
    plane = Fixture.still(Storage.inMemory());
    vault = SecretVault.of(plane);
    try (SecretValue value = SecretValue.of(VALUE)) {
      vault.put(Fixture.CONTEXT, REF, value);
    }
  }

  @TearDown
  public void close() {
    plane.close();
    plane.runtime().storage().close();
  }

  @Benchmark
  public byte[] use() {
    return vault.use(
        Fixture.CONTEXT, REF, "benchmark", value -> value.bytes(SecretAccess.get()));
  }

  @Benchmark
  public byte[] reveal() {
    try (SecretFields fields = vault.reveal(Fixture.CONTEXT, REF)) {
      return fields.value().bytes(SecretAccess.get());
    }
  }

  @Benchmark
  public byte[] envelope() {
    Map<String, SecretValue> opened = envelope.openAll(organizationKey, associated, sealed);
    try (SecretValue value = Objects.requireNonNull(opened.get(FIELD))) {
      return value.bytes(SecretAccess.get());
    }
  }

  @Benchmark
  public byte[] byHand() throws GeneralSecurityException {
    return byHand.open();
  }

  @Benchmark
  public byte[] byHandWithoutHkdf() throws GeneralSecurityException {
    return byHandWithoutHkdf.open();
  }

  @Benchmark
  public byte[] tink() throws GeneralSecurityException {
    return tink.decrypt(tinkSealed, tinkContext);
  }

  /** As long as what our format hands to GCM. */
  private static byte[] bound(byte[] context) {
    return Arrays.copyOf(context, context.length + BOUND);
  }
}
