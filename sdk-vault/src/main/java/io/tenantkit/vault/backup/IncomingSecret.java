package io.tenantkit.vault.backup;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One secret of a backup while its versions come in: each is sealed for its new place at once, so
 * that of all before it only ciphertext is held. For one thread.
 */
final class IncomingSecret {
  private final RestoreRun run;
  private final Secret secret;
  private final Optional<Secret> there;
  private final ContentDigest.Sum sum;
  private final List<SecretVersion> seen = new ArrayList<>();
  private final SortedSet<TeamId> teams = new TreeSet<>();
  private final List<StoredSecretVersion> sealed = new ArrayList<>();
  private final @Nullable Secret planned;
  private long versions;
  private long lastNumber;

  /**
   * @param wanted the teams that it is shared with, by their ids in the backup
   */
  IncomingSecret(RestoreRun run, Secret secret, List<String> wanted) {
    this.run = run;
    this.secret = secret;
    this.there = run.archive.find(run.context, secret.ref());
    SortedSet<String> shared = new TreeSet<>();
    long leftOut = 0;
    for (String fromId : wanted) {
      Optional<RestoreReport.RestoredTeam> team =
          run.team(fromId).filter(known -> known.outcome() != Outcome.SKIPPED);
      if (team.isEmpty()) {
        leftOut++;
      } else if (team.get().id().isEmpty()) {
        // This reading writes nothing: the team is nowhere yet, so nothing here is shared with it.
        shared.add("created: " + fromId);
      } else {
        shared.add(team.get().id().get());
        teams.add(TeamId.of(team.get().id().get()));
      }
    }
    if (there.isEmpty()) {
      run.sharesLeftOut += leftOut;
    }
    this.sum = run.digest.begin(secret, shared);
    this.planned = run.writing && there.isEmpty() ? run.archive.planned(run.context, secret) : null;
  }

  void version(SecretVersion version, Map<String, SecretValue> fields) {
    boolean destroyed = version.state() == SecretVersion.State.DESTROYED;
    if (version.number() <= lastNumber || destroyed != fields.isEmpty()) {
      throw Rejected.content();
    }
    lastNumber = version.number();
    versions++;
    seen.add(version);
    sum.add(version, fields);
    if (planned != null) {
      sealed.add(run.archive.seal(run.context, planned, version, fields));
    }
  }

  RestoreReport.RestoredSecret finish() throws IOException {
    if (versions == 0) {
      throw Rejected.content();
    }
    run.archive.requireSound(secret, seen);
    if (there.isPresent()) {
      return told(there.get().id(), whatIsThere(there.get()));
    }
    run.versions += versions;
    if (planned == null) {
      return told(null, Outcome.CREATED);
    }
    Secret written = write(planned);
    ContentDigest.Sum read = read(written.id());
    if (read == null || !read.isSameAs(sum)) {
      throw new TenantkitException(
          ErrorCode.INTERNAL, "a secret that was restored does not read back as it was written");
    }
    return told(written.id(), Outcome.CREATED);
  }

  private RestoreReport.RestoredSecret told(@Nullable SecretId id, Outcome outcome) {
    return new RestoreReport.RestoredSecret(
        secret.ref(), secret.id(), Optional.ofNullable(id), outcome);
  }

  private Outcome whatIsThere(Secret found) throws IOException {
    Outcome outcome = run.settled.get(secret.id());
    if (outcome == null) {
      ContentDigest.Sum read = read(found.id());
      outcome = read != null && read.isSameAs(sum) ? Outcome.UNCHANGED : Outcome.SKIPPED;
      run.settled.put(secret.id(), outcome);
    }
    if (outcome == Outcome.SKIPPED && !run.skips()) {
      throw new ConflictException("a secret of this name exists, and is not the same");
    }
    return outcome;
  }

  /**
   * The project may have come to be under another id meanwhile: then all is sealed under a row that
   * cannot be, and the secret is left to the next call.
   */
  private Secret write(Secret row) {
    SecretHistory history = new SecretHistory(row, sealed, teams);
    if (!run.archive.restore(run.context, history, Map.of("backup", run.fileId))) {
      throw ConflictException.stale("secret");
    }
    return row;
  }

  private ContentDigest.@Nullable Sum read(SecretId id) throws IOException {
    Reader reader = new Reader(run.digest);
    boolean found =
        run.archive.open(run.context, id, "secret.compared", Map.of("backup", run.fileId), reader);
    return found ? reader.sum : null;
  }

  private static final class Reader implements SecretArchive.Visitor {
    private final ContentDigest digest;
    private final SortedSet<String> teams = new TreeSet<>();
    private ContentDigest.@Nullable Sum sum;

    Reader(ContentDigest digest) {
      this.digest = digest;
    }

    @Override
    public void teams(SortedSet<TeamId> shared) {
      shared.forEach(team -> teams.add(team.value()));
    }

    @Override
    public void secret(Secret secret) {
      sum = digest.begin(secret, teams);
    }

    @Override
    public void version(SecretVersion version, Map<String, SecretValue> fields) {
      if (sum != null) {
        sum.add(version, fields);
      }
    }
  }
}
