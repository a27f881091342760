package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CreationRequestTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext HOST = TenantContext.trusted(ACME, "host");
  private static final NewApiKey BASE = NewApiKey.live("a").idempotencyId("1");
  private static final RateLimit LIMIT = RateLimit.of("minute", 10, Duration.ofMinutes(1));

  @Test
  void everyComponentOfTheRequestAndOfWhoAsksCounts() {
    List<KeyHash> digests = new ArrayList<>();
    for (NewApiKey each : requests()) {
      digests.add(CreationRequest.digest(HOST, each));
    }
    for (TenantContext each :
        List.of(
            TenantContext.trusted(OrganizationId.of("globex"), "host"),
            TenantContext.trusted(ACME, "another"),
            TenantContext.trusted(ACME, new Actor(Actor.Kind.API_KEY, "host")))) {
      digests.add(CreationRequest.digest(each, BASE));
    }

    assertThat(new HashSet<>(digests)).hasSameSizeAs(digests);
  }

  private static List<NewApiKey> requests() {
    RateLimit.Mode shared = RateLimit.Mode.SHARED;
    RateLimit.OnFailure open = RateLimit.OnFailure.OPEN;
    RateLimit.OnFailure closed = RateLimit.OnFailure.CLOSED;
    Duration minute = Duration.ofMinutes(1);
    return List.of(
        BASE,
        NewApiKey.test("a").idempotencyId("1"),
        NewApiKey.live("b").idempotencyId("1"),
        BASE.idempotencyId("2"),
        BASE.description("1"),
        BASE.lifetime(minute),
        BASE.scopes("flows:read"),
        BASE.scopes("flows:read", "flows:write"),
        BASE.addresses("192.0.2.0/24"),
        BASE.addresses("192.0.2.0/24", "2001:db8::/32"),
        BASE.limit(LIMIT),
        BASE.limit(LIMIT).limit(RateLimit.of("hour", 10, minute)),
        BASE.limit(RateLimit.of("hour", 10, minute)),
        BASE.limit(RateLimit.of("minute", 11, minute)),
        BASE.limit(RateLimit.of("minute", 10, minute.plusNanos(1))),
        BASE.limit(new RateLimit("minute", 10, minute, 9, LIMIT.mode(), closed)),
        BASE.limit(new RateLimit("minute", 10, minute, 10, shared, closed)),
        BASE.limit(new RateLimit("minute", 10, minute, 10, LIMIT.mode(), open)),
        BASE.credits(new Credits(5, Optional.empty())),
        BASE.credits(new Credits(6, Optional.empty())),
        BASE.credits(new Credits(5, Optional.of(new Credits.Refill(1, minute)))),
        BASE.credits(new Credits(5, Optional.of(new Credits.Refill(2, minute)))),
        BASE.credits(new Credits(5, Optional.of(new Credits.Refill(1, minute.plusNanos(1))))));
  }

  @Test
  void sameRequestHasTheSameDigest() {
    NewApiKey all =
        BASE.scopes("b:c", "a:b")
            .limit(LIMIT)
            .credits(new Credits(5, Optional.empty()))
            .granting(KeyGrants.none().withAddresses(AddressList.of("192.0.2.1")))
            .description("d")
            .lifetime(Duration.ofDays(1));

    assertThat(CreationRequest.digest(HOST, all))
        .isEqualTo(CreationRequest.digest(TenantContext.trusted(ACME, "host"), all));
    assertThat(CreationRequest.digest(HOST, BASE.scopes("a:b", "b:c")))
        .isEqualTo(CreationRequest.digest(HOST, BASE.scopes("b:c", "a:b")));
  }

  /** Texts that run together when they are simply joined. */
  @Test
  void textsDoNotRunTogether() {
    assertThat(CreationRequest.digest(HOST, NewApiKey.live("ab").idempotencyId("c")))
        .isNotEqualTo(CreationRequest.digest(HOST, NewApiKey.live("a").idempotencyId("bc")));
    assertThat(CreationRequest.digest(HOST, BASE.description("x").lifetime(Duration.ofDays(1))))
        .isNotEqualTo(CreationRequest.digest(HOST, BASE.description("xPT24H")));
  }

  /** Whoever adds a component adds it to the digest and here. */
  @Test
  void noComponentWasAddedWithoutTheDigest() {
    assertThat(NewApiKey.class.getRecordComponents()).hasSize(6);
    assertThat(KeyGrants.class.getRecordComponents()).hasSize(4);
    assertThat(RateLimit.class.getRecordComponents()).hasSize(6);
    assertThat(Credits.class.getRecordComponents()).hasSize(2);
    assertThat(Credits.Refill.class.getRecordComponents()).hasSize(2);
  }
}
