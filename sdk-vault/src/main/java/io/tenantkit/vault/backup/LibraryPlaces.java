package io.tenantkit.vault.backup;

import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.LibraryProjects;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the secrets of integrations and webhooks are here, whose names are ids that a restore
 * changes. A secret of theirs without its row is nobody's, and no place is known for it. For one
 * run.
 */
final class LibraryPlaces {
  private final Map<SecretRef, SecretRef> here = new HashMap<>();
  private final Set<SecretRef> restored;

  /**
   * @param restored the places whose secrets are, or would be, there; shared by both readings
   */
  LibraryPlaces(Set<SecretRef> restored) {
    this.restored = restored;
  }

  LibraryPlaces() {
    this(new HashSet<>());
  }

  /** For the second reading, which knows what the first one met. */
  LibraryPlaces again() {
    return new LibraryPlaces(restored);
  }

  /** A row's secret. */
  void map(String project, Environment environment, String id, String idHere) {
    here.put(SecretRef.of(project, environment, id), SecretRef.of(project, environment, idHere));
  }

  /** Where a secret of the backup belongs; empty when it belongs to nothing. */
  Optional<SecretRef> of(SecretRef there) {
    return there.project().equals(LibraryProjects.INTEGRATIONS)
            || there.project().equals(LibraryProjects.WEBHOOKS)
        ? Optional.ofNullable(here.get(there))
        : Optional.of(there);
  }

  /** The backup has the secret of that place, and it was not left because of another. */
  void restored(SecretRef place) {
    if (LibraryProjects.contains(place.project())) {
      restored.add(place);
    }
  }

  boolean isRestored(SecretRef place) {
    return restored.contains(place);
  }
}
