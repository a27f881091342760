package io.tenantkit.jdbc;

import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Teams and their members. The event goes first in each change: it locks the head of the
 * organization's chain, so that what is counted after it nobody else adds to.
 */
final class JdbcTeams implements TeamStore {
  private static final String SELECT =
      """
      SELECT t.organization_id, t.id, t.name, t.created_by, t.created_at, t.updated_at, t.version
        FROM tenantkit.teams t
      """;
  private static final String FIND = SELECT + " WHERE t.organization_id = ? AND t.id = ?";
  private static final String LIST =
      SELECT + " WHERE t.organization_id = ? AND t.id > ?\n ORDER BY t.id\n LIMIT ?";

  // That a name is not empty is said for the index that has only such rows.
  private static final String NAMED =
      "SELECT 1 FROM tenantkit.teams o WHERE o.organization_id = ? AND o.name = ? AND o.name <> ''";
  private static final String NAME_TAKEN = NAMED.replace("SELECT 1", "SELECT o.id");
  private static final String INSERT =
      """
      INSERT INTO tenantkit.teams (organization_id, id, name, created_by, created_at, updated_at, version)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS timestamp(6) with time zone), CAST(? AS timestamp(6) with time zone), CAST(? AS bigint)
       WHERE (SELECT count(*) FROM tenantkit.teams c WHERE c.organization_id = ?) < ?
         AND NOT EXISTS ("""
          + NAMED
          + ")";
  private static final String UPDATE =
      """
      UPDATE tenantkit.teams
         SET name = ?, updated_at = ?, version = ?
       WHERE organization_id = ? AND id = ? AND version = ?
         AND NOT EXISTS ("""
          + NAMED
          + " AND o.id <> ?)";
  private static final String DELETE =
      "DELETE FROM tenantkit.teams WHERE organization_id = ? AND id = ?";

  private static final String ADD_MEMBER =
      """
      INSERT INTO tenantkit.team_members (organization_id, team_id, actor_kind, actor_id, added_by, added_at)
      SELECT t.organization_id, t.id, CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS timestamp(6) with time zone)
        FROM tenantkit.teams t
       WHERE t.organization_id = ? AND t.id = ?
         AND (SELECT count(*) FROM tenantkit.team_members c WHERE c.organization_id = ? AND c.team_id = ?) < ?
         AND NOT EXISTS (SELECT 1 FROM tenantkit.team_members m
                          WHERE m.organization_id = ? AND m.team_id = ? AND m.actor_kind = ? AND m.actor_id = ?)""";
  private static final String REMOVE_MEMBER =
      """
      DELETE FROM tenantkit.team_members
       WHERE organization_id = ? AND team_id = ? AND actor_kind = ? AND actor_id = ?""";
  private static final String MEMBER =
      """
      SELECT actor_id
        FROM tenantkit.team_members
       WHERE organization_id = ? AND team_id = ? AND actor_kind = ? AND actor_id = ?""";
  private static final String MEMBERS =
      """
      SELECT actor_kind, actor_id, added_by, added_at
        FROM tenantkit.team_members
       WHERE organization_id = ? AND team_id = ?
       ORDER BY actor_kind, actor_id
       LIMIT ?""";

  /**
   * The bounded query within is a fence: a plan from when the tables were empty would else walk all
   * teams of the organization in the order of their ids.
   */
  private static final String TEAMS_OF =
      """
      SELECT t.organization_id, t.id, t.name, t.created_by, t.created_at, t.updated_at, t.version
        FROM (SELECT m.organization_id, m.team_id
                FROM tenantkit.team_members m
               WHERE m.organization_id = ? AND m.actor_kind = ? AND m.actor_id = ? AND m.actor_id <> ''
               ORDER BY m.team_id
               LIMIT ?) s
        JOIN tenantkit.teams t ON t.organization_id = s.organization_id AND t.id = s.team_id
       ORDER BY s.team_id""";

  private static final int ID_LENGTH = 255;

  private final Transactions transactions;

