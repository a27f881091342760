package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.TeamStore.Outcome;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.TenantContext;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link TeamStore} promises. */
public abstract class TeamStoreContract extends StorageContract {
  private static final int MOST = 1_000;
  private static final int CALLS = 64;
  private static final Actor ADA = new Actor(Actor.Kind.USER, "https://login.test#ada");
  private static final Actor KEY = new Actor(Actor.Kind.API_KEY, "key_1");
  private static final Actor BOT = new Actor(Actor.Kind.AGENT, "böt");

  private TeamStore teams;

  @BeforeEach
  final void findStore() {
    teams = stores.teams();
  }

  @Test
  final void a_team_is_found_as_it_was_added() {
    Team team = add(acme, "team_1", "Payments – Zürich");

    assertThat(teams.find(acme, team.id())).contains(team);
    assertThat(teams.find(acme, TeamId.of("team_2"))).isEmpty();
    assertThat(actions(acme)).containsExactly("team.added");
  }

  @Test
  final void a_name_is_one_teams_character_by_character() {
    add(acme, "team_1", "Payments");

    assertThat(insert(acme, "team_2", "Payments")).isEqualTo(Outcome.NAME_TAKEN);
    assertThat(insert(acme, "team_3", "payments")).isEqualTo(Outcome.DONE);
    assertThat(insert(globex, "team_4", "Payments")).isEqualTo(Outcome.DONE);
    assertThat(actions(acme)).containsExactly("team.added", "team.added");
    assertThat(ids(acme)).containsExactly("team_1", "team_3");
  }

  @Test
  final void an_organization_must_exist() {
    assertThatThrownBy(() -> insert(nobody, "team_1", "Payments"))
        .isInstanceOf(NotFoundException.class);
    assertThat(teams.list(nobody, null, 10)).isEmpty();
    assertThat(teams.delete(nobody, TeamId.of("team_1"), samples.event(NOBODY, "x"))).isFalse();
    assertThat(addMember(nobody, "team_1", ADA, MOST)).isEqualTo(Outcome.UNKNOWN);
    assertThat(removeMember(nobody, "team_1", ADA)).isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  final void a_failed_audit_row_takes_the_change_with_it() {
    add(acme, "team_1", "Payments");
    AuditEvent taken = samples.event(ACME, "taken");
    stores.audit().append(acme, taken);

    assertThatThrownBy(() -> teams.insert(acme, row(ACME, "team_2", "Other"), MOST, taken))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> teams.delete(acme, TeamId.of("team_1"), taken))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> teams.addMember(acme, TeamId.of("team_1"), member(ADA), MOST, taken))
        .isInstanceOf(TenantkitException.class);

