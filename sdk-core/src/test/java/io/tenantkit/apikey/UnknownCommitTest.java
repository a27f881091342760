package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.LossyStorage;
import io.tenantkit.LossyStorage.Loss;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers of the storage get lost before and after the commit; each call finds out by itself. */
class UnknownCommitTest {
  private final TickingClock clock = TickingClock.at(ApiKeyTestBase.START);
  private final LossyStorage storage = new LossyStorage(Storage.inMemory());
  private final TenantContext acme = TenantContext.trusted(ApiKeyTestBase.ACME, "host");
  private ControlPlane plane;
  private ApiKeyManager keys;

  @BeforeEach
  void open() {
    plane =
        ControlPlane.builder(storage, ApiKeyTestBase.masterKeys())
            .clock(clock)
            .manualMaintenance()
            .build();
    keys = plane.apiKeys();
    plane.organizations().create(Operator.trusted("ops", "test"), ApiKeyTestBase.ACME, "Acme");
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  static List<List<Loss>> settled() {
    return List.of(
        List.of(Loss.BEFORE),
        List.of(Loss.AFTER),
        List.of(Loss.BEFORE, Loss.BEFORE),
        List.of(Loss.BEFORE, Loss.AFTER),
        List.of(Loss.AFTER, Loss.BEFORE),
        List.of(Loss.AFTER, Loss.AFTER),
        List.of(Loss.BEFORE, Loss.DOWN, Loss.AFTER),
        List.of(Loss.AFTER, Loss.DOWN, Loss.BEFORE));
  }

  @ParameterizedTest
  @MethodSource("settled")
  void createdKeyIsThereOnceAndWorks(List<Loss> losses) {
    storage.writes(losses.toArray(Loss[]::new));

    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x"));

    assertThat(storage.isDone()).isTrue();
    assertValid(issued);
    assertThat(all()).containsExactly(issued.key());
    assertThat(actions()).containsExactly("api_key.created");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void keyWithAnIdempotencyIdIsThereOnceAndWasNotReissued(List<Loss> losses) {
    storage.writes(losses.toArray(Loss[]::new));

    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x").idempotencyId("1"));

    assertValid(issued);
    assertThat(actions()).containsExactly("api_key.created");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void repeatIsDoneOnce(List<Loss> losses) {
    NewApiKey request = NewApiKey.live("x").idempotencyId("1");
    keys.create(acme, request);
    storage.writes(Stream.concat(Stream.of(Loss.NONE), losses.stream()).toArray(Loss[]::new));

    IssuedApiKey issued = keys.create(acme, request);

    assertThat(issued.key().version()).isEqualTo(2);
    assertValid(issued);
    assertThat(actions()).containsExactly("api_key.created", "api_key.reissued");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void rotationHasOneSuccessorWhoseSecretWorks(List<Loss> losses) {
    ApiKeyId old = keys.create(acme, NewApiKey.live("x")).key().id();
    storage.writes(losses.toArray(Loss[]::new));

    IssuedApiKey next = keys.rotate(acme, old, Rotation.withGrace(Duration.ofHours(1)));

    assertValid(next);
    assertThat(keys.get(acme, old).successor()).contains(next.key().id());
    assertThat(all()).hasSize(2);
    assertThat(actions()).containsExactly("api_key.created", "api_key.rotated");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void changesOfStateAreDoneOnce(List<Loss> losses) {
    ApiKeyId id = keys.create(acme, NewApiKey.live("x")).key().id();
    for (Function<ApiKeyId, ApiKey> change :
        List.<Function<ApiKeyId, ApiKey>>of(
            each -> keys.disable(acme, each),
            each -> keys.enable(acme, each),
            each -> keys.revoke(acme, each, "leaked"))) {
      storage.writes(losses.toArray(Loss[]::new));
      ApiKey changed = change.apply(id);
      assertThat(storage.isDone()).isTrue();
      assertThat(keys.get(acme, id)).isEqualTo(changed);
    }
    assertThat(actions())
        .containsExactly(
            "api_key.created", "api_key.disabled", "api_key.enabled", "api_key.revoked");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void importedKeyIsThereOnce(List<Loss> losses) {
    storage.writes(losses.toArray(Loss[]::new));

    ApiKey key = keys.importKey(acme, ImportedKey.live("x", "0".repeat(64)));

    assertThat(all()).containsExactly(key);
    assertThat(actions()).containsExactly("api_key.imported");
  }

  @ParameterizedTest
  @MethodSource("settled")
  void unusedKeyIsRevokedOnce(List<Loss> losses) {
    ApiKeyId id = keys.create(acme, NewApiKey.live("x")).key().id();
    clock.tick(Duration.ofHours(2));
    storage.writes(losses.toArray(Loss[]::new));

    List<ApiKeyId> revoked =
        keys.revokeUnused(acme, clock.instant().minus(Duration.ofHours(1)), "unused");

    assertThat(revoked).containsExactly(id);
    assertThat(actions()).containsExactly("api_key.created", "api_key.revoked");
  }

  @Test
  void whatCannotBeFoundOutIsSaidAndNothingSecretIsHandedOut() {
    for (Loss first : List.of(Loss.BEFORE, Loss.AFTER)) {
      ApiKeyId id = keys.create(acme, NewApiKey.live("x")).key().id();
      for (Supplier<Object> call :
          List.<Supplier<Object>>of(
              () -> keys.create(acme, NewApiKey.live("x")),
              () -> keys.create(acme, NewApiKey.live("x").idempotencyId("1" + first)),
              () -> keys.importKey(acme, ImportedKey.live("x", Samples.hash("" + first).hex())),
              () -> keys.disable(acme, id),
              () -> keys.rotate(acme, id, Rotation.immediate()))) {
        // As often as it tries, and once more.
        storage.writes(first, Loss.BEFORE, Loss.DOWN, Loss.BEFORE);
        assertThatThrownBy(call::get)
            .isInstanceOfSatisfying(
                StorageException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.COMMIT_UNKNOWN));
        assertThat(storage.isDone()).isTrue();
      }
    }
  }

  @Test
  void whatIsThereButCannotBeLookedAtIsUnknown() {
    storage.writes(Loss.AFTER);
    storage.looks(Loss.DOWN, Loss.DOWN, Loss.DOWN);

    assertThatThrownBy(() -> keys.create(acme, NewApiKey.live("x")))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.COMMIT_UNKNOWN));
  }

  @Test
  void databaseThatIsDownIsSaidToBeUnlessItsRowsSayOtherwise() {
    storage.writes(Loss.DOWN);
    assertThatThrownBy(() -> keys.create(acme, NewApiKey.live("x")))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
    assertThat(all()).isEmpty();

    storage.writes(Loss.DOWN_AFTER);
    assertValid(keys.create(acme, NewApiKey.live("x")));
  }

  @Test
  void insideAJoinedTransactionNothingIsSettled() {
    HostTransaction host = action -> {};
    Settlement.settle(acme, () -> true, () -> false);

    assertThatThrownBy(
            () ->
                Settlement.settle(
                    acme.joining(host),
                    () -> {
                      throw new StorageException(ErrorCode.COMMIT_UNKNOWN, "x");
                    },
                    () -> true))
        .isInstanceOf(StorageException.class);
  }

  private void assertValid(IssuedApiKey issued) {
    ApiKeyTestBase.assertValid(
        keys.verify(issued.secret().string(SecretAccess.get()), ScopeQuery.none()));
  }

  private List<ApiKey> all() {
    return keys.list(acme, PageRequest.first(10)).items();
  }

  private List<String> actions() {
    return plane.audit().list(acme, PageRequest.first(100)).items().stream()
        .filter(event -> event.targetType().equals("api_key"))
        .map(AuditEvent::action)
        .toList();
  }
}
