package io.tenantkit.vault.memory;

import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import io.tenantkit.vault.spi.CredentialMarks;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The rows of marks, which go with their secrets. Used within verbs only. */
final class MemoryMarks {
  final MemoryTable<RowKey, Row> rows;

  /** A secret's marked versions, newest first. */
  record Row(OrganizationId organization, Environment environment, List<MarkedVersion> versions) {
    Row {
      versions = List.copyOf(versions);
    }

    Stream<MarkedVersion> counting(Instant now) {
      return versions.stream().filter(each -> each.countsAt(now));
    }
  }

  MemoryMarks(MemoryEngine engine) {
    this.rows = engine.table();
  }

  /** For the newest version of a secret; false, with nothing changed, when it is another's. */
  boolean claim(Secret secret, long version, CredentialClaim claim, Instant now) {
    if (isHeld(secret.organization(), claim.marks(), now)) {
      return false;
    }
    MarkedVersion added =
        new MarkedVersion(version, claim.marks(), Optional.empty(), Optional.empty());
    Stream<MarkedVersion> kept =
        claim.overlapUntil().isEmpty()
            ? Stream.empty()
            : versions(secret).stream()
                .filter(each -> each.version() != version && each.countsAt(now))
                .map(each -> until(each, claim.overlapUntil().get()));
    put(
        secret,
        Stream.concat(
                Stream.of(added),
                kept.sorted(Comparator.comparing(MarkedVersion::version).reversed())
                    .limit(CredentialMarkStore.MOST_OVERLAPPING))
            .toList());
    return true;
  }

  private static MarkedVersion until(MarkedVersion version, Instant time) {
    return version.until().isPresent()
        ? version
        : new MarkedVersion(version.version(), version.marks(), Optional.of(time), version.check());
  }

  boolean isHeld(OrganizationId organization, CredentialMarks marks, Instant now) {
    return rows.all().stream()
        .filter(row -> !row.organization().equals(organization))
        .flatMap(row -> row.counting(now))
        .anyMatch(each -> each.marks().excludes(marks));
  }

  List<MarkedVersion> versions(Secret secret) {
    Row row = rows.get(key(secret));
    return row == null ? List.of() : row.versions();
  }

  void put(Secret secret, List<MarkedVersion> versions) {
    rows.put(key(secret), new Row(secret.organization(), secret.ref().environment(), versions));
  }

  void remove(RowKey secret) {
    rows.remove(secret);
  }

  void removeAll(OrganizationId organization) {
    List<RowKey> keys = rows.keys().filter(key -> key.organization().equals(organization)).toList();
    keys.forEach(rows::remove);
  }

  private static RowKey key(Secret secret) {
    return new RowKey(secret.organization(), secret.id().value());
  }
}
