package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ImportResult;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of keys on two control planes over one storage, raced by many threads. */
public abstract class KeyLifeContract extends StorageContract {
  private ControlPlane one;
  private ControlPlane two;

  @BeforeEach
  final void openTwoPlanes() {
    one = newPlane();
    two = newPlane();
  }

  @AfterEach
  final void closeTwoPlanes() {
    one.close();
    two.close();
  }

  private ControlPlane newPlane() {
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    return ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(bytes)))
        .clock(TickingClock.at(Samples.NOW.plus(Duration.ofDays(1))))
        .manualMaintenance()
        .build();
  }

  private ApiKeyManager either(int i) {
    return (i % 2 == 0 ? one : two).apiKeys();
  }

  @Test
  void ofManyRotationsOneHasTheSuccessorAndTheOthersItsId() {
    IssuedApiKey old = one.apiKeys().create(acme, NewApiKey.live("rotated"));
    ApiKeyId id = old.key().id();

    List<Optional<String>> losers =
        Race.of(
            100,
            100,
            i -> {
              try (IssuedApiKey won = either(i).rotate(acme, id, Rotation.immediate())) {
                assertThat(won.key().family()).isEqualTo(id);
                return Optional.empty();
              } catch (ConflictException e) {
                return Optional.of(e.existingId().orElseThrow());
              }
            });

    String successor = one.apiKeys().get(acme, id).successor().orElseThrow().value();
    assertThat(losers.stream().flatMap(Optional::stream)).hasSize(99).containsOnly(successor);
    assertThat(keyIds(acme)).containsExactlyInAnyOrder(id.value(), successor);
    assertThat(actions(acme)).containsExactlyInAnyOrder("api_key.created", "api_key.rotated");
  }

  @Test
  void ofManyRepeatsOfOneCreationThereIsOneKeyAndTheLastSecretWorks() {
    NewApiKey request = NewApiKey.live("repeated").idempotencyId("run 17");

    List<Optional<IssuedApiKey>> answers =
        Race.of(
            32,
            i -> {
              try {
                return Optional.of(either(i).create(acme, request));
              } catch (ConflictException e) {
                return Optional.empty();
              }
            });

    List<IssuedApiKey> issued =
        answers.stream()
            .flatMap(Optional::stream)
            .sorted(Comparator.comparingLong((IssuedApiKey each) -> each.key().version()))
            .toList();
    IssuedApiKey last = issued.get(issued.size() - 1);
    assertThat(keyIds(acme)).containsExactly(last.key().id().value());
    assertThat(issued).extracting(each -> each.key().version()).doesNotHaveDuplicates();
    assertThat(one.apiKeys().get(acme, last.key().id()).version()).isEqualTo(last.key().version());
    for (IssuedApiKey each : issued) {
      for (int plane = 0; plane < 2; plane++) {
        assertThat(isValid(either(plane), each))
            .as("%s", each.key())
            .isEqualTo(each.key().equals(last.key()));
      }
    }
  }

  /** A secret that was accepted once is never replaced, and a replaced one is never accepted. */
  @Test
  void eitherTheFirstSecretIsUsedOrTheRepeatIsAnswered() {
    for (int round = 0; round < 25; round++) {
      NewApiKey request = NewApiKey.live("raced").idempotencyId("round " + round);
      IssuedApiKey first = one.apiKeys().create(acme, request);

      List<Optional<IssuedApiKey>> answers =
          Race.of(
              8,
              i -> {
                if (i % 2 == 0) {
                  return isValid(either(i / 2), first) ? Optional.of(first) : Optional.empty();
                }
                try {
                  return Optional.of(either(i / 2).create(acme, request));
                } catch (ConflictException e) {
                  return Optional.empty();
                }
              });

      boolean used =
          answers.stream()
              .flatMap(Optional::stream)
              .anyMatch(each -> each.key().equals(first.key()));
      List<IssuedApiKey> repeated =
          answers.stream()
              .flatMap(Optional::stream)
              .filter(each -> !each.key().equals(first.key()))
              .toList();
      assertThat(used).as("round %s", round).isEqualTo(repeated.isEmpty());
      assertThat(isValid(one.apiKeys(), first)).isEqualTo(used);
      assertThat(repeated.stream().filter(each -> isValid(two.apiKeys(), each)))
          .hasSize(used ? 0 : 1);
    }
  }

  @Test
  void ofManyImportsOfOneHashOneWinsAcrossOrganizations() {
    String hash = Samples.hash("a foreign key").hex();

    List<Boolean> won =
        Race.of(
            32,
            i ->
                either(i)
                        .importKeys(
                            i % 4 < 2 ? acme : globex, List.of(ImportedKey.live("moved", hash)))
                        .get(0)
                    instanceof ImportResult.Imported);

    assertThat(won.stream().filter(each -> each)).hasSize(1);
    assertThat(keyIds(acme).size() + keyIds(globex).size()).isEqualTo(1);
    assertThat(one.apiKeys().verify("a foreign key", ScopeQuery.none()))
        .isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void unusedKeysAreRevokedOnceByWhoeverComesFirst() {
    for (int i = 0; i < 20; i++) {
      addKey(acme, "key_" + i);
    }

    List<List<ApiKeyId>> revoked =
        Race.of(8, i -> either(i).revokeUnused(acme, Samples.NOW.plusSeconds(1), "unused"));

    assertThat(revoked.stream().flatMap(List::stream).map(ApiKeyId::value))
        .containsExactlyInAnyOrderElementsOf(keyIds(acme));
    assertThat(actions(acme).stream().filter("api_key.revoked"::equals)).hasSize(20);
  }

  private static boolean isValid(ApiKeyManager keys, IssuedApiKey issued) {
    return keys.verify(issued.secret().string(SecretAccess.get()), ScopeQuery.none())
        instanceof Verdict.Valid;
  }
}
