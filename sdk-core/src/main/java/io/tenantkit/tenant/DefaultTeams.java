package io.tenantkit.tenant;

import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.Texts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

final class DefaultTeams implements Teams {
  private static final String TARGET = "team";

  private final PlaneRuntime runtime;
  private final TeamStore store;
  private final ApiKeyStore keys;

  DefaultTeams(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.store = runtime.coreStores().teams();
    this.keys = runtime.coreStores().apiKeys();
  }

  @Override
  public Team create(TenantContext context, String name) {
    context.require(Scopes.TEAMS_MANAGE);
    Instant now = runtime.now();
    Team team =
        new Team(
            TeamId.of(runtime.ids().next(TARGET)),
            context.organization(),
            name,
            context.actor().id(),
            now,
            now,
            1);
    AuditEvent event = event(context, team, now, "team.created", Map.of());
    return switch (store.insert(context, team, MAX_TEAMS, event)) {
      case DONE -> team;
      case NAME_TAKEN -> throw nameTaken();
      case FULL -> throw new ConflictException("an organization has at most 1,000 teams");
      case UNCHANGED, UNKNOWN -> throw ConflictException.stale(TARGET);
    };
  }

  @Override
  public Team rename(TenantContext context, TeamId id, String name) {
    context.require(Scopes.TEAMS_MANAGE);
    Texts.require("name", name, Team.MAX_NAME);
    Team before = find(context, id);
    if (before.name().equals(name)) {
      return before;
    }
    Instant now = runtime.now();
    Team after = before.withName(name, now);
    AuditEvent event = event(context, after, now, "team.renamed", Map.of("before", before.name()));
    return switch (store.update(context, after, before.version(), event)) {
      case DONE -> after;
      case NAME_TAKEN -> throw nameTaken();
      case UNCHANGED, UNKNOWN, FULL -> throw ConflictException.stale(TARGET);
    };
  }

  private static ConflictException nameTaken() {
    return new ConflictException("another team has that name");
  }

  @Override
  public Team get(TenantContext context, TeamId id) {
    context.require(Scopes.TEAMS_READ);
    return find(context, id);
  }

  @Override
  public Page<Team> list(TenantContext context, PageRequest page) {
    context.require(Scopes.TEAMS_READ);
    return page.page(
        store.list(context, page.afterId(), page.limit() + 1), team -> team.id().value());
  }

  @Override
  public void delete(TenantContext context, TeamId id) {
    context.require(Scopes.TEAMS_MANAGE);
    Team team = find(context, id);
    AuditEvent event = event(context, team, runtime.now(), "team.deleted", Map.of());
    if (!store.delete(context, id, event)) {
      throw unknown();
    }
  }

  @Override
  public boolean addMember(TenantContext context, TeamId id, Actor member) {
    context.require(Scopes.TEAMS_MANAGE);
    TeamMember.requireKind(member);
    Team team = find(context, id);
    Actor named = known(context, member).orElseThrow(() -> new NotFoundException("api key"));
    Instant now = runtime.now();
    AuditEvent event = event(context, team, now, "team.member_added", details(named));
    TeamMember added = new TeamMember(named, context.actor().id(), now);
    return switch (store.addMember(context, id, added, MAX_MEMBERS, event)) {
      case DONE -> true;
      case UNCHANGED -> false;
      case FULL -> throw new ConflictException("a team has at most 1,000 members");
      case UNKNOWN, NAME_TAKEN -> throw unknown();
    };
  }

  @Override
  public boolean removeMember(TenantContext context, TeamId id, Actor member) {
    context.require(Scopes.TEAMS_MANAGE);
    TeamMember.requireKind(member);
    Team team = find(context, id);
    // Of a key that nobody knows any more the name stands as it was given.
    Actor named = known(context, member).orElse(member);
    AuditEvent event = event(context, team, runtime.now(), "team.member_removed", details(named));
    return switch (store.removeMember(context, id, named, event)) {
      case DONE -> true;
      case UNCHANGED -> false;
      case UNKNOWN, NAME_TAKEN, FULL -> throw unknown();
    };
  }

  @Override
  public List<TeamMember> members(TenantContext context, TeamId id) {
    context.require(Scopes.TEAMS_READ);
    find(context, id);
    return store.members(context, id, MAX_MEMBERS);
  }

  @Override
  public List<Team> teamsOf(TenantContext context, Actor member) {
    boolean self = member.equals(context.actor()) || member.equals(context.principal());
    if (!self) {
      context.require(Scopes.TEAMS_READ);
    }
    Actor named = self ? context.principal() : known(context, member).orElse(member);
    return store.teamsOf(context, named, MAX_TEAMS);
  }

  /**
   * As teams name it; empty for a key that is not the organization's. A key that somebody made of a
   * member's is another one, so only the line of rotations counts.
   */
  private Optional<Actor> known(TenantContext context, Actor member) {
    if (member.kind() != Actor.Kind.API_KEY) {
      return Optional.of(member);
    }
    ApiKeyId id;
    try {
      id = ApiKeyId.of(member.id());
    } catch (InvalidInputException e) {
      // No key has such an id.
      return Optional.empty();
    }
    return keys.find(context, id)
        .map(found -> new Actor(Actor.Kind.API_KEY, found.key().family().value()));
  }

  private Team find(TenantContext context, TeamId id) {
    return store.find(context, id).orElseThrow(DefaultTeams::unknown);
  }

  private static NotFoundException unknown() {
    return new NotFoundException(TARGET);
  }

  private static Map<String, String> details(Actor member) {
    return Map.of("member_kind", member.kind().name(), "member_id", member.id());
  }

  private AuditEvent event(
      TenantContext context, Team team, Instant at, String action, Map<String, String> details) {
    return runtime
        .event(context, at, action, TARGET, team.id().value())
        .with(details)
        .with("name", team.name());
  }
}
