package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.PageRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The table of {@link Rotation}, cell by cell. */
class RotationStatesTest extends ApiKeyTestBase {
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Rotation AT_ONCE = Rotation.immediate();

  private final NewApiKey wanted =
      NewApiKey.live("x").scopes("flows:read").limit("minute", 10, Duration.ofMinutes(1));

  private IssuedApiKey active() {
    return keys.create(acme, wanted);
  }

  private IssuedApiKey disabled() {
    IssuedApiKey key = active();
    keys.disable(acme, key.key().id());
    return key;
  }

  private IssuedApiKey inGrace() {
    IssuedApiKey key = active();
    keys.rotate(acme, key.key().id(), Rotation.withGrace(GRACE));
    return key;
  }

  private IssuedApiKey replaced() {
    IssuedApiKey key = active();
    keys.rotate(acme, key.key().id(), AT_ONCE);
    return key;
  }

  private IssuedApiKey pastItsGrace() {
    IssuedApiKey key = inGrace();
    clock.tick(GRACE);
    return key;
  }

  private IssuedApiKey expired() {
    IssuedApiKey key = keys.create(acme, wanted.lifetime(Duration.ofMinutes(1)));
    clock.tick(Duration.ofMinutes(1));
    return key;
  }

  private IssuedApiKey revoked() {
    IssuedApiKey key = active();
    keys.revoke(acme, key.key().id(), "first");
    return key;
  }

  private ApiKey now(IssuedApiKey key) {
    return keys.get(acme, key.key().id());
  }

  private IssuedApiKey rotate(IssuedApiKey key) {
    return keys.rotate(acme, key.key().id(), AT_ONCE);
  }

  private void assertNamesSuccessor(IssuedApiKey key) {
    long before = keys.list(acme, PageRequest.first(100)).items().size();
    String successor = now(key).successor().orElseThrow().value();
    assertThatThrownBy(() -> rotate(key))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.existingId()).contains(successor));
    assertThat(keys.list(acme, PageRequest.first(100)).items()).hasSize((int) before);
  }

  private void assertConflict(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(ConflictException.class, e -> assertThat(e.existingId()).isEmpty());
  }

  @Test
  void stateOfActive() {
    assertValid(verify(active()));
    assertValid(verify(rotate(active())));
    IssuedApiKey key = active();
    assertThat(keys.enable(acme, key.key().id())).isEqualTo(key.key());
    assertRefused(verify(disabled()), Verdict.Reason.DISABLED);
    assertRefused(verify(revoked()), Verdict.Reason.REVOKED);
  }

  @Test
  void stateOfDisabled() {
    IssuedApiKey key = disabled();
    assertThat(keys.disable(acme, key.key().id()).version()).isEqualTo(2);
    IssuedApiKey next = rotate(key);
    assertRefused(verify(next), Verdict.Reason.DISABLED);
    keys.enable(acme, next.key().id());
    assertValid(verify(next));
    IssuedApiKey other = disabled();
    keys.enable(acme, other.key().id());
    assertValid(verify(other));
    IssuedApiKey third = disabled();
    keys.revoke(acme, third.key().id(), "x");
    assertRefused(verify(third), Verdict.Reason.DISABLED, Verdict.Reason.REVOKED);
  }

  @Test
  void stateOfInGrace() {
    IssuedApiKey key = inGrace();
    ApiKeyId id = key.key().id();
    assertValid(verify(key));
    assertNamesSuccessor(key);
    assertThat(keys.enable(acme, id)).isEqualTo(now(key));
    keys.disable(acme, id);
    assertRefused(verify(key), Verdict.Reason.DISABLED);
    assertNamesSuccessor(key);
    keys.enable(acme, id);
    assertValid(verify(key));
    keys.revoke(acme, id, "emergency");
    assertRefused(verify(key), Verdict.Reason.REVOKED);
    assertNamesSuccessor(key);
  }

  @Test
  void stateOfReplaced() {
    IssuedApiKey key = replaced();
    ApiKeyId id = key.key().id();
    assertRefused(verify(key), Verdict.Reason.REVOKED);
    assertNamesSuccessor(key);
    assertConflict(() -> keys.enable(acme, id));
    assertConflict(() -> keys.disable(acme, id));
    assertThat(keys.revoke(acme, id, "x").revocation().orElseThrow().reason()).isEqualTo("rotated");
  }

  @Test
  void stateOfPastItsGrace() {
    IssuedApiKey key = pastItsGrace();
    ApiKeyId id = key.key().id();
    assertRefused(verify(key), Verdict.Reason.EXPIRED);
    assertNamesSuccessor(key);
    keys.disable(acme, id);
    assertRefused(verify(key), Verdict.Reason.DISABLED, Verdict.Reason.EXPIRED);
    keys.enable(acme, id);
    assertRefused(verify(key), Verdict.Reason.EXPIRED);
    keys.revoke(acme, id, "x");
    assertRefused(verify(key), Verdict.Reason.REVOKED, Verdict.Reason.EXPIRED);
  }

  @Test
  void stateOfExpired() {
    IssuedApiKey key = expired();
    ApiKeyId id = key.key().id();
    assertRefused(verify(key), Verdict.Reason.EXPIRED);
    assertConflict(() -> rotate(key));
    keys.disable(acme, id);
    keys.enable(acme, id);
    assertRefused(verify(key), Verdict.Reason.EXPIRED);
    keys.revoke(acme, id, "x");
    assertRefused(verify(key), Verdict.Reason.REVOKED, Verdict.Reason.EXPIRED);
  }

  @Test
  void stateOfRevoked() {
    IssuedApiKey key = revoked();
    ApiKeyId id = key.key().id();
    assertConflict(() -> rotate(key));
    assertConflict(() -> keys.enable(acme, id));
    assertConflict(() -> keys.disable(acme, id));
    assertThat(keys.revoke(acme, id, "second").revocation().orElseThrow().reason())
        .isEqualTo("first");
    assertRefused(verify(key), Verdict.Reason.REVOKED);
  }

  @Test
  void successorIsOfTheSameFamilyWithTheSameGrantsHoweverLongTheLine() {
    IssuedApiKey first = active();
    IssuedApiKey each = first;
    for (int i = 0; i < 5; i++) {
      each = keys.rotate(acme, each.key().id(), Rotation.withGrace(GRACE));
    }

    assertThat(each.key().family()).isEqualTo(first.key().id());
    assertThat(each.key().grants()).isEqualTo(first.key().grants());
    // Who has not moved yet may still do so.
    assertValid(verify(first));
  }

  /** Seen on another node that has the old key cached: it is gone there within the bound. */
  @Test
  void rotationWithoutGraceEvictsEverywhere() {
    IssuedApiKey old = active();
    ApiKeyManager other = newPlane().apiKeys();
    assertValid(other.verify(text(old), ScopeQuery.none()));
    assertValid(verify(old));

    rotate(old);

    assertRefused(verify(old), Verdict.Reason.REVOKED);
    clock.tick(plane.runtime().revocationBound());
    assertRefused(other.verify(text(old), ScopeQuery.none()), Verdict.Reason.REVOKED);
  }
}
