package io.tenantkit.livekit;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.livekit.SharingReport.Group;
import io.tenantkit.livekit.SharingReport.Member;
import io.tenantkit.livekit.SharingReport.What;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.CredentialMarkStore.Kind;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarkStore.SharedMark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

final class DefaultLiveKitAccounts implements LiveKitAccounts {
  private static final int PAGE = 1_000;

  /** So many organizations are named in a warning. */
  private static final int NAMED = 10;

  private final PlaneRuntime runtime;
  private final Connections connections;
  private final StoredCredentials credentials;
  private final OwnAccounts accounts;
  private final Optional<HostAccount> host;

  DefaultLiveKitAccounts(
      PlaneRuntime runtime,
      Connections connections,
      StoredCredentials credentials,
      OwnAccounts accounts,
      Optional<HostAccount> host) {
    this.runtime = runtime;
    this.connections = connections;
    this.credentials = credentials;
    this.accounts = accounts;
    this.host = host;
  }

  @Override
  public Optional<HostAccount> host() {
    return host;
  }

  @Override
  public SharingReport sharing(Operator operator) {
    Instant now = runtime.now();
    List<SharedMark> rows = new ArrayList<>();
    List<SharedMark> page;
    do {
      SharedMark last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
      page = accounts.store().shared(operator, now, last, PAGE);
      rows.addAll(page);
    } while (page.size() == PAGE && rows.size() < SharingReport.MAX_MEMBERS);
    return report(rows, page.size() < PAGE);
  }

  /** Rows that stand in the order of what is shared; the last of them may be cut off. */
  static SharingReport report(List<SharedMark> rows, boolean isComplete) {
    List<Group> groups = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      SharedMark row = rows.get(i);
      members.add(new Member(row.owner().organization(), row.owner().environment()));
      boolean last = i + 1 == rows.size() || !isSame(row, rows.get(i + 1));
      if (last) {
        // Of a group that is cut off, one organization alone would say that it shares with nobody.
        if (members.stream().map(Member::organization).distinct().count() > 1) {
          groups.add(new Group(row.kind() == Kind.SERVER ? What.SERVER : What.KEY, members));
        }
        members = new ArrayList<>();
      }
    }
    return new SharingReport(groups, isComplete);
  }

  private static boolean isSame(SharedMark one, SharedMark other) {
    return one.kind() == other.kind() && one.mark().equals(other.mark());
  }

  @Override
  public List<ReadinessIssue> readiness(Operator operator) {
    List<ReadinessIssue> issues = new ArrayList<>();
    if (accounts.isHostSecretShort()) {
      issues.add(
          new ReadinessIssue(
              "livekit.host-secret-short",
              "the host's LiveKit secret has fewer than 32 characters and can be guessed from a"
                  + " token; make a new one"));
    }
    List<Owner> owners = accounts.store().shortSecrets(operator, runtime.now(), null, NAMED + 1);
    if (!owners.isEmpty()) {
      issues.add(
          new ReadinessIssue(
              "livekit.secret-short",
              "LiveKit secrets with fewer than 32 characters can be guessed from a token; new ones"
                  + " are needed for "
                  + names(owners)));
    }
    long servers =
        sharing(operator).shared().stream().filter(each -> each.what() == What.SERVER).count();
    if (servers > 0) {
      issues.add(
          new ReadinessIssue(
              "livekit.server-shared",
              "organizations share a LiveKit server, which keeps nothing apart between its keys;"
                  + " the sharing report has them"));
    }
    return issues;
  }

  private static String names(List<Owner> owners) {
    String names =
        owners.stream()
            .limit(NAMED)
            .map(owner -> owner.organization() + " (" + owner.environment() + ")")
            .collect(Collectors.joining(", "));
    return owners.size() > NAMED ? names + " and others" : names;
  }

  @Override
  public SettingsImportReport importAll(Operator operator, Collection<TenantSettings> batch) {
    Objects.requireNonNull(operator, "operator");
    return new SettingsImport(connections, credentials, accounts, operator).run(batch);
  }
}
