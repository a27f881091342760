package io.tenantkit.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.TenantContext;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Teams and their members. */
final class MemoryTeams implements TeamStore {
  private final MemoryEngine engine;
  private final MemoryCoreStores core;
  private final MemoryTable<RowKey, Team> teams;
  private final MemoryTable<Seat, Seated> members;

  /** A member's place: the organization leads, then the team. */
  private record Seat(OrganizationId organization, String team, String kind, String id)
      implements Comparable<Seat> {
    private static final Comparator<Seat> ORDER =
        Comparator.comparing(Seat::organization)
            .thenComparing(Seat::team)
            .thenComparing(Seat::kind)
            .thenComparing(Seat::id);

    @Override
    public int compareTo(Seat other) {
      return ORDER.compare(this, other);
    }
  }

  private record Seated(Seat seat, TeamMember member) {}

  MemoryTeams(MemoryEngine engine, MemoryCoreStores core) {
    this.engine = engine;
    this.core = core;
    this.teams = engine.table();
    this.members = engine.table();
  }

  @Override
  public Outcome insert(TenantContext context, Team team, int most, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), team.organization(), event.organization());
          core.requireOrganization(context);
          if (isNameTaken(context, team)) {
            return Outcome.NAME_TAKEN;
          }
          if (own(context, "").count() >= most) {
            return Outcome.FULL;
          }
          teams.put(key(context, team.id()), team);
          core.write(event);
          return Outcome.DONE;
        });
  }

  private boolean isNameTaken(TenantContext context, Team team) {
    return own(context, "")
        .anyMatch(other -> other.name().equals(team.name()) && !other.id().equals(team.id()));
  }

  @Override
  public Optional<Team> find(TenantContext context, TeamId id) {
    return engine.run(context, () -> Optional.ofNullable(teams.get(key(context, id))));
  }

  @Override
  public List<Team> list(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context, () -> own(context, afterId == null ? "" : afterId).limit(limit).toList());
  }

  @Override
  public Outcome update(
      TenantContext context, Team changed, long expectedVersion, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), changed.organization(), event.organization());
          Team before = teams.get(key(context, changed.id()));
          if (before == null || before.version() != expectedVersion) {
            return Outcome.UNKNOWN;
          }
          if (isNameTaken(context, changed)) {
            return Outcome.NAME_TAKEN;
          }
          teams.put(key(context, changed.id()), changed);
          core.write(event);
          return Outcome.DONE;
        });
  }

  @Override
  public boolean delete(TenantContext context, TeamId id, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          if (teams.get(key(context, id)) == null) {
            return false;
          }
          seats(context, id).toList().forEach(row -> members.remove(row.seat()));
          teams.remove(key(context, id));
          core.write(event);
          return true;
        });
  }

  @Override
  public Outcome addMember(
      TenantContext context, TeamId id, TeamMember added, int most, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Seat seat = seat(context, id, added.actor());
          if (teams.get(key(context, id)) == null) {
            return Outcome.UNKNOWN;
          }
          if (members.get(seat) != null) {
            return Outcome.UNCHANGED;
          }
          if (seats(context, id).count() >= most) {
            return Outcome.FULL;
          }
          members.put(seat, new Seated(seat, added));
          core.write(event);
          return Outcome.DONE;
        });
  }

  @Override
  public Outcome removeMember(TenantContext context, TeamId id, Actor member, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Seat seat = seat(context, id, member);
          if (teams.get(key(context, id)) == null) {
            return Outcome.UNKNOWN;
          }
          if (members.get(seat) == null) {
            return Outcome.UNCHANGED;
          }
          members.remove(seat);
          core.write(event);
          return Outcome.DONE;
        });
  }

  @Override
  public List<TeamMember> members(TenantContext context, TeamId id, int limit) {
    return engine.run(context, () -> seats(context, id).map(Seated::member).limit(limit).toList());
  }

  @Override
  public List<Team> teamsOf(TenantContext context, Actor member, int limit) {
    return engine.run(
        context,
        () ->
            own(context, "")
                .filter(team -> isMember(context, team.id(), member))
                .limit(limit)
                .toList());
  }

  /** Within a verb. */
  boolean isMember(TenantContext context, TeamId id, Actor member) {
    return members.get(seat(context, id, member)) != null;
  }

  private Stream<Team> own(TenantContext context, String afterId) {
    return teams.after(new RowKey(context.organization(), afterId)).stream()
        .takeWhile(team -> team.organization().equals(context.organization()));
  }

  private Stream<Seated> seats(TenantContext context, TeamId id) {
    return members.after(new Seat(context.organization(), id.value(), "", "")).stream()
        .takeWhile(
            row ->
                row.seat().organization().equals(context.organization())
                    && row.seat().team().equals(id.value()));
  }

  private static RowKey key(TenantContext context, TeamId id) {
    return new RowKey(context.organization(), id.value());
  }

  private static Seat seat(TenantContext context, TeamId id, Actor member) {
    return new Seat(context.organization(), id.value(), member.kind().name(), member.id());
  }
}
