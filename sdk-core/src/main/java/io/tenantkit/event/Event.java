package io.tenantkit.event;

import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Something a host may want to act on. Immutable; names and ids only, never a secret.
 *
 * @param type what happened
 * @param at when, microsecond precision
 * @param organization whose it is, when it is a tenant's
 * @param subject the id of the thing it is about, for example an API key's
 * @param details further names, ids and numbers, sorted by name; the type says which
 */
public record Event(
    EventType type,
    Instant at,
    Optional<OrganizationId> organization,
    String subject,
    Map<String, String> details) {

  public Event {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(subject, "subject");
    details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
  }

  /** An event of a tenant. */
  public static Event of(
      EventType type,
      Instant at,
      OrganizationId organization,
      String subject,
      Map<String, String> details) {
    return new Event(type, at, Optional.of(organization), subject, details);
  }
}
