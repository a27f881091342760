package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TenantContextTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext TRUSTED = TenantContext.trusted(ACME, "host");
  private static final List<Scope> SCOPES =
      Stream.of("*", "a:*", "a:b", "a:b:*", "a:b:c", "b", "b:*", "b:c").map(Scope::of).toList();

  @Test
  void trustedContextReachesEverythingOfItsOrganization() {
    assertThat(TRUSTED.organization()).isEqualTo(ACME);
    assertThat(TRUSTED.actor()).isEqualTo(Actor.host("host"));
    assertThat(TRUSTED.scopes()).isEqualTo(ScopeSet.all());
    assertThat(TRUSTED.environments()).containsExactlyInAnyOrder(Environment.values());
    assertThat(TRUSTED.transaction()).isEmpty();
  }

  @Test
  void noSequenceOfCallsWidensAContext() {
    Random random = new Random(13);
    for (int round = 0; round < 500; round++) {
      TenantContext before = TRUSTED;
      for (int step = 0; step < 6; step++) {
        TenantContext after = anyCall(random, before);
        for (Scope scope : SCOPES) {
          assertThat(after.scopes().covers(scope) && !before.scopes().covers(scope)).isFalse();
        }
        assertThat(before.scopes().coversAll(after.scopes())).isTrue();
        assertThat(before.environments()).containsAll(after.environments());
        assertThat(after.environments()).isNotEmpty().contains(after.environment());
        assertThat(after.organization()).isEqualTo(ACME);
        assertThat(after.actor()).isEqualTo(TRUSTED.actor());
        before = after;
      }
    }
  }

  private static TenantContext anyCall(Random random, TenantContext context) {
    return switch (random.nextInt(4)) {
      case 0 -> context.limitedTo(ScopeSet.all());
      case 1 -> context.joining(action -> {});
      case 2 ->
          context.limitedTo(
              ScopeSet.of(SCOPES.stream().filter(any -> random.nextInt(3) == 0).toList()));
      default -> {
        EnumSet<Environment> some = EnumSet.noneOf(Environment.class);
        Arrays.stream(Environment.values()).filter(any -> random.nextBoolean()).forEach(some::add);
        try {
          yield context.within(some);
        } catch (AccessDeniedException e) {
          yield context;
        }
      }
    };
  }

  @Test
  void narrowedContextDemandsWhatItHolds() {
    TenantContext narrow =
        TRUSTED.limitedTo(ScopeSet.of("a:*")).within(Set.of(Environment.STAGING));

    narrow.require(Scope.of("a:b"));
    narrow.require(Environment.STAGING);
    assertThatThrownBy(() -> narrow.require(Scope.of("b")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("scope missing: b");
    assertThatThrownBy(() -> narrow.require(Environment.PRODUCTION))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("environment out of reach: PRODUCTION");
    assertThatThrownBy(() -> narrow.within(Set.of(Environment.PRODUCTION)))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> narrow.within(Set.of())).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void setsOfAContextCannotBeChanged() {
    EnumSet<Environment> given = EnumSet.of(Environment.STAGING);
    TenantContext context = TRUSTED.within(given);
    given.add(Environment.PRODUCTION);

    assertThat(context.environments()).containsExactly(Environment.STAGING);
    assertThatThrownBy(() -> context.environments().add(Environment.PRODUCTION))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> TRUSTED.environments().remove(Environment.PRODUCTION))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void environmentMeantIsProductionElseDevelopmentElseStaging() {
    assertThat(TRUSTED.environment()).isEqualTo(Environment.PRODUCTION);
    assertThat(TRUSTED.within(Set.of(Environment.STAGING, Environment.DEVELOPMENT)).environment())
        .isEqualTo(Environment.DEVELOPMENT);
    assertThat(TRUSTED.within(Set.of(Environment.STAGING)).environment())
        .isEqualTo(Environment.STAGING);
  }

  @Test
  void joinedContextRefusesWhatNeedsATransactionOfItsOwn() {
    TenantContext joined = TRUSTED.joining(action -> {});

    TRUSTED.requireOwnTransaction("reveal");
    assertThatThrownBy(() -> joined.limitedTo(ScopeSet.of("a")).requireOwnTransaction("reveal"))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
  }

  @Test
  void trustedIsTheOnlyPublicWayToMakeOneByHand() {
    assertThat(TenantContext.class.isSealed()).isTrue();
    for (Class<?> made : TenantContext.class.getPermittedSubclasses()) {
      assertThat(Modifier.isPublic(made.getModifiers())).as(made + " is hidden").isFalse();
    }
    assertThat(
            Arrays.stream(TenantContext.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())))
        .isNotEmpty()
        .allMatch(method -> method.getName().equals("trusted"));
    assertThat(Operator.class.getConstructors()).isEmpty();
    assertThat(
            Arrays.stream(Operator.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())))
        .isNotEmpty()
        .allMatch(method -> method.getName().equals("trusted"));
  }
}
