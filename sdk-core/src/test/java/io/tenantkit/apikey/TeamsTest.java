package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.Teams;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Teams as a host meets them; what storages promise of them is in their contract. */
class TeamsTest extends ApiKeyTestBase {
  private static final Actor ADA = new Actor(Actor.Kind.USER, "https://login.test#ada");

  private Teams teams;

  @BeforeEach
  void findTeams() {
    teams = plane.teams();
  }

  @Test
  void everyChangeIsInTheTrail() {
    Team team = teams.create(acme, "Payments");
    clock.tick(Duration.ofSeconds(1));
    Team renamed = teams.rename(acme, team.id(), "Billing");
    teams.addMember(acme, team.id(), ADA);
    teams.removeMember(acme, team.id(), ADA);
    teams.delete(acme, team.id());

    assertThat(team.id().value()).matches("team_[0-9a-z]{26}");
    assertThat(renamed.version()).isEqualTo(2);
    assertThat(renamed.updatedAt()).isEqualTo(team.createdAt().plusSeconds(1));
    List<AuditEvent> trail = teamTrail();
    assertThat(trail)
        .extracting(AuditEvent::action)
        .containsExactly(
            "team.created",
            "team.renamed",
            "team.member_added",
            "team.member_removed",
            "team.deleted");
    assertThat(trail).allMatch(event -> event.targetId().equals(team.id().value()));
    assertThat(trail.get(1).details())
        .containsEntry("before", "Payments")
        .containsEntry("name", "Billing");
    assertThat(trail.get(2).details())
        .containsEntry("member_kind", "USER")
        .containsEntry("member_id", ADA.id());
  }

  @Test
  void whatIsSoAlreadyIsNoChange() {
    Team team = teams.create(acme, "Payments");
    assertThat(teams.addMember(acme, team.id(), ADA)).isTrue();
    int before = teamTrail().size();

    assertThat(teams.rename(acme, team.id(), "Payments")).isEqualTo(team);
    assertThat(teams.addMember(acme, team.id(), ADA)).isFalse();
    assertThat(teams.removeMember(acme, team.id(), new Actor(Actor.Kind.AGENT, "bot"))).isFalse();

    assertThat(teamTrail()).hasSize(before);
  }

  @Test
  void namesAreUniqueInAnOrganization() {
    Team team = teams.create(acme, "Payments");
    teams.create(globex, "Payments");
    Team other = teams.create(acme, "Sales");

    assertThatThrownBy(() -> teams.create(acme, "Payments")).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> teams.rename(acme, other.id(), "Payments"))
        .isInstanceOf(ConflictException.class);
    teams.delete(acme, team.id());
    assertThat(teams.rename(acme, other.id(), "Payments").name()).isEqualTo("Payments");
    for (String name : List.of("", " ", "a\nb", "x".repeat(Team.MAX_NAME + 1))) {
      assertThatThrownBy(() -> teams.create(acme, name)).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> teams.rename(acme, other.id(), name))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void aKeyThatIsRotatedStaysInItsTeams() {
    Team team = teams.create(acme, "Payments");
    IssuedApiKey first = create("flows:read");
    teams.addMember(acme, team.id(), actor(first));

    IssuedApiKey second = keys.rotate(acme, first.key().id(), Rotation.immediate());
    TenantContext rotated = ((Verdict.Valid) verify(second)).tenant();

    assertThat(rotated.actor()).isEqualTo(actor(second));
    assertThat(rotated.principal()).isEqualTo(actor(first));
    assertThat(teams.teamsOf(rotated, rotated.actor())).containsExactly(team);
    assertThat(teams.teamsOf(acme, actor(second))).containsExactly(team);
    assertThat(teams.addMember(acme, team.id(), actor(second))).isFalse();
    assertThat(teams.members(acme, team.id()))
        .extracting(TeamMember::actor)
        .containsExactly(actor(first));
    assertThat(teams.removeMember(acme, team.id(), actor(second))).isTrue();
    assertThat(teams.teamsOf(rotated, rotated.actor())).isEmpty();
  }

  @Test
  void aKeysPrincipalIsThatOfItsLineWhereverItWasRead() {
    IssuedApiKey first = create("flows:read");
    assertThat(((Verdict.Valid) verify(first)).tenant().principal()).isEqualTo(actor(first));
    IssuedApiKey second =
        keys.rotate(acme, first.key().id(), Rotation.withGrace(Duration.ofHours(1)));
    IssuedApiKey third =
        keys.rotate(acme, second.key().id(), Rotation.withGrace(Duration.ofHours(1)));

    for (IssuedApiKey each : List.of(first, second, third, third)) {
      TenantContext context = ((Verdict.Valid) verify(each)).tenant();
      assertThat(context.actor()).isEqualTo(actor(each));
      assertThat(context.principal()).isEqualTo(actor(first));
      assertThat(context.limitedTo(ScopeSet.none()).principal()).isEqualTo(actor(first));
      assertThat(context.within(context.environments()).principal()).isEqualTo(actor(first));
    }
  }

