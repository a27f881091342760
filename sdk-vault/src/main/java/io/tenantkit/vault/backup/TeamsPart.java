package io.tenantkit.vault.backup;

import io.tenantkit.ConflictException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.Teams;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Teams with their people and agents. A team of the same name is the same team when nobody is in it
 * who is not in the backup's: then it gets those who are missing, so that a restore that was cut
 * short goes on. API keys are left out, for no backup holds them.
 */
final class TeamsPart implements BackupPart {
  private static final String TEAM = "team";
  private static final String MEMBER = "team_member";

  private @Nullable Incoming incoming;
  private @Nullable Map<String, Team> there;
  private final Set<String> names = new HashSet<>();

  private record Incoming(String id, String name, Set<Actor> members) {}

  @Override
  public Set<String> kinds() {
    return Set.of(TEAM, MEMBER);
  }

  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    Teams teams = Teams.of(run.runtime);
    Optional<PageRequest> next = Optional.of(PageRequest.first(PageRequest.MAX_LIMIT));
    while (next.isPresent()) {
      Page<Team> page = teams.list(run.context, next.get());
      for (Team team : page.items()) {
        write(run, teams, team, out);
      }
      next = page.next().map(PageRequest.first(PageRequest.MAX_LIMIT)::after);
    }
  }

  private static void write(ExportRun run, Teams teams, Team team, RecordWriter out)
      throws IOException {
    Map<Boolean, Set<Actor>> members =
        teams.members(run.context, team.id()).stream()
            .map(TeamMember::actor)
            .collect(
                Collectors.partitioningBy(
                    actor -> actor.kind() == Actor.Kind.API_KEY,
                    Collectors.toCollection(LinkedHashSet::new)));
    out.write(
        RecordWriter.record(TEAM)
            .put("id", team.id().value())
            .put("name", team.name())
            .put("keysLeftOut", sizeOf(members, true)));
    for (Actor actor : members.getOrDefault(false, Set.of())) {
      out.write(
          RecordWriter.record(MEMBER)
              .put("kind", SecretJson.lower(actor.kind()))
              .put("id", actor.id()));
    }
    run.teams++;
  }

  private static int sizeOf(Map<Boolean, Set<Actor>> members, boolean keys) {
    return members.getOrDefault(keys, Set.of()).size();
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) {
    Members members = new Members(record.json());
    if (record.kind().equals(TEAM)) {
      finish(run);
      incoming = new Incoming(members.text("id"), members.text("name"), new LinkedHashSet<>());
      run.membersLeftOut += members.number("keysLeftOut");
      if (names.size() == Teams.MAX_TEAMS || !names.add(incoming.name())) {
        throw Rejected.content();
      }
    } else {
      Incoming team = incoming;
      if (team == null || team.members().size() == Teams.MAX_MEMBERS) {
        throw Rejected.content();
      }
      Actor actor = new Actor(members.constant(Actor.Kind.class, "kind"), members.text("id"));
      if (actor.kind() != Actor.Kind.USER && actor.kind() != Actor.Kind.AGENT) {
        throw Rejected.content();
      }
      team.members().add(actor);
    }
    members.requireNoMore();
  }

  @Override
  public void end(RestoreRun run) {
    finish(run);
    incoming = null;
  }

  private void finish(RestoreRun run) {
    Incoming wanted = incoming;
    if (wanted == null) {
      return;
    }
    Teams teams = Teams.of(run.runtime);
    Team found = there(run, teams).get(wanted.name());
    Outcome outcome = Outcome.CREATED;
    Set<Actor> missing = new LinkedHashSet<>(wanted.members());
    if (found != null) {
      Set<Actor> members = new HashSet<>();
      teams.members(run.context, found.id()).forEach(member -> members.add(member.actor()));
      outcome = wanted.members().containsAll(members) ? Outcome.UNCHANGED : Outcome.SKIPPED;
      missing.removeAll(members);
    }
    if (outcome == Outcome.SKIPPED && !run.skips()) {
      throw new ConflictException("a team of this name exists, with other members");
    }
    if (run.writing && outcome != Outcome.SKIPPED) {
      Team team = found == null ? teams.create(run.context, wanted.name()) : found;
      missing.forEach(member -> teams.addMember(run.context, team.id(), member));
      found = team;
    }
    run.teams.add(
        new RestoreReport.RestoredTeam(
            wanted.name(),
            wanted.id(),
            Optional.ofNullable(found).map(team -> team.id().value()),
            outcome));
  }

  private Map<String, Team> there(RestoreRun run, Teams teams) {
    if (there == null) {
      Map<String, Team> all = new HashMap<>();
      Optional<PageRequest> next = Optional.of(PageRequest.first(PageRequest.MAX_LIMIT));
      while (next.isPresent()) {
        Page<Team> page = teams.list(run.context, next.get());
        page.items().forEach(team -> all.put(team.name(), team));
        next = page.next().map(PageRequest.first(PageRequest.MAX_LIMIT)::after);
      }
      there = all;
    }
    return there;
  }
}
