package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.ACME;
import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.START;
import static io.tenantkit.vault.VaultHouse.text;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.VersionChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No audit row, no secret; and what the rows say. */
class VaultAuditTest {

  @Test
  void everyStepLeavesItsEventWithIdsAndNames() {
    try (VaultHouse house = new VaultHouse()) {
      SecretVault vault = house.vault;
      TenantContext acme = house.acme;
      int before = house.trail(acme).size();
      String id = vault.put(acme, REF, value("canary-one")).id().value();
      house.clock.tick(Duration.ofSeconds(1));
      vault.put(acme, REF, value("canary-two"));
      vault.use(acme, REF, "open the door", secret -> 1);
      vault.useFields(
          acme,
          REF,
          new Purpose("livekit.token_issued", "join", Map.of("room", "lobby")),
          fields -> 1);
      vault.reveal(acme, REF).close();
      vault.reveal(acme, REF, 1).close();
      vault.get(acme, REF);
      vault.versions(acme, REF);
      house.listed(acme);
      vault.destroy(acme, REF);

      List<AuditEvent> trail = house.trail(acme).subList(before, house.trail(acme).size());
      assertThat(trail)
          .extracting(AuditEvent::action)
          .containsExactly(
              "organization_key.created",
              "secret.created",
              "secret.version_added",
              "secret.used",
              "livekit.token_issued",
              "secret.revealed",
              "secret.revealed",
              "secret.destroyed");
      AuditEvent key = trail.get(0);
      StoredOrganizationKey stored = house.rows().organizationKeys().newest(acme).orElseThrow();
      assertThat(key.targetType()).isEqualTo("organization_key");
      assertThat(key.targetId()).isEqualTo(stored.keyId());
      assertThat(key.details())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("number", "1", "masterKey", VaultHouse.masterKey(1).id()));
      assertThat(trail)
          .allSatisfy(
              event -> {
                assertThat(event.organization()).isEqualTo(ACME);
                assertThat(event.actor()).isEqualTo(Actor.host("acme-host"));
                assertThat(event.toString()).doesNotContain("canary");
              });
      assertThat(trail.subList(1, trail.size()))
          .allSatisfy(
              event -> {
                assertThat(event.targetType()).isEqualTo("secret");
                assertThat(event.targetId()).isEqualTo(id);
                assertThat(event.details())
                    .containsEntry("project", "app")
                    .containsEntry("environment", "PRODUCTION")
                    .containsEntry("name", "db-password");
              });
      assertThat(trail)
          .extracting(event -> event.details().get("version"))
          .containsExactly(null, "1", "2", "2", "2", "2", "1", "2");
      assertThat(trail)
          .extracting(AuditEvent::at)
          .startsWith(START, START)
          .endsWith(START.plusSeconds(1));
      assertThat(trail.get(3).details()).containsEntry("purpose", "open the door").hasSize(5);
      assertThat(trail.get(4).details())
          .containsEntry("purpose", "join")
          .containsEntry("room", "lobby")
          .hasSize(6);
      assertThat(trail.get(1).details()).hasSize(4);
    }
  }

  /** A purpose tells more; it cannot say something else about which secret was used. */
  @Test
  void detailsOfAPurposeDoNotReplaceTheNamesOfTheSecret() {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      Map<String, String> forged =
          Map.of(
              "name",
              "harmless",
              "project",
              "other",
              "environment",
              "DEVELOPMENT",
              "version",
              "77",
              "purpose",
              "none");
      house.vault.useFields(
          house.acme, REF, new Purpose("secret.used", "real", forged), fields -> 1);
      assertThat(house.last(house.acme).details())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "name", "db-password",
                  "project", "app",
                  "environment", "PRODUCTION",
                  "version", "1",
                  "purpose", "real"));
    }
  }

  /** Somebody else sees the row while the code still runs: it was committed, not only written. */
  @Test
  void theUseIsCommittedBeforeTheCodeRuns() throws Exception {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      List<String> seen =
          house.vault.use(
              house.acme,
              REF,
              "look at the trail",
              secret -> {
                try {
                  return CompletableFuture.supplyAsync(() -> house.actions(house.acme))
                      .get(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                  throw new IllegalStateException("the row was not to be read", e);
                }
              });
      assertThat(seen).endsWith("secret.used");
    }
  }

  /** The keys are asked for, as they must be to decrypt, only when the row is there. */
  @ParameterizedTest
  @MethodSource("readers")
  void nothingIsDecryptedBeforeTheEventIsCommitted(Reader reader) {
    List<String> steps = new ArrayList<>();
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      SecretVault vault =
          house.freshVault(
              stores ->
                  new DecoratedStorage.Stores(
                      new DecoratedStorage.Secrets(stores.secrets()) {
                        @Override
                        public Optional<OpenedSecret> open(
                            TenantContext context,
                            SecretRef ref,
                            VersionChoice version,
                            Function<OpenedSecret, AuditEvent> event) {
                          Optional<OpenedSecret> opened = super.open(context, ref, version, event);
                          steps.add("committed");
                          return opened;
                        }
                      },
                      new DecoratedStorage.Keys(stores.organizationKeys()) {
                        @Override
                        public Optional<StoredOrganizationKey> find(
                            TenantContext context, String keyId) {
                          steps.add("key");
                          return super.find(context, keyId);
                        }
                      }));
      reader.read(vault, house.acme, secret -> steps.add("value"));
      assertThat(steps).containsExactly("committed", "key", "value");
    }
  }

  @ParameterizedTest
  @MethodSource("readers")
  void whenTheEventCannotBeWrittenNoValueLeaves(Reader reader) {
    StorageException full = new StorageException(ErrorCode.STORAGE_READ_ONLY, "disk full");
    assertNoValue(
        reader,
        house ->
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public Optional<OpenedSecret> open(
                          TenantContext context,
                          SecretRef ref,
                          VersionChoice version,
                          Function<OpenedSecret, AuditEvent> event) {
                        return super.open(
                            context,
                            ref,
                            version,
                            secret -> {
                              assertThat(event.apply(secret)).isNotNull();
                              throw full;
                            });
                      }
                    },
                    stores.organizationKeys()),
        full,
        0);
  }

  /** The connection breaks after COMMIT: the row is there, and still nothing leaves. */
  @ParameterizedTest
  @MethodSource("readers")
  void whenTheCommitIsUnknownNoValueLeaves(Reader reader) {
    StorageException broken = new StorageException(ErrorCode.COMMIT_UNKNOWN, "broken");
    assertNoValue(
        reader,
        house ->
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public Optional<OpenedSecret> open(
                          TenantContext context,
                          SecretRef ref,
                          VersionChoice version,
                          Function<OpenedSecret, AuditEvent> event) {
                        assertThat(super.open(context, ref, version, event)).isPresent();
                        throw broken;
                      }
                    },
                    stores.organizationKeys()),
        broken,
        1);
  }

  /** The key cannot be read: the row stays, for the attempt was made. */
  @ParameterizedTest
  @MethodSource("readers")
  void whenTheKeyCannotBeReadNoValueLeaves(Reader reader) {
    StorageException down = new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "down");
    assertNoValue(
        reader,
        house ->
            stores ->
                new DecoratedStorage.Stores(
                    stores.secrets(),
                    new DecoratedStorage.Keys(stores.organizationKeys()) {
                      @Override
                      public Optional<StoredOrganizationKey> find(
                          TenantContext context, String keyId) {
                        throw down;
                      }
                    }),
        down,
        1);
  }

  private static void assertNoValue(
      Reader reader,
      Function<VaultHouse, java.util.function.UnaryOperator<io.tenantkit.vault.spi.VaultStores>>
          fault,
      StorageException expected,
      int events) {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      SecretVault vault = house.freshVault(fault.apply(house));
      int before = house.trail(house.acme).size();
      AtomicBoolean ran = new AtomicBoolean();

      assertThatThrownBy(() -> reader.read(vault, house.acme, secret -> ran.set(true)))
          .isSameAs(expected);

      assertThat(ran).isFalse();
      assertThat(house.trail(house.acme)).hasSize(before + events);
    }
  }

  /** When a change cannot be written, the caller is told and nothing is there. */
  @Test
  void aPutWhoseVerbFailsWritesNothing() {
    StorageException full = new StorageException(ErrorCode.STORAGE_READ_ONLY, "disk full");
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      SecretVault vault =
          house.freshVault(
              stores ->
                  new DecoratedStorage.Stores(
                      new DecoratedStorage.Secrets(stores.secrets()) {
                        @Override
                        public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
                          throw full;
                        }

                        @Override
                        public boolean destroy(
                            TenantContext context, Secret secret, AuditEvent event) {
                          throw full;
                        }
                      },
                      stores.organizationKeys()));
      List<Object> before = house.written();
      assertThatThrownBy(() -> vault.put(house.acme, REF, value("new"))).isSameAs(full);
      assertThatThrownBy(() -> vault.destroy(house.acme, REF)).isSameAs(full);
      assertThat(house.written()).isEqualTo(before);
    }
  }

  @Test
  void whatTheCodeThrowsPassesUnchangedAndTheValueIsWiped() {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      for (Throwable thrown :
          List.of(
              new IllegalArgumentException("mine"),
              new TenantkitException(ErrorCode.CONFLICT, "mine"),
              new StackOverflowError("mine"),
              new java.io.IOException("checked, smuggled"))) {
        int before = house.trail(house.acme).size();
        AtomicReference<SecretValue> kept = new AtomicReference<>();

        Throwable caught =
            catchThrowable(
                () ->
                    house.vault.use(
                        house.acme,
                        REF,
                        "fail",
                        secret -> {
                          assertThat(text(secret)).isEqualTo("s3cret");
                          kept.set(secret);
                          throw VaultAuditTest.<RuntimeException>smuggled(thrown);
                        }));

        assertThat(caught).isSameAs(thrown);
        assertThat(caught).hasNoSuppressedExceptions().hasNoCause();
        assertThatThrownBy(() -> kept.get().bytes(SecretAccess.get()))
            .isInstanceOf(IllegalStateException.class);
        assertThat(house.trail(house.acme)).hasSize(before + 1);
        assertThat(house.last(house.acme).action()).isEqualTo("secret.used");
      }
    }
  }

  @Test
  void aUseWithinAUseLeavesBothEventsAndWipesEachValueAtItsEnd() {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("outer"));
      house.vault.put(house.acme, VaultHouse.ref("inner"), value("inner"));
      String both =
          house.vault.use(
              house.acme,
              REF,
              "outer",
              outer -> {
                SecretValue kept =
                    house.vault.use(house.acme, VaultHouse.ref("inner"), "inner", inner -> inner);
                assertThatThrownBy(kept::length).isInstanceOf(IllegalStateException.class);
                return text(outer);
              });
      assertThat(both).isEqualTo("outer");
      assertThat(house.actions(house.acme)).endsWith("secret.used", "secret.used");
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  // The usual way to throw a checked exception where none is declared.
  private static <E extends Throwable> E smuggled(Throwable any) throws E {
    throw (E) any;
  }

  /** A way to get at a value. */
  interface Reader {
    void read(
        SecretVault vault, TenantContext context, java.util.function.Consumer<SecretValue> got);
  }

  static List<org.junit.jupiter.api.Named<Reader>> readers() {
    return List.of(
        org.junit.jupiter.api.Named.of(
            "use",
            (vault, context, got) ->
                vault.use(
                    context,
                    REF,
                    "read",
                    secret -> {
                      got.accept(secret);
                      return 1;
                    })),
        org.junit.jupiter.api.Named.of(
            "useFields",
            (vault, context, got) ->
                vault.useFields(
                    context,
                    REF,
                    Purpose.of("read"),
                    fields -> {
                      got.accept(fields.value());
                      return 1;
                    })),
        org.junit.jupiter.api.Named.of(
            "reveal",
            (vault, context, got) -> {
              try (SecretFields fields = vault.reveal(context, REF)) {
                got.accept(fields.value());
              }
            }),
        org.junit.jupiter.api.Named.of(
            "reveal version",
            (vault, context, got) -> {
              try (SecretFields fields = vault.reveal(context, REF, 1)) {
                got.accept(fields.value());
              }
            }));
  }
}