  @Test
  void aKeyThatAMemberMadeIsNoMember() {
    Team team = teams.create(acme, "Payments");
    IssuedApiKey parent = create("api-keys:*", "flows:read");
    teams.addMember(acme, team.id(), actor(parent));
    TenantContext context = ((Verdict.Valid) verify(parent)).tenant();

    IssuedApiKey child = keys.create(context, NewApiKey.live("child").scopes("flows:read"));

    assertThat(teams.teamsOf(acme, actor(child))).isEmpty();
  }

  @Test
  void anotherTenantsKeyIsAnUnknownKey() {
    Team team = teams.create(acme, "Payments");
    IssuedApiKey theirs = keys.create(globex, NewApiKey.live("theirs"));

    for (String id :
        List.of(theirs.key().id().value(), "key_unknown", "not an id", "x".repeat(200))) {
      Actor key = new Actor(Actor.Kind.API_KEY, id);
      assertThatThrownBy(() -> teams.addMember(acme, team.id(), key))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("api key not found");
      assertThat(teams.removeMember(acme, team.id(), key)).isFalse();
      assertThat(teams.teamsOf(acme, key)).isEmpty();
    }
    assertThat(teams.members(acme, team.id())).isEmpty();
  }

  @Test
  void anotherTenantsTeamIsAnUnknownTeam() {
    Team theirs = teams.create(globex, "Theirs");
    for (TeamId id : List.of(theirs.id(), TeamId.of("team_unknown"))) {
      List<ThrowingCallable> calls =
          List.of(
              () -> teams.get(acme, id),
              () -> teams.rename(acme, id, "Ours"),
              () -> teams.delete(acme, id),
              () -> teams.members(acme, id),
              () -> teams.addMember(acme, id, ADA),
              () -> teams.removeMember(acme, id, ADA));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call).isInstanceOf(NotFoundException.class).hasMessage("team not found");
      }
    }
    assertThat(teams.get(globex, theirs.id())).isEqualTo(theirs);
  }

  @Test
  void eachCallNeedsItsScope() {
    Team team = teams.create(acme, "Payments");
    TenantContext reader = acme.limitedTo(ScopeSet.of("teams:read"));
    TenantContext manager = acme.limitedTo(ScopeSet.of("teams:manage"));
    denied(
        "teams:manage",
        () -> teams.create(reader, "x"),
        () -> teams.rename(reader, team.id(), "x"),
        () -> teams.delete(reader, team.id()),
        () -> teams.addMember(reader, team.id(), ADA),
        () -> teams.removeMember(reader, team.id(), ADA));
    denied(
        "teams:read",
        () -> teams.get(manager, team.id()),
        () -> teams.list(manager, PageRequest.first(1)),
        () -> teams.members(manager, team.id()),
        () -> teams.teamsOf(manager, ADA));
    assertThat(teams.teamsOf(acme.limitedTo(ScopeSet.none()), acme.actor())).isEmpty();
    assertThat(teams.get(reader, team.id())).isEqualTo(team);
  }

  private static void denied(String scope, ThrowingCallable... calls) {
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("scope missing: " + scope);
    }
  }

  @Test
  void theHostItsOperatorsAndTheLibraryAreInNoTeam() {
    Team team = teams.create(acme, "Payments");
    for (Actor.Kind kind : List.of(Actor.Kind.HOST, Actor.Kind.OPERATOR, Actor.Kind.SYSTEM)) {
      Actor actor = new Actor(kind, "x");
      assertThatThrownBy(() -> teams.addMember(acme, team.id(), actor))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> teams.removeMember(acme, team.id(), actor))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void teamsAreListedPageByPage() {
    List<Team> made = List.of(teams.create(acme, "B"), teams.create(acme, "A"));
    teams.create(globex, "C");

    Page<Team> first = teams.list(acme, PageRequest.first(1));
    Page<Team> rest = teams.list(acme, PageRequest.first(5).after(first.next().orElseThrow()));

    assertThat(first.items()).containsExactly(made.get(0));
    assertThat(rest.items()).containsExactly(made.get(1));
    assertThat(rest.next()).isEmpty();
  }

  @Test
  void anUnknownOrganizationHasNoTeams() {
    TenantContext nobody =
        TenantContext.trusted(io.tenantkit.tenant.OrganizationId.of("nobody"), "x");
    assertThatThrownBy(() -> teams.create(nobody, "x"))
        .isInstanceOf(TenantkitException.class)
        .hasMessage("organization not found");
  }

  private List<AuditEvent> teamTrail() {
    return plane.audit().list(acme, PageRequest.first(1_000)).items().stream()
        .filter(event -> event.targetType().equals("team"))
        .toList();
  }

  private static Actor actor(IssuedApiKey key) {
    return new Actor(Actor.Kind.API_KEY, key.key().id().value());
  }
}
