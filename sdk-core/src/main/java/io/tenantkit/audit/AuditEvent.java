package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One line of an organization's audit trail. Immutable; never carries a secret, only names and ids.
 *
 * @param id time-ordered, unique in the organization
 * @param organization whose trail
 * @param at when, microsecond precision
 * @param actor who
 * @param action what, in dotted lower case, for example {@code api_key.created}
 * @param targetType the kind of thing acted on, for example {@code api_key}
 * @param targetId its id
 * @param details further names and ids, at most {@value #MAX_DETAILS}, sorted by name; values of at
 *     most {@value #MAX_DETAIL_LENGTH} characters
 */
public record AuditEvent(
    String id,
    OrganizationId organization,
    Instant at,
    Actor actor,
    String action,
    String targetType,
    String targetId,
    Map<String, String> details) {

  /** The most details of one event. */
  public static final int MAX_DETAILS = 32;

  /** The longest value of a detail, in characters. */
  public static final int MAX_DETAIL_LENGTH = 1_024;

  public AuditEvent {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(actor, "actor");
    if (details.size() > MAX_DETAILS) {
      throw new InvalidInputException("details", "at most " + MAX_DETAILS);
    }
    // Sorted also by type, so that who copies it need not sort again.
    details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
    details.forEach(AuditEvent::requireDetail);
  }

  /** The same event with one more detail. */
  public AuditEvent with(String name, String value) {
    return with(Map.of(name, value));
  }

  /** The same event with more details. Each call copies them all: hand over several at once. */
  public AuditEvent with(Map<String, String> more) {
    Map<String, String> all = more;
    if (!details.isEmpty()) {
      all = new TreeMap<>(details);
      all.putAll(more);
    }
    return new AuditEvent(id, organization, at, actor, action, targetType, targetId, all);
  }

  private static void requireDetail(String name, String value) {
    if (value.length() > MAX_DETAIL_LENGTH) {
      throw new InvalidInputException(
          "details", "values of at most " + MAX_DETAIL_LENGTH + " characters");
    }
    // PostgreSQL keeps no NUL in a text; refused here, it is refused alike everywhere.
    if (name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
      throw new InvalidInputException("details", "names and values without NUL");
    }
  }
}
