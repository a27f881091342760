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
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
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
import javax.crypto.SecretKey;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading secrets of 64 bytes, one of another organization each time: a JDK cipher that gets the key
 * that it had before spares itself some work, which a host of many tenants seldom sees.
 *
 * <p>Ours: {@link #use} and {@link #reveal} are the whole calls on the in-memory storage, with the
 * audit row written before the value leaves; {@link #envelope} is our envelope alone. Floors: {@link
 * HandEnvelope} with the same derivation of keys, and without any, and with an audit row by {@link
 * HandTrail}. Peer: Google Tink's {@code
 * KmsEnvelopeAead}, whose key encryption key is a local AES-256-GCM key and whose data keys are
 * AES-256-GCM too; it has no storage, no audit trail and no key commitment.
 *
 * <p>The in-memory storage keeps every audit row, which costs {@code use} and {@code reveal} some
 * garbage collection that a database would not. Due work does not run: it would
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
  private static final byte[] PLAINTEXT = VALUE.getBytes(StandardCharsets.US_ASCII);

  /** What our record adds to the caller's associated data. */
  private static final int BOUND = 4 + 2 + 16 + 32;

  /** How many organizations there are, with a secret each. */
  @Param("16")
  public int organizations;

  private int at;

  /** Of one organization, for our envelope. */
  private record Ours(SealingKey key, AssociatedData associated, SealedVersion sealed) {}

  private Ours[] ours;
  private SecretEnvelope envelope;
  private HandEnvelope hand;
  private HandEnvelope handWithoutHkdf;
  private HandTrail trail;
  private HandEnvelope.Sealed[] hands;
  private HandEnvelope.Sealed[] handsWithoutHkdf;
  private Aead tink;
  private byte[][] tinkContexts;
  private byte[][] tinkSealed;

  private ControlPlane plane;
  private SecretVault vault;
  private TenantContext[] contexts;

  @Setup
  public void seal() throws GeneralSecurityException {
    SealingKeys keys = SealingKeys.create();
    envelope = SecretEnvelope.of(keys, new SecureRandom());
    hand = new HandEnvelope(true);
    handWithoutHkdf = new HandEnvelope(false);
    trail = new HandTrail();
    tink = envelopeOfTink();
    ours = new Ours[organizations];
    hands = new HandEnvelope.Sealed[organizations];
    handsWithoutHkdf = new HandEnvelope.Sealed[organizations];
    tinkContexts = new byte[organizations][];
    tinkSealed = new byte[organizations][];
    for (int i = 0; i < organizations; i++) {
      AssociatedData associated =
          AssociatedData.of(
              new SecretVersionId(
                  organization(i).value(),
                  "prj_01kah2v9w0e8s5m3k7q1x4z6b9",
                  "production",
                  "sec_01kah2v9w0e8s5m3k7q1x4z6b9",
                  1));
      SealingKey key = keys.key(KeyLayer.ORGANIZATION, Fixture.random(16), Fixture.random(32));
      try (SecretValue value = SecretValue.of(VALUE)) {
        ours[i] =
            new Ours(key, associated, envelope.seal(key, associated, Map.of(FIELD, value)));
      }
      byte[] keyContext = bound(associated.forDataKey(Set.of(FIELD)));
      byte[] fieldContext = bound(associated.forField(FIELD));
      SecretKey handKey = HandEnvelope.newKey();
      hands[i] = hand.seal(handKey, keyContext, fieldContext, PLAINTEXT);
      handsWithoutHkdf[i] = handWithoutHkdf.seal(handKey, keyContext, fieldContext, PLAINTEXT);
      tinkContexts[i] = fieldContext;
      tinkSealed[i] = tink.encrypt(PLAINTEXT, fieldContext);
    }
  }

  private static Aead envelopeOfTink() throws GeneralSecurityException {
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
    return KmsEnvelopeAead.create(aes256, local);
  }

  @Setup
  public void open() {
    plane = Fixture.still(Storage.inMemory());
    vault = SecretVault.of(plane);
    contexts = new TenantContext[organizations];
    for (int i = 0; i < organizations; i++) {
      plane
          .organizations()
          .create(Operator.trusted("benchmark", "measuring"), organization(i), "Organization " + i);
      contexts[i] = TenantContext.trusted(organization(i), "benchmark");
      try (SecretValue value = SecretValue.of(VALUE)) {
        vault.put(contexts[i], REF, value);
      }
    }
  }

  private static OrganizationId organization(int number) {
    return OrganizationId.of("organization-" + number);
  }

  private int next() {
    at = at + 1 < organizations ? at + 1 : 0;
    return at;
  }

  @TearDown
  public void close() {
    plane.close();
    plane.runtime().storage().close();
  }

  @Benchmark
  public byte[] use() {
    return vault.use(
        contexts[next()], REF, "benchmark", value -> value.bytes(SecretAccess.get()));
  }

  @Benchmark
  public byte[] reveal() {
    try (SecretFields fields = vault.reveal(contexts[next()], REF)) {
      return fields.value().bytes(SecretAccess.get());
    }
  }

  @Benchmark
  public byte[] envelope() {
    Ours one = ours[next()];
    Map<String, SecretValue> opened = envelope.openAll(one.key(), one.associated(), one.sealed());
    try (SecretValue value = Objects.requireNonNull(opened.get(FIELD))) {
      return value.bytes(SecretAccess.get());
    }
  }

  @Benchmark
  public byte[] byHand() throws GeneralSecurityException {
    return hand.open(hands[next()]);
  }

  /** With the audit row that a reveal cannot be without. */
  @Benchmark
  public byte[] byHandWithRow() throws GeneralSecurityException {
    int one = next();
    trail.add(contexts[one].organization().value(), "sec_01kah2v9w0e8s5m3k7q1x4z6b9", REF.name());
    return hand.open(hands[one]);
  }

  @Benchmark
  public byte[] byHandWithoutHkdf() throws GeneralSecurityException {
    return handWithoutHkdf.open(handsWithoutHkdf[next()]);
  }

  @Benchmark
  public byte[] tink() throws GeneralSecurityException {
    int one = next();
    return tink.decrypt(tinkSealed[one], tinkContexts[one]);
  }

  /** As long as what our format hands to GCM. */
  private static byte[] bound(byte[] context) {
    return Arrays.copyOf(context, context.length + BOUND);
  }
}
