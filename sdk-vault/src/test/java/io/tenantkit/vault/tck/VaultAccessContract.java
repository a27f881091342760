package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.Viewer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every storage shows each context what {@link Viewer#sees} says, and no plan's limit is passed.
 */
public abstract class VaultAccessContract extends VaultContract {
  private static final TeamId TEAM = TeamId.of("team_1");
  private static final TeamId OTHER_TEAM = TeamId.of("team_2");
  private static final Actor ADA = new Actor(Actor.Kind.USER, "ada");
  private static final Actor BOB = new Actor(Actor.Kind.USER, "bob");
  private static final Actor EVE = new Actor(Actor.Kind.USER, "eve");
  private static final Actor KEY = new Actor(Actor.Kind.API_KEY, "ada");
  private static final Actor BOT = new Actor(Actor.Kind.AGENT, "bot");
  private static final Actor STRAY = new Actor(Actor.Kind.AGENT, "stray");
  private static final List<Actor> MEMBERS = List.of(BOB, BOT);
  private static final String[] SCOPES = {"secrets:read", "secrets:use", "secrets:write"};

  /** Whose each secret is, and the secret. */
  private final Map<SecretId, Secret> all = new LinkedHashMap<>();

  @BeforeEach
  final void secretsOfAllLevels() {
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      TenantContext context = TenantContext.trusted(id, "contract");
      addTeam(context, TEAM, "One");
      addTeam(context, OTHER_TEAM, "Two");
    }
    MEMBERS.forEach(member -> addMember(acme, TEAM, member));
    addMember(acme, OTHER_TEAM, EVE);
    addMember(globex, TEAM, EVE);
    for (AccessLevel level : AccessLevel.values()) {
      for (Actor owner : List.of(ADA, KEY, STRAY)) {
        addShared(level, owner);
      }
    }
    addSecret(globex, "sec_theirs", ref("theirs"));
  }

  private void addShared(AccessLevel level, Actor owner) {
    int number = all.size();
    Secret bare = rows.secret(ACME, numbered(number), ref("s" + number));
    Secret secret = VaultSamples.ownedBy(bare, owner, level);
    SecretWrite write =
        SecretWrite.create(
            secret, rows.version(ACME, 1, "s" + number), samples.event(ACME, "secret.created"));
    assertThat(
            secrets.write(acme, level == AccessLevel.TEAM ? write.sharing(List.of(TEAM)) : write))
        .isTrue();
    all.put(secret.id(), secret);
  }

  private static String numbered(int number) {
    return String.format(Locale.ROOT, "sec_%02d", number);
  }

  private void addTeam(TenantContext context, TeamId id, String name) {
    stores
        .teams()
        .insert(
            context,
            new Team(id, context.organization(), name, "contract", Samples.NOW, Samples.NOW, 1),
            100,
            samples.event(context.organization(), Samples.CREATED_BY_SETUP));
  }

  private void addMember(TenantContext context, TeamId id, Actor member) {
    stores
        .teams()
        .addMember(
            context,
            id,
            new TeamMember(member, "contract", Samples.NOW),
            100,
            samples.event(context.organization(), Samples.CREATED_BY_SETUP));
  }

  private static TenantContext as(OrganizationId organization, Actor actor, String... more) {
    List<String> scopes = new ArrayList<>(List.of(SCOPES));
    scopes.addAll(List.of(more));
    return TenantContext.trusted(organization, actor)
        .limitedTo(ScopeSet.of(scopes.toArray(String[]::new)));
  }

  private static List<TenantContext> viewers() {
    Actor rotated = new Actor(Actor.Kind.API_KEY, "rotated");
    return List.of(
        as(ACME, ADA),
        as(ACME, BOB),
        as(ACME, EVE),
        as(ACME, KEY),
        as(ACME, BOT),
        as(ACME, STRAY),
        as(ACME, new Actor(Actor.Kind.HOST, "ada")),
        as(ACME, EVE, "secrets:manage"),
        as(ACME, STRAY, "secrets:*"),
        TenantContext.trusted(ACME, rotated, KEY).limitedTo(ScopeSet.of(SCOPES)),
        TenantContext.trusted(ACME, STRAY, ADA).limitedTo(ScopeSet.of(SCOPES)),
        TenantContext.trusted(ACME, EVE));
  }

  private List<Secret> seenBy(TenantContext context, boolean enterprise, List<Actor> members) {
    Viewer viewer = Viewer.of(context);
    return all.values().stream()
        .filter(
            secret ->
                viewer.sees(
                    secret.access(),
                    secret.owner(),
                    () -> members.contains(context.principal()),
                    () -> enterprise))
        .toList();
  }

  private void setPlan(String plan) {
    Organization before = stores.organizations().find(operator, ACME).orElseThrow();
    assertThat(
            stores
                .organizations()
                .update(
                    operator,
                    before.withSettings(before.settings().withPlan(plan), Samples.NOW),
                    before.version(),
                    samples.event(ACME, Samples.CREATED_BY_SETUP)))
        .isTrue();
  }

  @Test
  final void each_context_finds_what_it_sees_and_nothing_else() {
    for (String plan : List.of("enterprise", "free")) {
      setPlan(plan);
      for (TenantContext viewer : viewers()) {
        assertShown(viewer, seenBy(viewer, plan.equals("enterprise"), MEMBERS));
      }
    }
  }

  private void assertShown(TenantContext viewer, List<Secret> seen) {
    String who = viewer.actor() + " as " + viewer.principal() + " " + viewer.scopes();
    assertThat(secrets.list(viewer, null, 100)).as(who).isEqualTo(seen);
    assertThat(paged(viewer)).as(who).isEqualTo(seen);
    assertThat(secrets.search(viewer, SecretQuery.all(), Samples.NOW, null, 100))
        .as(who)
        .isEqualTo(seen);
    assertThat(secrets.search(viewer, SecretQuery.all().named("s"), Samples.NOW, null, 100))
        .as(who)
        .containsExactlyInAnyOrderElementsOf(seen);
    assertThat(
            secrets.search(viewer, SecretQuery.all().inProject("project"), Samples.NOW, null, 100))
        .as(who)
        .isEqualTo(seen);
    List<SecretRef> refs = all.values().stream().map(Secret::ref).toList();
    assertThat(secrets.findAll(viewer, refs)).as(who).containsExactlyInAnyOrderElementsOf(seen);
    for (Secret secret : all.values()) {
      boolean sees = seen.contains(secret);
      String what = who + " on " + secret.access() + " of " + secret.owner();
      int events = trail(acme).size();
      assertThat(secrets.find(viewer, secret.ref()).isPresent()).as(what).isEqualTo(sees);
      assertThat(secrets.versions(viewer, secret.id())).as(what).hasSize(sees ? 1 : 0);
      assertThat(open(viewer, secret.ref()).isPresent()).as(what).isEqualTo(sees);
      assertThat(trail(acme)).as(what).hasSize(events + (sees ? 1 : 0));
      assertThat(secrets.isTaken(viewer, secret.ref())).as(what).isTrue();
    }
  }

  /** Pages stay full: only the last has fewer than were asked for. */
  private List<Secret> paged(TenantContext viewer) {
    List<Secret> found = new ArrayList<>();
    List<Secret> page;
    do {
      String after = found.isEmpty() ? null : found.get(found.size() - 1).id().value();
      page = secrets.list(viewer, after, 2);
      found.addAll(page);
    } while (page.size() == 2);
    return found;
  }

  @Test
  final void a_search_goes_on_where_a_page_ended() {
    TenantContext viewer = as(ACME, BOB);
    List<Secret> seen = seenBy(viewer, true, MEMBERS);
    SecretQuery query = SecretQuery.all();
    SecretPlace after = SecretPlace.of(query.order(), seen.get(0));
    assertThat(secrets.search(viewer, query, Samples.NOW, after, 2)).isEqualTo(seen.subList(1, 3));
  }

  @Test
  final void what_is_not_seen_is_not_changed() {
    setPlan("free");
    for (Actor actor : List.of(EVE, STRAY, BOT)) {
      TenantContext viewer = as(ACME, actor);
      List<Secret> seen = seenBy(viewer, false, MEMBERS);
      for (Secret secret : all.values()) {
        if (seen.contains(secret)) {
          continue;
        }
        List<Object> before = everythingKept(acme);
        assertThat(secrets.write(viewer, touch(secret))).isFalse();
        assertThat(secrets.write(viewer, touch(secret).sharing(List.of(OTHER_TEAM)))).isFalse();
        assertThat(secrets.destroy(viewer, secret, samples.event(ACME, "destroyed"))).isFalse();
        assertThat(everythingKept(acme)).isEqualTo(before);
      }
    }
    Secret open =
        all.values().stream().filter(s -> s.access() == AccessLevel.PUBLIC).findAny().get();
    assertThat(secrets.write(as(ACME, STRAY), touch(open))).isTrue();
  }

  private SecretWrite touch(Secret secret) {
    return SecretWrite.change(secret, rows.changed(secret), samples.event(ACME, "secret.changed"));
  }

  @Test
  final void who_leaves_a_team_or_whose_team_is_deleted_sees_no_more() {
    assertThat(shared(BOB)).hasSize(3);
    stores.teams().removeMember(acme, TEAM, BOB, samples.event(ACME, "left"));
    assertThat(shared(BOB)).isEmpty();
    assertThat(shared(BOT)).hasSize(3);
    stores.teams().delete(acme, TEAM, samples.event(ACME, "deleted"));
    assertThat(shared(BOT)).isEmpty();
    assertThat(shared(ADA)).hasSize(1);
    shared(ADA).forEach(secret -> assertThat(secrets.teams(acme, secret.id())).isEmpty());
  }

  private List<Secret> shared(Actor actor) {
    return secrets.list(as(ACME, actor), null, 100).stream()
        .filter(secret -> secret.access() == AccessLevel.TEAM)
        .toList();
  }

  @Test
  final void teams_are_replaced_whole() {
    Secret secret = shared(ADA).get(0);
    assertThat(secrets.teams(acme, secret.id())).containsExactly(TEAM);
    assertThat(secrets.write(as(ACME, ADA), touch(secret).sharing(List.of(OTHER_TEAM, TEAM))))
        .isTrue();
    assertThat(secrets.teams(acme, secret.id())).containsExactly(TEAM, OTHER_TEAM);
    assertThat(shared(EVE)).hasSize(1);
    Secret after = secrets.find(acme, secret.ref()).orElseThrow();
    assertThat(secrets.write(acme, touch(after).sharing(List.of()))).isTrue();
    assertThat(secrets.teams(acme, secret.id())).isEmpty();
    assertThat(secrets.teams(globex, secret.id())).isEmpty();
  }

  @Test
  final void another_tenants_team_is_no_team_to_share_with() {
    TeamId theirs = TeamId.of("team_theirs");
    addTeam(globex, theirs, "Theirs");
    addMember(globex, theirs, EVE);
    Secret secret = shared(ADA).get(0);
    List<Object> before = everythingKept(acme);
    for (TeamId id : List.of(theirs, TeamId.of("team_unknown"))) {
      assertThat(secrets.write(acme, touch(secret).sharing(List.of(id)))).isFalse();
      Secret fresh = rows.secret(ACME, "sec_fresh", ref("fresh"));
      assertThat(
              secrets.write(
                  acme,
                  SecretWrite.create(fresh, rows.version(ACME, 1, "x"), samples.event(ACME, "x"))
                      .sharing(List.of(id))))
          .isFalse();
    }
    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(secrets.teams(acme, secret.id())).containsExactly(TEAM);
  }

  @Test
  final void a_team_of_the_same_id_elsewhere_shares_nothing_here() {
    assertThat(secrets.list(as(GLOBEX, EVE), null, 100)).isEmpty();
    assertThat(shared(EVE)).isEmpty();
    assertThat(secrets.list(as(GLOBEX, ADA), null, 100)).isEmpty();
    stores.teams().delete(globex, TEAM, samples.event(GLOBEX, "deleted"));
    assertThat(shared(BOB)).hasSize(3);
  }

  private Optional<String> refusal(List<SecretRef> refs, PlanLimits limits) {
    Plans plans = Plans.of(Map.of("enterprise", limits));
    List<SecretWrite> writes = new ArrayList<>();
    for (SecretRef ref : refs) {
      Secret secret =
          rows.secret(ACME, "sec_new_" + ref.project() + ref.environment() + ref.name(), ref);
      writes.add(
          SecretWrite.create(
                  secret, rows.version(ACME, 1, "new"), samples.event(ACME, "secret.created"))
              .heldTo(plans));
    }
    try {
      assertThat(secrets.writeAll(acme, writes)).isTrue();
      return Optional.empty();
    } catch (PlanLimitReachedException e) {
      return Optional.of(e.limit() + " " + e.bound());
    }
  }

  @Test
  final void a_plan_holds_what_is_added_and_nothing_else() {
    int there = all.size();
    List<Object> before = everythingKept(acme);
    SecretRef other = SecretRef.of("other", Environment.PRODUCTION, "n");
    SecretRef staging = SecretRef.of("project", Environment.STAGING, "n");

    assertThat(refusal(List.of(ref("n1")), new PlanLimits(there, 9, 3, 9)))
        .contains("secrets " + there);
    assertThat(refusal(List.of(ref("n1"), ref("n2")), new PlanLimits(there + 1, 9, 3, 9)))
        .contains("secrets " + (there + 1));
    assertThat(refusal(List.of(other), new PlanLimits(99, 1, 3, 9))).contains("projects 1");
    assertThat(refusal(List.of(staging), new PlanLimits(99, 9, 1, 9))).contains("environments 1");
    assertThat(everythingKept(acme)).isEqualTo(before);

    assertThat(refusal(List.of(ref("n1")), new PlanLimits(there + 1, 1, 1, 9))).isEmpty();
    // What is there stays, and more of it may be added where that makes no more of what is limited.
    assertThat(refusal(List.of(ref("n2")), new PlanLimits(99, 0, 0, 9))).isEmpty();
    assertThat(refusal(List.of(other, staging), new PlanLimits(99, 2, 2, 9))).isEmpty();
    assertThat(secrets.write(acme, touch(all.values().iterator().next()))).isTrue();
    assertThat(refusal(List.of(ref("n3")), PlanLimits.unlimited())).isEmpty();
  }

  /** Nobody who has an integration or a webhook has given up a project or an environment for it. */
  @Test
  final void what_the_library_keeps_is_no_project_and_no_environment_of_the_tenant() {
    int there = all.size();
    for (String project : List.of("livekit", "integrations", "webhooks")) {
      SecretRef ref = SecretRef.of(project, Environment.DEVELOPMENT, "n");
      assertThat(refusal(List.of(ref), new PlanLimits(99, 1, 1, 9))).as(project).isEmpty();
    }
    SecretRef second = SecretRef.of("second", Environment.STAGING, "n");
    assertThat(refusal(List.of(second), new PlanLimits(99, 2, 2, 9))).isEmpty();
    SecretRef third = SecretRef.of("third", Environment.STAGING, "n");
    assertThat(refusal(List.of(third), new PlanLimits(99, 2, 2, 9))).contains("projects 2");
    SecretRef development = SecretRef.of("second", Environment.DEVELOPMENT, "n");
    assertThat(refusal(List.of(development), new PlanLimits(99, 2, 2, 9)))
        .as("the library's there does not make room either")
        .contains("environments 2");
    // They are secrets, though: else a limit of secrets would have a way around it.
    SecretRef credential = SecretRef.of("integrations", Environment.PRODUCTION, "n");
    assertThat(refusal(List.of(credential), new PlanLimits(there + 4, 9, 3, 9)))
        .contains("secrets " + (there + 4));
  }

  @Test
  final void an_unknown_plan_gets_the_least() {
    setPlan("gold");
    assertThat(refusal(List.of(ref("n1")), new PlanLimits(1, 9, 3, 9))).contains("secrets 1");
  }

  @Test
  final void however_many_add_at_once_no_limit_is_passed() {
    int there = all.size();
    PlanLimits limits = new PlanLimits(there + 5, 9, 3, 9);

    List<Optional<String>> refusals =
        Race.of(16, 64, i -> refusal(List.of(ref(numbered(i) + "n")), limits));

    assertThat(Collections.frequency(refusals, Optional.empty())).isEqualTo(5);
    assertThat(refusals).containsOnly(Optional.empty(), Optional.of("secrets " + (there + 5)));
    assertThat(secrets.list(acme, null, 1_000)).hasSize(there + 5);
  }
}