  JdbcTeams(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Outcome insert(TenantContext context, Team team, int most, AuditEvent event) {
    OwnRows.require(context.organization(), team.organization(), event.organization());
    String organization = context.organization().value();
    Step insert =
        new Step(
            INSERT,
            p ->
                p.text(organization)
                    .text(team.id().value())
                    .text(team.name())
                    .text(team.createdBy())
                    .time(team.createdAt())
                    .time(team.updatedAt())
                    .number(team.version())
                    .text(organization)
                    .integer(most)
                    .text(organization)
                    .text(team.name()));
    return change(
            context,
            event,
            insert,
            session -> isNameTaken(session, team) ? Outcome.NAME_TAKEN : Outcome.FULL)
        .orElseThrow(() -> new NotFoundException("organization"));
  }

  private static boolean isNameTaken(Session session, Team team) throws SQLException {
    return session
        .first(
            NAME_TAKEN,
            p -> p.text(team.organization().value()).text(team.name()),
            row -> row.text("id"))
        .filter(id -> !id.equals(team.id().value()))
        .isPresent();
  }

  @Override
  public Optional<Team> find(TenantContext context, TeamId id) {
    return transactions.read(context, session -> find(session, context, id));
  }

  private static Optional<Team> find(Session session, TenantContext context, TeamId id)
      throws SQLException {
    return session.first(
        FIND, p -> p.text(context.organization().value()).text(id.value()), JdbcTeams::team);
  }

  @Override
  public List<Team> list(TenantContext context, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcTeams::team));
  }

  @Override
  public Outcome update(
      TenantContext context, Team changed, long expectedVersion, AuditEvent event) {
    OwnRows.require(context.organization(), changed.organization(), event.organization());
    String organization = context.organization().value();
    Step update =
        new Step(
            UPDATE,
            p ->
                p.text(changed.name())
                    .time(changed.updatedAt())
                    .number(changed.version())
                    .text(organization)
                    .text(changed.id().value())
                    .number(expectedVersion)
                    .text(organization)
                    .text(changed.name())
                    .text(changed.id().value()));
    return change(
            context,
            event,
            update,
            session ->
                find(session, context, changed.id())
                    .filter(found -> found.version() == expectedVersion)
                    .map(found -> Outcome.NAME_TAKEN)
                    .orElse(Outcome.UNKNOWN))
        .orElse(Outcome.UNKNOWN);
  }

  @Override
  public boolean delete(TenantContext context, TeamId id, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    Step delete = new Step(DELETE, p -> p.text(context.organization().value()).text(id.value()));
    return change(context, event, delete, session -> Outcome.UNKNOWN)
        .filter(outcome -> outcome == Outcome.DONE)
        .isPresent();
  }

  @Override
  public Outcome addMember(
      TenantContext context, TeamId id, TeamMember added, int most, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    String organization = context.organization().value();
    Actor actor = added.actor();
    Step insert =
        new Step(
            ADD_MEMBER,
            p -> {
              p.text(actor.kind().name()).text(actor.id());
              p.text(added.addedBy()).time(added.addedAt());
              p.text(organization).text(id.value());
              p.text(organization).text(id.value()).integer(most);
              seat(p, context, id, actor);
            });
    return change(
            context,
            event,
            insert,
            session -> {
              if (find(session, context, id).isEmpty()) {
                return Outcome.UNKNOWN;
              }
              return isMember(session, context, id, actor) ? Outcome.UNCHANGED : Outcome.FULL;
            })
        .orElse(Outcome.UNKNOWN);
  }

  private static boolean isMember(Session session, TenantContext context, TeamId id, Actor member)
      throws SQLException {
    return session
        .first(MEMBER, p -> seat(p, context, id, member), row -> row.text("actor_id"))
        .isPresent();
  }

  @Override
  public Outcome removeMember(TenantContext context, TeamId id, Actor member, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    Step delete = new Step(REMOVE_MEMBER, p -> seat(p, context, id, member));
    return change(
            context,
            event,
            delete,
            session -> find(session, context, id).isPresent() ? Outcome.UNCHANGED : Outcome.UNKNOWN)
        .orElse(Outcome.UNKNOWN);
  }

  @Override
  public List<TeamMember> members(TenantContext context, TeamId id, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                MEMBERS,
                p -> p.text(context.organization().value()).text(id.value()).integer(limit),
                row ->
                    new TeamMember(
                        new Actor(
                            Actor.Kind.valueOf(row.text("actor_kind")),
                            Legible.text(row.text("actor_id"), ID_LENGTH).orElse("-")),
                        row.text("added_by"),
                        row.time("added_at"))));
  }

  @Override
  public List<Team> teamsOf(TenantContext context, Actor member, int limit) {
    String organization = context.organization().value();
    return transactions.read(
        context,
        session ->
            session.query(
                TEAMS_OF,
                p ->
                    p.text(organization)
                        .text(member.kind().name())
                        .text(member.id())
                        .integer(limit),
                JdbcTeams::team));
  }

  /** Why a change found no row. */
  @FunctionalInterface
  private interface Reason {
    Outcome look(Session session) throws SQLException;
  }

  /**
   * Writes the event and the change, or neither; why not is asked in the same transaction, while
   * nobody else can change it.
   *
   * @return empty when there is no such organization
   */
  private Optional<Outcome> change(
      TenantContext context, AuditEvent event, Step change, Reason reason) {
    return transactions.write(
        context,
        session -> {
          try {
            if (session.execute(JdbcAudit.insert(event), change)[1] == 1) {
              return Optional.of(Outcome.DONE);
            }
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case MISSING_PARENT -> {
                session.undo();
                return Optional.empty();
              }
              // Names and members are looked for beforehand, so it is the event.
              case DUPLICATE -> throw JdbcAudit.exists();
              default -> throw e;
            }
          }
          Outcome why = reason.look(session);
          session.undo();
          return Optional.of(why);
        });
  }

  private static void seat(Params p, TenantContext context, TeamId id, Actor member)
      throws SQLException {
    p.text(context.organization().value())
        .text(id.value())
        .text(member.kind().name())
        .text(member.id());
  }

  private static Team team(Row row) throws SQLException {
    return new Team(
        TeamId.of(row.text("id")),
        OrganizationId.of(row.text("organization_id")),
        Legible.text(row.text("name"), Team.MAX_NAME).orElse("-"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"),
        row.number("version"));
  }
}
