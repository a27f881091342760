package io.tenantkit.vault.backup;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Secrets with all their versions: a record for each, and one for each version behind it. */
final class SecretsPart implements BackupPart {
  private static final int PAGE = 100;

  private final Set<SecretRef> seen = new HashSet<>();
  private @Nullable IncomingSecret incoming;
  private boolean leavingOut;

  @Override
  public Set<String> kinds() {
    return Set.of(SecretJson.SECRET, SecretJson.VERSION);
  }

  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    SecretArchive.Visitor writer = new Writer(run, out);
    @Nullable String after = null;
    List<Secret> page;
    do {
      page = run.archive.list(run.context, after, PAGE);
      for (Secret secret : page) {
        // One that was destroyed since the page was read is not there, and is left out.
        run.archive.open(
            run.context, secret.id(), "secret.exported", Map.of("backup", run.fileId), writer);
        after = secret.id().value();
      }
    } while (page.size() == PAGE);
  }

  private static final class Writer implements SecretArchive.Visitor {
    private final ExportRun run;
    private final RecordWriter out;
    private SortedSet<TeamId> teams = Collections.emptySortedSet();

    Writer(ExportRun run, RecordWriter out) {
      this.run = run;
      this.out = out;
    }

    @Override
    public void teams(SortedSet<TeamId> shared) {
      teams = shared;
    }

    @Override
    public void secret(Secret secret) throws IOException {
      out.write(
          SecretJson.write(
              secret, secret.access() == AccessLevel.TEAM ? teams : Collections.emptySortedSet()));
      run.secrets++;
    }

    @Override
    public void version(SecretVersion version, Map<String, SecretValue> fields) throws IOException {
      Map<String, SecretValue> sorted = new TreeMap<>(fields);
      out.write(SecretJson.write(version, sorted.keySet()), sorted.values());
      run.versions++;
    }
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) throws IOException {
    Members members = new Members(record.json());
    if (record.kind().equals(SecretJson.SECRET)) {
      finish(run);
      begin(run, members);
    } else {
      SecretJson.NamedVersion read = SecretJson.readVersion(members);
      Map<String, SecretValue> fields = fields(read, record);
      if (leavingOut) {
        return;
      }
      if (incoming == null) {
        throw Rejected.content();
      }
      incoming.version(read.version(), fields);
    }
  }

  private void begin(RestoreRun run, Members members) {
    SecretRef from = SecretJson.place(members);
    if (!seen.add(from)) {
      throw Rejected.content();
    }
    Optional<SecretRef> place = run.places.of(from);
    leavingOut = place.isEmpty();
    List<String> teams = SecretJson.teams(members);
    Secret secret = SecretJson.read(members, run, place.orElse(from));
    if (!teams.isEmpty() && secret.access() != AccessLevel.TEAM) {
      throw Rejected.content();
    }
    if (leavingOut) {
      run.secrets.add(
          new RestoreReport.RestoredSecret(
              from, secret.id(), Optional.empty(), RestoreReport.Outcome.LEFT_OUT));
    } else {
      incoming = new IncomingSecret(run, secret, teams);
    }
  }

  private static Map<String, SecretValue> fields(
      SecretJson.NamedVersion read, BackupRecord record) {
    if (read.fields().size() != record.values().size()) {
      throw Rejected.content();
    }
    Map<String, SecretValue> fields = new TreeMap<>();
    for (int i = 0; i < record.values().size(); i++) {
      if (fields.put(read.fields().get(i), record.values().get(i)) != null) {
        throw Rejected.content();
      }
    }
    return fields;
  }

  @Override
  public void end(RestoreRun run) throws IOException {
    finish(run);
    if (!run.writing) {
      PlanRoom.require(run);
    }
  }

  private void finish(RestoreRun run) throws IOException {
    if (incoming != null) {
      RestoreReport.RestoredSecret told = incoming.finish();
      run.secrets.add(told);
      run.outcomes.put(told.ref(), told.outcome());
      if (told.outcome() != RestoreReport.Outcome.SKIPPED) {
        run.places.restored(told.ref());
      }
      incoming = null;
    }
  }
}