    assertThat(ids(acme)).containsExactly("team_1");
    assertThat(members(acme, "team_1")).isEmpty();
  }

  @Test
  final void a_change_finds_the_version_it_expects_and_a_free_name() {
    Team before = add(acme, "team_1", "Payments");
    add(acme, "team_2", "Sales");
    Team renamed = renamed(before, "Billing", 2);

    assertThat(update(acme, renamed, 2)).isEqualTo(Outcome.UNKNOWN);
    assertThat(update(acme, renamed(before, "Sales", 2), 1)).isEqualTo(Outcome.NAME_TAKEN);
    assertThat(update(acme, renamed(row(ACME, "team_3", "x"), "x", 2), 1))
        .isEqualTo(Outcome.UNKNOWN);
    assertThat(teams.find(acme, before.id())).contains(before);
    assertThat(actions(acme)).containsExactly("team.added", "team.added");

    assertThat(update(acme, renamed, 1)).isEqualTo(Outcome.DONE);
    assertThat(teams.find(acme, before.id())).contains(renamed);
    assertThat(update(acme, renamed(renamed, "Billing", 3), 2)).isEqualTo(Outcome.DONE);
    assertThat(actions(acme)).endsWith("team.changed", "team.changed");
    assertThat(insert(acme, "team_4", "Payments")).isEqualTo(Outcome.DONE);
  }

  @Test
  final void a_member_is_added_and_removed_once() {
    add(acme, "team_1", "Payments");

    assertThat(addMember(acme, "team_1", ADA, MOST)).isEqualTo(Outcome.DONE);
    assertThat(addMember(acme, "team_1", ADA, MOST)).isEqualTo(Outcome.UNCHANGED);
    assertThat(addMember(acme, "team_1", BOT, MOST)).isEqualTo(Outcome.DONE);
    assertThat(addMember(acme, "team_2", ADA, MOST)).isEqualTo(Outcome.UNKNOWN);
    assertThat(members(acme, "team_1")).containsExactly(BOT, ADA);
    assertThat(teams.members(acme, TeamId.of("team_1"), 1)).containsExactly(member(BOT));

    assertThat(removeMember(acme, "team_1", ADA)).isEqualTo(Outcome.DONE);
    assertThat(removeMember(acme, "team_1", ADA)).isEqualTo(Outcome.UNCHANGED);
    assertThat(removeMember(acme, "team_2", ADA)).isEqualTo(Outcome.UNKNOWN);
    assertThat(members(acme, "team_1")).containsExactly(BOT);
    assertThat(actions(acme))
        .containsExactly("team.added", "member.added", "member.added", "member.removed");
  }

  @Test
  final void actors_of_one_id_and_two_kinds_are_two_members() {
    add(acme, "team_1", "Payments");
    Actor person = new Actor(Actor.Kind.USER, KEY.id());

    addMember(acme, "team_1", KEY, MOST);

    assertThat(members(acme, "team_1")).containsExactly(KEY);
    assertThat(teams.teamsOf(acme, person, 10)).isEmpty();
    assertThat(removeMember(acme, "team_1", person)).isEqualTo(Outcome.UNCHANGED);
    assertThat(addMember(acme, "team_1", person, MOST)).isEqualTo(Outcome.DONE);
  }

  @Test
  final void somebodys_teams_are_listed_by_id() {
    for (String id : List.of("team_3", "team_1", "team_2")) {
      add(acme, id, "Name of " + id);
    }
    addMember(acme, "team_3", ADA, MOST);
    addMember(acme, "team_1", ADA, MOST);
    addMember(acme, "team_2", KEY, MOST);
    add(globex, "team_1", "Theirs");
    addMember(globex, "team_1", ADA, MOST);

    assertThat(teams.teamsOf(acme, ADA, 10))
        .extracting(team -> team.id().value())
        .containsExactly("team_1", "team_3");
    assertThat(teams.teamsOf(acme, ADA, 1)).hasSize(1);
    assertThat(teams.teamsOf(acme, BOT, 10)).isEmpty();
    assertThat(teams.teamsOf(globex, ADA, 10)).extracting(Team::name).containsExactly("Theirs");
  }

  @Test
  final void with_a_team_its_members_go() {
    add(acme, "team_1", "Payments");
    addMember(acme, "team_1", ADA, MOST);

    assertThat(delete(acme, "team_1")).isTrue();
    assertThat(delete(acme, "team_1")).isFalse();
    assertThat(teams.teamsOf(acme, ADA, 10)).isEmpty();
    assertThat(members(acme, "team_1")).isEmpty();
    add(acme, "team_1", "Payments");
    assertThat(members(acme, "team_1")).isEmpty();
  }

  @Test
  final void teams_and_members_are_bounded() {
    assertThat(insert(acme, "team_1", "One", 2)).isEqualTo(Outcome.DONE);
    assertThat(insert(acme, "team_2", "Two", 2)).isEqualTo(Outcome.DONE);
    add(globex, "team_1", "Theirs");
    assertThat(insert(acme, "team_3", "Three", 2)).isEqualTo(Outcome.FULL);
    assertThat(insert(acme, "team_3", "Two", 2)).isEqualTo(Outcome.NAME_TAKEN);
    assertThat(addMember(acme, "team_2", KEY, 1)).isEqualTo(Outcome.DONE);
    assertThat(addMember(acme, "team_1", ADA, 1)).isEqualTo(Outcome.DONE);
    assertThat(addMember(acme, "team_1", BOT, 1)).isEqualTo(Outcome.FULL);
    assertThat(addMember(acme, "team_1", ADA, 1)).isEqualTo(Outcome.UNCHANGED);
    assertThat(ids(acme)).containsExactly("team_1", "team_2");
    assertThat(members(acme, "team_1")).containsExactly(ADA);
  }

  @Test
  final void another_tenants_team_is_an_unknown_one() {
    add(globex, "team_1", "Theirs");
    addMember(globex, "team_1", KEY, MOST);
    List<AuditEvent> before = trail(globex);

    assertThat(teams.find(acme, TeamId.of("team_1"))).isEmpty();
    assertThat(teams.list(acme, null, 10)).isEmpty();
    assertThat(members(acme, "team_1")).isEmpty();
    assertThat(teams.teamsOf(acme, KEY, 10)).isEmpty();
    assertThat(addMember(acme, "team_1", ADA, MOST)).isEqualTo(Outcome.UNKNOWN);
    assertThat(removeMember(acme, "team_1", KEY)).isEqualTo(Outcome.UNKNOWN);
    assertThat(update(acme, renamed(row(ACME, "team_1", "Theirs"), "Ours", 2), 1))
        .isEqualTo(Outcome.UNKNOWN);
    assertThat(delete(acme, "team_1")).isFalse();

    assertThat(trail(globex)).isEqualTo(before);
    assertThat(actions(acme)).isEmpty();
    assertThat(ids(globex)).containsExactly("team_1");
    assertThat(members(globex, "team_1")).containsExactly(KEY);
  }

  @Test
  final void one_id_in_two_organizations_is_two_teams() {
    add(acme, "team_1", "Ours");
    add(globex, "team_1", "Theirs");
    addMember(acme, "team_1", ADA, MOST);
    addMember(globex, "team_1", KEY, MOST);

    assertThat(delete(acme, "team_1")).isTrue();

    assertThat(members(globex, "team_1")).containsExactly(KEY);
    assertThat(ids(globex)).containsExactly("team_1");
  }

  @Test
  final void rows_and_events_of_another_organization_are_refused() {
    Team foreign = row(GLOBEX, "team_1", "x");
    Team own = row(ACME, "team_1", "x");
    refused(() -> teams.insert(acme, foreign, MOST, samples.event(ACME, "x")));
    refused(() -> teams.insert(acme, own, MOST, samples.event(GLOBEX, "x")));
    refused(() -> teams.update(acme, foreign, 1, samples.event(ACME, "x")));
    refused(() -> teams.update(acme, own, 1, samples.event(GLOBEX, "x")));
    refused(() -> teams.delete(acme, own.id(), samples.event(GLOBEX, "x")));
    refused(() -> teams.addMember(acme, own.id(), member(ADA), MOST, samples.event(GLOBEX, "x")));
    refused(() -> teams.removeMember(acme, own.id(), ADA, samples.event(GLOBEX, "x")));
    assertThat(actions(acme)).isEmpty();
    assertThat(actions(globex)).isEmpty();
  }

  private static void refused(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(TenantkitException.class);
  }

  @Test
  final void changes_join_the_hosts_transaction() {
    add(acme, "team_1", "Payments");
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    joined -> {
                      add(joined, "team_2", "Sales");
                      assertThat(insert(joined, "team_3", "Sales")).isEqualTo(Outcome.NAME_TAKEN);
                      assertThat(addMember(joined, "team_1", ADA, MOST)).isEqualTo(Outcome.DONE);
                      assertThat(addMember(joined, "team_2", ADA, MOST)).isEqualTo(Outcome.DONE);
                      assertThat(teams.teamsOf(joined, ADA, 10)).hasSize(2);
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
    assertThat(ids(acme)).containsExactly("team_1");
    assertThat(members(acme, "team_1")).isEmpty();

    harness.inTransaction(
        acme,
        joined -> {
          assertThat(insert(joined, "team_3", "Payments")).isEqualTo(Outcome.NAME_TAKEN);
          return addMember(joined, "team_1", ADA, MOST);
        });
    assertThat(members(acme, "team_1")).containsExactly(ADA);
    assertThat(actions(acme)).containsExactly("team.added", "member.added");
  }

  @Test
  final void of_many_who_want_a_name_one_gets_it() {
    List<Outcome> outcomes = Race.of(16, CALLS, i -> insert(acme, numbered(i), "Payments"));

    assertThat(Collections.frequency(outcomes, Outcome.DONE)).isEqualTo(1);
    assertThat(outcomes).containsOnly(Outcome.DONE, Outcome.NAME_TAKEN);
    assertThat(ids(acme)).containsExactly(numbered(outcomes.indexOf(Outcome.DONE)));
    assertThat(actions(acme)).containsExactly("team.added");
  }

  @Test
  final void of_many_who_rename_to_one_name_one_does() {
    List<Team> before = new java.util.ArrayList<>();
    for (int i = 0; i < 16; i++) {
      before.add(add(acme, numbered(i), "Team " + i));
    }

    List<Outcome> outcomes =
        Race.of(16, 16, i -> update(acme, renamed(before.get(i), "Payments", 2), 1));

    assertThat(Collections.frequency(outcomes, Outcome.DONE)).isEqualTo(1);
    assertThat(outcomes).containsOnly(Outcome.DONE, Outcome.NAME_TAKEN);
    assertThat(teams.list(acme, null, 100))
        .filteredOn(team -> team.name().equals("Payments"))
        .hasSize(1);
  }

  @Test
  final void bounds_hold_however_many_add_at_once() {
    List<Outcome> made = Race.of(16, CALLS, i -> insert(acme, numbered(i), "Team " + i, 5));
    assertThat(Collections.frequency(made, Outcome.DONE)).isEqualTo(5);
    assertThat(made).containsOnly(Outcome.DONE, Outcome.FULL);
    assertThat(ids(acme)).hasSize(5);
    String team = ids(acme).get(0);

    List<Outcome> added =
        Race.of(16, CALLS, i -> addMember(acme, team, new Actor(Actor.Kind.USER, "user " + i), 7));
    assertThat(Collections.frequency(added, Outcome.DONE)).isEqualTo(7);
    assertThat(added).containsOnly(Outcome.DONE, Outcome.FULL);
    assertThat(members(acme, team)).hasSize(7);
    assertThat(actions(acme)).hasSize(5 + 7);
  }

  @Test
  final void of_many_who_add_one_member_one_does() {
    add(acme, "team_1", "Payments");

    List<Outcome> outcomes = Race.of(16, CALLS, i -> addMember(acme, "team_1", ADA, MOST));

    assertThat(Collections.frequency(outcomes, Outcome.DONE)).isEqualTo(1);
    assertThat(outcomes).containsOnly(Outcome.DONE, Outcome.UNCHANGED);
    assertThat(actions(acme)).containsExactly("team.added", "member.added");
  }

  @Test
  final void a_team_that_is_deleted_meanwhile_takes_nobody() {
    for (int round = 0; round < 10; round++) {
      String team = numbered(round);
      add(acme, team, "Team " + round);
      ConcurrentLinkedQueue<Outcome> added = new ConcurrentLinkedQueue<>();
      List<Boolean> deleted =
          Race.of(
              8,
              8,
              i -> {
                if (i == 3 || i == 5) {
                  return delete(acme, team);
                }
                added.add(addMember(acme, team, new Actor(Actor.Kind.USER, "user " + i), MOST));
                return false;
              });

      assertThat(Collections.frequency(deleted, true)).isEqualTo(1);
      assertThat(added).hasSize(6).containsAnyOf(Outcome.DONE, Outcome.UNKNOWN);
      assertThat(added).doesNotContain(Outcome.UNCHANGED, Outcome.FULL);
      assertThat(members(acme, team)).isEmpty();
      // The trail tells the same: what was done was done before the team went.
      List<String> actions = actions(acme);
      assertThat(actions.get(actions.size() - 1)).isEqualTo("team.deleted");
    }
  }

  private static String numbered(int number) {
    return String.format(Locale.ROOT, "team_%04d", number);
  }

  private Team add(TenantContext context, String id, String name) {
    Team added = row(context.organization(), id, name);
    assertThat(
            teams.insert(context, added, MOST, samples.event(context.organization(), "team.added")))
        .isEqualTo(Outcome.DONE);
    return added;
  }

  private Outcome insert(TenantContext context, String id, String name) {
    return insert(context, id, name, MOST);
  }

  private Outcome insert(TenantContext context, String id, String name, int most) {
    return teams.insert(
        context,
        row(context.organization(), id, name),
        most,
        samples.event(context.organization(), "team.added"));
  }

  private Outcome update(TenantContext context, Team changed, long expected) {
    return teams.update(
        context, changed, expected, samples.event(context.organization(), "team.changed"));
  }

  private boolean delete(TenantContext context, String id) {
    return teams.delete(
        context, TeamId.of(id), samples.event(context.organization(), "team.deleted"));
  }

  private Outcome addMember(TenantContext context, String id, Actor actor, int most) {
    return teams.addMember(
        context,
        TeamId.of(id),
        member(actor),
        most,
        samples.event(context.organization(), "member.added"));
  }

  private Outcome removeMember(TenantContext context, String id, Actor actor) {
    return teams.removeMember(
        context, TeamId.of(id), actor, samples.event(context.organization(), "member.removed"));
  }

  private List<Actor> members(TenantContext context, String id) {
    return teams.members(context, TeamId.of(id), MOST).stream().map(TeamMember::actor).toList();
  }

  private List<String> ids(TenantContext context) {
    return teams.list(context, null, MOST).stream().map(team -> team.id().value()).toList();
  }

  private static TeamMember member(Actor actor) {
    return new TeamMember(actor, "contract", Samples.NOW);
  }

  private static Team row(OrganizationId organization, String id, String name) {
    return new Team(TeamId.of(id), organization, name, "contract", Samples.NOW, Samples.NOW, 1);
  }

  private static Team renamed(Team before, String name, long version) {
    return new Team(
        before.id(),
        before.organization(),
        name,
        before.createdBy(),
        before.createdAt(),
        Samples.NOW.plusSeconds(version),
        version);
  }
}
