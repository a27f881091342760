package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.RawServer;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.integration.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Every way to a value of a vault, on one storage, while something is wrong with its trail. */
final class VaultFaults implements AutoCloseable {
  static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final SecretRef OLD = ref("old");
  private static final String VALUE = "sk-value-of-a-provider-0123456789";

  /** A way to a value, or to a row of one. */
  private interface Call {
    void run();
  }

  private final OwnedDatabase database;
  private final ControlPlane plane;
  private final SecretVault vault;
  private final RawServer provider = RawServer.answering(DayOfSecrets.server());
  private final Egress egress =
      Egress.builder().unsafeRoute("api.openai.com", provider.port()).build();
  private final Integrations integrations;
  private final Integration row;
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger names = new AtomicInteger();
  private final Map<String, Call> calls = new LinkedHashMap<>();

  VaultFaults(OwnedDatabase database, JdbcStorage storage) {
    this.database = database;
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
    vault = SecretVault.of(plane);
    patiently(
        () -> plane.organizations().create(OPERATOR, ACME, "Acme"), Set.of(ErrorCode.STORAGE_BUSY));
    patiently(() -> put(OLD), Set.of(ErrorCode.STORAGE_BUSY));
    integrations = Integrations.builder(vault).egress(egress).pace(Duration.ZERO).build();
    try (SecretValue key = SecretValue.of(VALUE)) {
      row =
          integrations.create(
              CONTEXT,
              new NewIntegration(
                  "openai", Environment.PRODUCTION, "Main", Map.of("api_key", key), Map.of()));
    }
    calls.put("reveal", () -> lent(vault.reveal(CONTEXT, OLD)));
    calls.put("use", () -> vault.use(CONTEXT, OLD, "work", value -> left.incrementAndGet()));
    calls.put(
        "useFields",
        () -> vault.useFields(CONTEXT, OLD, Purpose.of("work"), fields -> left.incrementAndGet()));
    calls.put(
        "use of an integration",
        () -> integrations.use(CONTEXT, row.id(), "work", fields -> left.incrementAndGet()));
    calls.put(
        "check",
        () -> assertThat(integrations.test(CONTEXT, row.id()).verdict()).isEqualTo(Verdict.VALID));
    calls.put("put", () -> put(OLD));
    calls.put("first put", () -> put(ref("new-" + names.incrementAndGet())));
    calls.put(
        "putAll",
        () -> {
          try (SecretValue value = SecretValue.of(VALUE)) {
            vault.putAll(
                CONTEXT,
                Map.of(
                    OLD,
                    NewSecret.of(value),
                    ref("batch-" + names.incrementAndGet()),
                    NewSecret.of(value)));
          }
        });
    calls.put("backup", this::backUp);
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private void put(SecretRef ref) {
    try (SecretValue value = SecretValue.of(VALUE)) {
      vault.put(CONTEXT, ref, value);
    }
  }

  private void lent(SecretFields fields) {
    try (fields) {
      left.incrementAndGet();
      assertThat(fields.value().string(SecretAccess.get())).isEqualTo(VALUE);
    }
  }

  /** What was written when it fails is no backup. */
  private void backUp() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BackupKeyPair pair = BackupKeyPair.generate(new SecureRandom())) {
      try {
        VaultBackup.of(vault).export(CONTEXT, BackupKey.recipient(pair.recipient()), out);
        left.incrementAndGet();
      } catch (TenantkitException e) {
        assertThat(
                catchThrowable(
                    () ->
                        VaultBackup.of(vault)
                            .restore(
                                CONTEXT,
                                BackupKey.privateKey(pair.privateKey()),
                                () -> new ByteArrayInputStream(out.toByteArray()),
                                RestoreOptions.standard().asDryRun())))
            .isNotNull();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ControlPlane plane() {
    return plane;
  }

  SecretVault vault() {
    return vault;
  }

  /**
   * Each call ends in one of these errors though the fault goes on, and nothing left. The calls are
   * made one after the other, or at once where each waits for long.
   */
  void fail(Set<ErrorCode> codes, boolean atOnce) throws Exception {
    List<String> before = rows();
    int asked = provider.requests().size();
    int out = left.get();
    ExecutorService threads = Executors.newFixedThreadPool(atOnce ? calls.size() : 1);
    try {
      Map<String, Future<Throwable>> thrown = new LinkedHashMap<>();
      calls.forEach(
          (name, call) -> thrown.put(name, threads.submit(() -> catchThrowable(call::run))));
      for (Map.Entry<String, Future<Throwable>> each : thrown.entrySet()) {
        assertThat(each.getValue().get())
            .as(each.getKey())
            .isInstanceOfSatisfying(
                TenantkitException.class,
                e -> assertThat(e.code()).as(each.getKey() + " " + e).isIn(codes));
        assertThat(each.getValue().get()).hasMessageNotContaining(VALUE);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(left.get()).as("values that left").isEqualTo(out);
    assertThat(provider.requests()).as("what a provider was sent").hasSize(asked);
    assertThat(rows()).as("rows of secrets").isEqualTo(before);
  }

  /** Each call works again, and the trail is whole. */
  void recover() {
    // A pool may hand out what broke just now, and needs a while to connect again.
    calls.forEach(
        (name, call) ->
            patiently(call, Set.of(ErrorCode.STORAGE_BUSY, ErrorCode.STORAGE_UNAVAILABLE)));
    assertThat(plane.audit().verify(CONTEXT)).isInstanceOf(ChainVerification.Intact.class);
  }

  /** The bound of a statement is so short here that a machine with other work may exceed it. */
  private static void patiently(Call call, Set<ErrorCode> again) {
    for (int attempt = 1; ; attempt++) {
      try {
        call.run();
        return;
      } catch (TenantkitException e) {
        if (attempt == 20 || !again.contains(e.code())) {
          throw e;
        }
      }
    }
  }

  private List<String> rows() {
    // Not the trail, which may be locked for whoever looks.
    return database.dump("(secret|project|integration).*");
  }

  @Override
  public void close() {
    plane.close();
    egress.close();
    provider.close();
  }
}
