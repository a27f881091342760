package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.ACME;
import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.Viewer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom secrets are for, through every operation of the vault. */
class VaultAccessTest {
  private static final Actor OWNER = new Actor(Actor.Kind.USER, "owner");
  private static final Actor MEMBER = new Actor(Actor.Kind.USER, "member");
  private static final Actor OTHER = new Actor(Actor.Kind.USER, "other");
  private static final Actor AGENT = new Actor(Actor.Kind.AGENT, "agent");
  private static final Actor MEMBER_AGENT = new Actor(Actor.Kind.AGENT, "member");
  private static final String[] ALL = {"secrets:read", "secrets:use", "secrets:write"};

  /** The columns of the table. */
  private static final List<Actor> WHO = List.of(OWNER, MEMBER, OTHER, AGENT);

  private final VaultHouse house = new VaultHouse();
  private final SecretVault vault = house.vault;
  private final Operator operator = Operator.trusted("operator", "tests");
  private TeamId team;

  @BeforeEach
  void aTeam() {
    team = house.plane.teams().create(house.acme, "Team").id();
    house.plane.teams().addMember(house.acme, team, MEMBER);
    house.plane.teams().addMember(house.acme, team, MEMBER_AGENT);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static TenantContext as(Actor actor, String... scopes) {
    return TenantContext.trusted(ACME, actor)
        .limitedTo(ScopeSet.of(scopes.length == 0 ? ALL : scopes));
  }

  private static String cell(AccessLevel level, Actor actor) {
    Viewer viewer = Viewer.of(as(actor));
    boolean member = actor.equals(MEMBER);
    boolean without = viewer.sees(level, OWNER, () -> member, () -> false);
    boolean with = viewer.sees(level, OWNER, () -> member, () -> true);
    return without == with ? (with ? "yes" : "no") : "enterprise";
  }

  private static List<String> cells(AccessLevel level) {
    List<String> cells = new ArrayList<>();
    Viewer manager = Viewer.of(as(OTHER, "secrets:manage"));
    cells.add(manager.sees(level, OWNER, () -> false, () -> false) ? "yes" : "no");
    for (Actor actor : WHO) {
      cells.add(
          level == AccessLevel.ENTERPRISE && actor.equals(OWNER) ? "yes" : cell(level, actor));
    }
    return cells;
  }

  /** The table of the threat model and that of the Javadoc are what the code decides. */
  @Test
  void theTablesAreWhatIsDecided() throws IOException {
    String page = read(Path.of("..", "SECURITY.md"));
    String source = read(Path.of("src/main/java/io/tenantkit/vault/AccessLevel.java"));
    for (AccessLevel level : AccessLevel.values()) {
      List<String> cells = cells(level);
      assertThat(page).contains("| `" + level + "` | " + String.join(" | ", cells) + " |\n");
      assertThat(source)
          .contains("<tr><td>{@code " + level + "}<td>" + String.join("<td>", cells) + "\n");
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  static Stream<VaultCalls.Operation> operations() {
    return VaultCalls.onASecret().stream();
  }

  /** Each cell of the table through each operation: it works, or answers as for an unknown one. */
  @ParameterizedTest
  @MethodSource("operations")
  void everyOperationIsHeldToTheTable(VaultCalls.Operation operation) {
    int tried = 0;
    for (AccessLevel level : AccessLevel.values()) {
      for (String plan : List.of("free", Plans.ENTERPRISE)) {
        house
            .plane
            .organizations()
            .configure(operator, ACME, OrganizationSettings.defaults().withPlan(plan));
        List<String> cells = cells(level);
        for (Actor actor : WHO) {
          String cell = cells.get(1 + WHO.indexOf(actor));
          boolean sees = cell.equals("yes") || (!cell.equals("no") && cell.equals(plan));
          SecretRef place = ref("s" + tried++);
          putShared(place, level);
          assertAnswer(operation, as(actor), place, level, sees);
        }
        SecretRef place = ref("s" + tried++);
        putShared(place, level);
        assertAnswer(operation, as(OTHER, "secrets:*"), place, level, true);
      }
    }
  }

  private void putShared(SecretRef place, AccessLevel level) {
    vault.put(as(OWNER), place, value("v"));
    Sharing sharing = level == AccessLevel.TEAM ? Sharing.withTeams(team) : Sharing.of(level);
    vault.share(house.acme, place, sharing);
  }

  private void assertAnswer(
      VaultCalls.Operation operation,
      TenantContext context,
      SecretRef place,
      AccessLevel level,
      boolean sees) {
    List<Object> before = house.written();
    Throwable thrown = catchThrowable(() -> operation.call().on(vault, context, place));
    String what = operation + " of " + level + " by " + context.actor();
    if (sees) {
      if (operation.name().equals("share")
          && !context.actor().equals(OWNER)
          && context.scopes().toList().size() > 1) {
        assertThat(thrown).as(what).isInstanceOf(AccessDeniedException.class);
      } else {
        assertThat(thrown).as(what).isNull();
      }
    } else if (operation.name().startsWith("put")) {
      assertThat(thrown)
          .as(what)
          .isInstanceOf(ConflictException.class)
          .hasMessage("the name is taken");
    } else {
      Throwable unknown = catchThrowable(() -> operation.call().on(vault, context, ref("unknown")));
      assertThat(thrown).as(what).isInstanceOf(NotFoundException.class).hasSameClassAs(unknown);
      assertThat(thrown).as(what).hasMessage(unknown.getMessage()).hasNoCause();
    }
    if (!sees) {
      assertThat(house.written()).as(what).isEqualTo(before);
    }
  }

  @Test
  void aMemberThatIsAnAgentSeesWhatTheTeamShares() {
    putShared(REF, AccessLevel.TEAM);
    assertThat(house.reveal(as(MEMBER_AGENT), REF)).isEqualTo("v");
    house.plane.teams().removeMember(house.acme, team, MEMBER_AGENT);
    assertThatThrownBy(() -> house.reveal(as(MEMBER_AGENT), REF))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void whatIsPutIsPrivateUntilItIsShared() {
    Secret secret = vault.put(as(OWNER), REF, value("v"));

    assertThat(secret.owner()).isEqualTo(OWNER);
    assertThat(secret.access()).isEqualTo(AccessLevel.PRIVATE);
    assertThat(vault.sharing(as(OWNER), REF)).isEqualTo(Sharing.privately());
    assertThatThrownBy(() -> vault.get(as(MEMBER), REF)).isInstanceOf(NotFoundException.class);
    Secret shared = vault.share(as(OWNER), REF, Sharing.withTeams(team));
    assertThat(shared.revision()).isEqualTo(secret.revision() + 1);
    assertThat(vault.get(as(MEMBER), REF)).isEqualTo(shared);
    assertThat(vault.sharing(as(MEMBER), REF)).isEqualTo(Sharing.withTeams(team));
    vault.share(as(OWNER), REF, Sharing.privately());
    assertThatThrownBy(() -> vault.get(as(MEMBER), REF)).isInstanceOf(NotFoundException.class);
    assertThat(vault.sharing(as(OWNER), REF)).isEqualTo(Sharing.privately());
  }

  @Test
  void sharingIsInTheTrailOnceForEachChange() {
    vault.put(as(OWNER), REF, value("v"));
    Secret shared = vault.share(as(OWNER), REF, Sharing.withTeams(team));
    int before = house.trail(house.acme).size();
    AuditEvent event = house.last(house.acme);

    assertThat(event.action()).isEqualTo("secret.shared");
    assertThat(event.actor()).isEqualTo(OWNER);
    assertThat(event.details())
        .containsEntry("access", "TEAM")
        .containsEntry("access_before", "PRIVATE")
        .containsEntry("teams", team.value())
        .containsEntry("teams_before", "");
    assertThat(vault.share(as(OWNER), REF, Sharing.withTeams(team))).isEqualTo(shared);
    assertThat(house.trail(house.acme)).hasSize(before);
  }

  @Test
  void onlyTheOwnerAndManagersShare() {
    vault.put(as(OWNER), REF, NewSecret.of(value("v")).sharedWith(Sharing.withOrganization()));
    assertThatThrownBy(() -> vault.share(as(OTHER), REF, Sharing.privately()))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> vault.share(as(OWNER, "secrets:use"), REF, Sharing.privately()))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("scope missing: secrets:write");
    assertThatThrownBy(() -> vault.share(as(OWNER), REF, Sharing.of(AccessLevel.ADMIN)))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("scope missing: secrets:manage");
    assertThatThrownBy(
            () ->
                vault.put(
                    as(OWNER),
                    ref("admins"),
                    NewSecret.of(value("v")).sharedWith(Sharing.of(AccessLevel.ADMIN))))
        .isInstanceOf(AccessDeniedException.class);
    vault.share(as(OTHER, "secrets:manage"), REF, Sharing.of(AccessLevel.ADMIN));
    assertThatThrownBy(() -> vault.get(as(OWNER), REF)).isInstanceOf(NotFoundException.class);
    assertThat(vault.get(house.acme, REF).access()).isEqualTo(AccessLevel.ADMIN);
  }

  @Test
  void anUnknownTeamAndAnotherTenantsAreAlike() {
    TeamId theirs = house.plane.teams().create(house.globex, "Theirs").id();
    vault.put(as(OWNER), REF, value("v"));
    List<Object> before = house.written();
    for (TeamId id : List.of(theirs, TeamId.of("team_unknown"))) {
      assertThatThrownBy(() -> vault.share(as(OWNER), REF, Sharing.withTeams(team, id)))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("team not found");
      assertThatThrownBy(
              () ->
                  vault.put(
                      as(OWNER),
                      ref("new"),
                      NewSecret.of(value("v")).sharedWith(Sharing.withTeams(id))))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("team not found");
    }
    assertThat(house.written()).isEqualTo(before);
  }

  /** Neither overwritten nor told of more than that the name is taken, whatever is expected. */
  @Test
  void aPutOnWhatIsNotSeenTellsThatTheNameIsTaken() {
    vault.put(as(OWNER), REF, NewSecret.of("other-type", Map.of("value", value("v"))));
    vault.put(as(OWNER), REF, NewSecret.of("other-type", Map.of("value", value("v"))));
    List<Object> before = house.written();
    List<NewSecret> puts =
        List.of(
            NewSecret.of(value("x")),
            NewSecret.of(value("x")).onlyNew(),
            NewSecret.of(value("x")).onlyAfter(1),
            NewSecret.of(value("x")).onlyAfter(2),
            NewSecret.of("other-type", Map.of("value", value("x"))),
            NewSecret.of(value("x")).asPending());
    for (NewSecret put : puts) {
      assertTaken(() -> vault.put(as(OTHER), REF, put));
      assertTaken(
          () -> vault.putAll(as(OTHER), Map.of(REF, put, ref("new"), NewSecret.of(value("n")))));
    }
    assertThat(house.written()).isEqualTo(before);
    vault.delete(as(OWNER), REF);
    assertTaken(() -> vault.put(as(OTHER), REF, value("x")));
    assertThatThrownBy(() -> vault.undelete(as(OTHER), REF)).isInstanceOf(NotFoundException.class);
  }

  private static void assertTaken(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(ConflictException.class)
        .hasMessage("the name is taken")
        .hasNoCause();
  }

  @Test
  void whoOnlySeesWritesAVersionAndLeavesOwnerAndSharing() {
    vault.put(as(OWNER), REF, value("v"));
    vault.share(as(OWNER), REF, Sharing.withTeams(team));

    Secret after =
        vault.put(as(MEMBER), REF, NewSecret.of(value("w")).sharedWith(Sharing.withOrganization()));

    assertThat(after.owner()).isEqualTo(OWNER);
    assertThat(after.access()).isEqualTo(AccessLevel.TEAM);
    assertThat(vault.sharing(as(OWNER), REF)).isEqualTo(Sharing.withTeams(team));
    assertThatThrownBy(() -> vault.get(as(OTHER), REF)).isInstanceOf(NotFoundException.class);
    assertThat(house.reveal(as(OWNER), REF)).isEqualTo("w");
  }

  @Test
  void aKeyThatIsRotatedKeepsItsSecrets() {
    Actor first = new Actor(Actor.Kind.API_KEY, "key_1");
    Actor second = new Actor(Actor.Kind.API_KEY, "key_2");
    vault.put(as(first), REF, value("v"));

    TenantContext rotated = TenantContext.trusted(ACME, second, first).limitedTo(ScopeSet.of(ALL));
    assertThat(house.reveal(rotated, REF)).isEqualTo("v");
    assertThat(house.last(house.acme).actor()).isEqualTo(second);
    vault.put(rotated, ref("later"), value("w"));
    assertThat(house.reveal(as(first), ref("later"))).isEqualTo("w");
    assertThatThrownBy(() -> house.reveal(as(second), REF)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> house.reveal(as(new Actor(Actor.Kind.USER, "key_1")), REF))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void plansHoldWhatIsCreated() {
    Plans plans =
        Plans.of(Map.of("free", new PlanLimits(3, 2, 1, 1), "pro", PlanLimits.unlimited()));
    try (VaultHouse limited = new VaultHouse();
        ControlPlane plane =
            ControlPlane.builder(limited.storage, VaultHouse.masterKeys(1))
                .clock(limited.clock)
                .plans(plans)
                .manualMaintenance()
                .build()) {
      SecretVault held = SecretVault.of(plane);
      held.put(limited.acme, REF, value("1"));
      held.put(limited.acme, REF, value("2"));
      refused("environments", 1, held, limited, SecretRef.of("app", Environment.STAGING, "s"));
      held.put(limited.acme, SecretRef.of("second", Environment.PRODUCTION, "s"), value("1"));
      refused("projects", 2, held, limited, SecretRef.of("third", Environment.PRODUCTION, "s"));
      held.put(limited.acme, ref("third"), value("1"));
      refused("secrets", 3, held, limited, ref("fourth"));
      held.put(limited.acme, REF, value("3"));
      held.put(limited.globex, REF, value("1"));
      held.delete(limited.acme, ref("third"));
      refused("secrets", 3, held, limited, ref("fourth"));
      held.destroy(limited.acme, ref("third"));
      held.put(limited.acme, ref("fourth"), value("1"));
      plane
          .organizations()
          .configure(operator, ACME, OrganizationSettings.defaults().withPlan("pro"));
      held.put(limited.acme, SecretRef.of("third", Environment.STAGING, "s"), value("1"));
    }
  }

  private static void refused(
      String limit, int bound, SecretVault vault, VaultHouse house, SecretRef place) {
    List<Object> before = house.written();
    for (NewSecret wanted : List.of(NewSecret.of(value("x")), NewSecret.of(value("x")).onlyNew())) {
      assertThatThrownBy(() -> vault.put(house.acme, place, wanted))
          .isInstanceOfSatisfying(
              PlanLimitReachedException.class,
              e -> {
                assertThat(e.limit()).isEqualTo(limit);
                assertThat(e.bound()).isEqualTo(bound);
              });
    }
    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void sharingIsBounded() {
    List<TeamId> many = new ArrayList<>();
    for (int i = 0; i <= Sharing.MAX_TEAMS; i++) {
      many.add(TeamId.of("team_" + i));
    }
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> Sharing.withTeams(many),
            () -> Sharing.withTeams(),
            () -> Sharing.of(AccessLevel.TEAM),
            () ->
                new Sharing(AccessLevel.PUBLIC, Sharing.withTeams(TeamId.of("team_1")).teams()))) {
      assertThatThrownBy(call).isInstanceOf(TenantkitException.class);
    }
  }
}
