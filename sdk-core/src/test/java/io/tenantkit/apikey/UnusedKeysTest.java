package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Keys that nobody uses are found and revoked. */
class UnusedKeysTest extends ApiKeyTestBase {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void unusedKeysAreListedInPages() {
    List<ApiKey> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(create().key());
    }
    keys.revoke(acme, made.remove(1).id(), "over");
    clock.tick(DAY);
    Instant since = clock.instant();
    clock.tick(Duration.ofHours(1));
    create();
    keys.create(globex, NewApiKey.live("theirs"));

    Page<ApiKey> first = keys.unused(acme, since, PageRequest.first(3));
    Page<ApiKey> second =
        keys.unused(acme, since, PageRequest.first(3).after(first.next().orElseThrow()));

    assertThat(first.items()).containsExactlyElementsOf(made.subList(0, 3));
    assertThat(second.items()).containsExactlyElementsOf(made.subList(3, 4));
    assertThat(second.next()).isEmpty();
  }

  @Test
  void allOfThemAreRevokedInOneCallEachWithItsEvent() {
    List<ApiKeyId> made = new ArrayList<>();
    for (int i = 0; i < 450; i++) {
      made.add(create().key().id());
    }
    IssuedApiKey theirs = keys.create(globex, NewApiKey.live("theirs"));
    IssuedApiKey cached = keys.create(acme, NewApiKey.live("cached"));
    assertValid(verify(cached));
    made.add(cached.key().id());
    clock.tick(DAY);
    Instant since = clock.instant().minus(Duration.ofHours(1));
    IssuedApiKey fresh = create();

    List<ApiKeyId> revoked = keys.revokeUnused(acme, since, "not used for a day");

    assertThat(revoked).containsExactlyElementsOf(made);
    assertRefused(verify(cached), Verdict.Reason.REVOKED);
    assertValid(verify(fresh));
    assertValid(verify(theirs));
    assertThat(keys.get(acme, made.get(7)).revocation())
        .contains(new ApiKey.Revocation(clock.instant(), "not used for a day"));
    assertThat(actions(acme).stream().filter("api_key.revoked"::equals)).hasSize(451);
    assertThat(trail(acme).get(trail(acme).size() - 1).details())
        .containsEntry("reason", "not used for a day")
        .containsEntry("unusedSince", since.toString());
    assertThat(keys.revokeUnused(acme, since, "again")).isEmpty();
  }

  /** Use is written in batches, so what was used within the hour may not show yet. */
  @Test
  void lastHourIsNobodysToJudge() {
    Instant tooLate = START.minus(Duration.ofHours(1)).plusNanos(1_000);

    assertThatThrownBy(() -> keys.unused(acme, tooLate, PageRequest.first(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("since: at least an hour ago");
    assertThatThrownBy(() -> keys.revokeUnused(acme, tooLate, "x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("since: at least an hour ago");
    assertThat(keys.revokeUnused(acme, tooLate.minusNanos(1_000), "x")).isEmpty();
  }

  @Test
  void reasonIsDemandedBeforeAnythingIsRevoked() {
    IssuedApiKey key = create();
    clock.tick(DAY);

    assertThatThrownBy(() -> keys.revokeUnused(acme, START.plusSeconds(1), " "))
        .isInstanceOf(InvalidInputException.class);

    assertValid(verify(key));
  }

  @Test
  void scopesAreDemanded() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("api-keys:read"));
    TenantContext writer = acme.limitedTo(ScopeSet.of("api-keys:write"));
    Instant since = START.minus(DAY);

    assertThatThrownBy(() -> keys.revokeUnused(reader, since, "x"))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> keys.unused(writer, since, PageRequest.first(1)))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void keysOutOfReachAndTheCallersOwnAreLeft() {
    IssuedApiKey live = create();
    IssuedApiKey test = keys.create(acme, NewApiKey.test("test"));
    IssuedApiKey own = keys.create(acme, NewApiKey.test("own").scopes("api-keys:*"));
    TenantContext asOwn = ((Verdict.Valid) verify(own)).tenant();
    TenantContext staging = acme.within(Set.of(Environment.STAGING));
    clock.tick(DAY);

    assertThat(keys.revokeUnused(staging, START.plusSeconds(1), "x")).isEmpty();
    assertThat(keys.revokeUnused(asOwn, START.plusSeconds(1), "x"))
        .containsExactly(test.key().id());

    assertValid(verify(live));
    assertValid(verify(own));
  }
}
