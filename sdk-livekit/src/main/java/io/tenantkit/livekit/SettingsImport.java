package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.SettingsImportReport.Line;
import io.tenantkit.livekit.SettingsImportReport.Outcome;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialMarks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Imports the settings of many tenants. For one call. */
final class SettingsImport {
  private final Connections connections;
  private final StoredCredentials credentials;
  private final OwnAccounts accounts;
  private final Operator operator;

  SettingsImport(
      Connections connections,
      StoredCredentials credentials,
      OwnAccounts accounts,
      Operator operator) {
    this.connections = connections;
    this.credentials = credentials;
    this.accounts = accounts;
    this.operator = operator;
  }

  private record Place(OrganizationId organization, Environment environment) {}

  /** What was read of one tenant's settings: its marks, or why there are none. */
  private record Read(TenantSettings settings, Optional<CredentialMarks> marks, String refusal) {}

  SettingsImportReport run(Collection<TenantSettings> batch) {
    requireBounds(batch);
    List<Read> all = batch.stream().map(this::read).toList();
    Set<String> shared = shared(all);
    List<Line> lines = new ArrayList<>();
    for (Read each : all) {
      lines.add(line(each, shared));
    }
    return new SettingsImportReport(lines);
  }

  private static void requireBounds(Collection<TenantSettings> batch) {
    if (batch.size() > TenantSettings.MAX_BATCH) {
      throw new InvalidInputException("batch", "at most " + TenantSettings.MAX_BATCH);
    }
    Set<Place> places = new HashSet<>();
    for (TenantSettings each : batch) {
      if (!places.add(new Place(each.organization(), each.environment()))) {
        throw new InvalidInputException("batch", "of each organization and environment one");
      }
    }
  }

  /** The credentials are read again when they are stored, so that few are held at a time. */
  private Read read(TenantSettings settings) {
    try {
      LiveKitCredentials read = SettingsJson.read(settings.json());
      try {
        return new Read(settings, Optional.of(accounts.marks(read)), "");
      } finally {
        read.apiSecret().close();
      }
    } catch (InvalidInputException e) {
      return new Read(settings, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  /** Marks of one organization's alone that several have. */
  private static Set<String> shared(List<Read> all) {
    Map<String, OrganizationId> owners = new HashMap<>();
    Set<String> shared = new HashSet<>();
    for (Read each : all) {
      each.marks()
          .ifPresent(
              marks -> {
                for (String mark : List.of(marks.pair(), marks.serverSecret())) {
                  OrganizationId own = each.settings().organization();
                  OrganizationId first = owners.putIfAbsent(mark, own);
                  if (first != null && !first.equals(own)) {
                    shared.add(mark);
                  }
                }
              });
    }
    return shared;
  }

  private Line line(Read read, Set<String> shared) {
    if (read.marks().isEmpty()) {
      return line(read, Outcome.REFUSED, read.refusal());
    }
    CredentialMarks marks = read.marks().get();
    if (accounts.isHost(marks)) {
      return line(read, Outcome.HOST_ACCOUNT, "");
    }
    try {
      return line(read, outcome(read.settings(), marks, shared), "");
    } catch (TenantkitException e) {
      // What is wrong with the storage is wrong with all of them, and may pass.
      if (e.code().retryable() || e.code().httpStatus() >= 500) {
        throw e;
      }
      return e.code() == ErrorCode.CREDENTIALS_TAKEN
          ? line(read, Outcome.TAKEN, "")
          : line(read, Outcome.REFUSED, String.valueOf(e.getMessage()));
    }
  }

  private Outcome outcome(TenantSettings settings, CredentialMarks marks, Set<String> shared) {
    TenantContext context =
        TenantContext.trusted(settings.organization(), operator.actor())
            .within(Set.of(settings.environment()));
    Optional<Outcome> there = there(context, marks);
    if (there.isPresent()) {
      return there.get();
    }
    if (shared.contains(marks.pair()) || shared.contains(marks.serverSecret())) {
      return Outcome.SHARED_IN_BATCH;
    }
    LiveKitCredentials wanted = SettingsJson.read(settings.json());
    try {
      connections.connect(context, wanted, Duration.ZERO);
      return Outcome.STORED;
    } finally {
      wanted.apiSecret().close();
    }
  }

  /** What is in the vault: the same, others, or nothing. */
  private Optional<Outcome> there(TenantContext context, CredentialMarks marks) {
    Secret stored;
    try {
      stored = credentials.find(context);
    } catch (NotFoundException e) {
      return Optional.empty();
    }
    boolean same =
        accounts.versions(context, stored).stream()
            .anyMatch(
                each ->
                    each.version() == stored.currentVersion()
                        && each.until().isEmpty()
                        && each.marks().equals(marks));
    return Optional.of(same ? Outcome.UNCHANGED : Outcome.DIFFERS);
  }

  private static Line line(Read read, Outcome outcome, String message) {
    return new Line(
        read.settings().organization(), read.settings().environment(), outcome, message);
  }
}
