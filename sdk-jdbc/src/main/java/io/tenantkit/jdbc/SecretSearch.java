package io.tenantkit.jdbc;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretStatus;
import io.tenantkit.vault.spi.SecretPlace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statement of a search. One index leads, in the order in which the answers come, and the other
 * filters are tried on what it gives. The indexes beside the primary key are partial: they serve
 * only statements that repeat their condition, so no plan for another statement can pick one while
 * the table is empty. Used by one thread for one verb.
 */
final class SecretSearch {
  private final StringBuilder from =
      new StringBuilder("SELECT " + SecretRows.COLUMNS + "\n" + SecretRows.FROM);
  private final StringBuilder where = new StringBuilder(" WHERE s.organization_id = ?");
  private final List<Step.Binder> binders = new ArrayList<>();
  private final String order;

  SecretSearch(
      TenantContext context,
      SecretQuery query,
      Instant now,
      @Nullable SecretPlace after,
      int limit) {
    String organization = context.organization().value();
    bind(p -> p.text(organization));
    String id =
        query.tags().isEmpty() || query.order() == SecretQuery.Order.EXPIRY
            ? "s.id"
            : "t0.secret_id";
    tags(organization, query);
    order = order(query, id);
    lead(query, after, id);
    filter(context, query, organization, now);
    SecretSight sight = SecretSight.of(context);
    where.append(sight.condition());
    bind(sight::bind);
    bind(p -> p.integer(limit));
  }

  String sql() {
    return from + where.toString() + order + " LIMIT ?";
  }

  Step.Binder binder() {
    return p -> {
      for (Step.Binder each : binders) {
        each.bind(p);
      }
    };
  }

  private void bind(Step.Binder binder) {
    binders.add(binder);
  }

  private void and(String condition, Step.Binder binder) {
    where.append("\n   AND ").append(condition);
    bind(binder);
  }

  private void tags(String organization, SecretQuery query) {
    int next = 0;
    for (String tag : query.tags()) {
      String t = "t" + next++;
      from.append(
          " JOIN tenantkit.secret_tags "
              + t
              + " ON "
              + t
              + ".organization_id = s.organization_id AND "
              + t
              + ".secret_id = s.id\n");
      and(t + ".organization_id = ?", p -> p.text(organization));
      and(t + ".tag = ?", p -> p.text(tag));
    }
  }

  private static String order(SecretQuery query, String id) {
    return "\n ORDER BY "
        + switch (query.order()) {
          case ID -> id;
          case NAME -> "s.name, s.id";
          case EXPIRY -> "s.expires_at, s.id";
        };
  }

  private void lead(SecretQuery query, @Nullable SecretPlace after, String id) {
    switch (query.order()) {
      case ID -> {
        if (query.tags().isEmpty()) {
          partial(query);
        }
        and(id + " > ?", p -> p.text(after == null ? "" : after.id()));
      }
      case NAME -> {
        where.append("\n   AND s.name <> ''");
        if (after != null) {
          and("(s.name, s.id) > (?, ?)", p -> p.text(after.key()).text(after.id()));
        }
      }
      case EXPIRY -> {
        where.append("\n   AND s.expires_at IS NOT NULL");
        if (after != null) {
          and("(s.expires_at, s.id) > (?, ?)", p -> p.time(after.time()).text(after.id()));
        }
      }
    }
  }

  private void partial(SecretQuery query) {
    if (query.project().isPresent()) {
      where.append("\n   AND s.project_id <> ''");
    } else if (query.type().isPresent()) {
      where.append("\n   AND s.type <> ''");
    }
  }

  private void filter(TenantContext context, SecretQuery query, String organization, Instant now) {
    query
        .project()
        .ifPresent(
            name ->
                and(
                    "s.project_id = (SELECT x.id FROM tenantkit.projects x WHERE x.organization_id = ? AND x.name = ?)",
                    p -> p.text(organization).text(name)));
    query.type().ifPresent(type -> and("s.type = ?", p -> p.text(type)));
    // Every character of a name comes before the tilde.
    query
        .namePrefix()
        .ifPresent(
            prefix -> and("s.name >= ? AND s.name < ?", p -> p.text(prefix).text(prefix + '~')));
    query
        .rotationDueBefore()
        .ifPresent(
            time ->
                and(
                    "EXISTS (SELECT 1 FROM tenantkit.secret_rotations r WHERE r.organization_id = ?"
                        + " AND r.secret_id = s.id AND r.due_at < ?)",
                    p -> p.text(organization).time(time)));
    query.expiresBefore().ifPresent(time -> and("s.expires_at < ?", p -> p.time(time)));
    List<Environment> reach =
        query.environment().map(List::of).orElseGet(() -> List.copyOf(context.environments()));
    and("s.environment IN (?, ?, ?)", p -> environments(p, reach));
    status(query, now);
  }

  private void status(SecretQuery query, Instant now) {
    SecretStatus status = query.status().orElse(null);
    where
        .append("\n   AND s.deleted_at IS ")
        .append(status == SecretStatus.DELETED ? "NOT NULL" : "NULL");
    if (status == SecretStatus.ACTIVE) {
      and("(s.expires_at IS NULL OR s.expires_at > ?)", p -> p.time(now));
    } else if (status == SecretStatus.EXPIRED) {
      and("s.expires_at <= ?", p -> p.time(now));
    }
  }

  static void environments(Params p, List<Environment> reach) throws java.sql.SQLException {
    for (int i = 0; i < Environment.values().length; i++) {
      p.text(reach.get(Math.min(i, reach.size() - 1)).name());
    }
  }
}
