package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Organizations. Of a row written by hand whose limits or policy cannot be read, a tenant gets an
 * error, so that nothing is created past them; an operator sees it with the strictest of each, can
 * suspend and configure it, and all others beside it.
 */
final class JdbcOrganizations implements OrganizationStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.organizations
        (name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version, id)
      VALUES (?, ?, ?, ?json, ?json, ?json, ?, ?, ?, ?)\
      """;
  private static final String FIND =
      """
      SELECT id, name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id = ?\
      """;
  private static final String LIST =
      """
      SELECT id, name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id > ?
       ORDER BY id
       LIMIT ?\
      """;
  private static final String FIND_VERSION = FIND + " AND version = ?";

  /** What an operator sees where a limit cannot be read: one that admits next to nothing. */
  private static final RateLimit ILLEGIBLE_POOL =
      RateLimit.of("illegible", 1, Duration.ofDays(366));

  /** What an operator sees where a policy cannot be read. */
  private static final KeyPolicy ILLEGIBLE_POLICY =
      KeyPolicy.none().withLongestLifetime(Duration.ofMillis(1));

  private final Transactions transactions;

  JdbcOrganizations(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public void insert(Operator operator, Organization organization, AuditEvent event) {
    OwnRows.require(organization.id(), event.organization());
    OrganizationSettings settings = organization.settings();
    transactions.<Boolean>write(
        operator,
        session -> {
          try {
            session.execute(
                new Step(
                    INSERT,
                    p ->
                        p.text(organization.name())
                            .text(organization.status().name())
                            .text(settings.plan())
                            .text(Json.details(settings.metadata()))
                            .text(pool(settings))
                            .text(SettingsJson.policy(settings.keys()))
                            .time(organization.createdAt())
                            .time(organization.updatedAt())
                            .number(organization.version())
                            .text(organization.id().value())),
                JdbcAudit.insert(event));
            return true;
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
              throw new ConflictException("organization exists already");
            }
            throw e;
          }
        });
  }

  @Override
  public Optional<Organization> find(Operator operator, OrganizationId id) {
    return transactions.read(
        operator,
        session -> session.first(FIND, p -> p.text(id.value()), JdbcOrganizations::shown));
  }

  @Override
  public Optional<Organization> find(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()),
                JdbcOrganizations::organization));
  }

  @Override
  public List<Organization> list(Operator operator, @Nullable String afterId, int limit) {
    return transactions.read(
        operator,
        session ->
            session.query(
                LIST,
                p -> p.text(afterId == null ? "" : afterId).integer(limit),
                JdbcOrganizations::shown));
  }

  @Override
  public boolean update(
      Operator operator, Organization changed, long expectedVersion, AuditEvent event) {
    OwnRows.require(changed.id(), event.organization());
    return transactions.write(
        operator,
        session -> {
          try {
            Optional<Organization> before =
                session.first(
                    FIND_VERSION,
                    p -> p.text(changed.id().value()).number(expectedVersion),
                    JdbcOrganizations::shown);
            if (before.isEmpty()) {
              return session.undo();
            }
            int[] counts = session.execute(update(before.get(), changed), JdbcAudit.insert(event));
            return counts[0] == 1 || session.undo();
          } catch (SQLException e) {
            // Only the event refers to another row: the organization that is not there.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  /** Writes only what has changed: what we could not read stays as it was written. */
  private static Step update(Organization before, Organization after) {
    OrganizationSettings old = before.settings();
    OrganizationSettings now = after.settings();
    List<String> assignments = new ArrayList<>();
    List<Step.Binder> binders = new ArrayList<>();
    if (!before.name().equals(after.name())) {
      assignments.add("name = ?");
      binders.add(p -> p.text(after.name()));
    }
    if (!old.metadata().equals(now.metadata())) {
      assignments.add("metadata = ?json");
      binders.add(p -> p.text(Json.details(now.metadata())));
    }
    if (!old.pool().equals(now.pool())) {
      assignments.add("rate_limit = ?json");
      binders.add(p -> p.text(pool(now)));
    }
    if (!old.keys().equals(now.keys())) {
      assignments.add("key_policy = ?json");
      binders.add(p -> p.text(SettingsJson.policy(now.keys())));
    }
    assignments.add("status = ?, plan = ?, created_at = ?, updated_at = ?, version = ?");
    return new Step(
        "UPDATE tenantkit.organizations\n   SET "
            + String.join(", ", assignments)
            + "\n WHERE id = ? AND version = ?",
        p -> {
          for (Step.Binder each : binders) {
            each.bind(p);
          }
          p.text(after.status().name()).text(now.plan());
          p.time(after.createdAt()).time(after.updatedAt()).number(after.version());
          p.text(after.id().value()).number(before.version());
        });
  }

  private static @Nullable String pool(OrganizationSettings settings) {
    return settings.pool().isEmpty() ? null : SettingsJson.limits(settings.pool());
  }

  private static Organization organization(Row row) throws SQLException {
    return organization(
        row,
        SettingsJson.pool(row.textOrNull("rate_limit")),
        SettingsJson.policy(row.text("key_policy")));
  }

  private static Organization shown(Row row) throws SQLException {
    return organization(
        row, shownPool(row.textOrNull("rate_limit")), shownPolicy(row.text("key_policy")));
  }

  private static List<RateLimit> shownPool(@Nullable String json) {
    try {
      return SettingsJson.pool(json);
    } catch (StorageException e) {
      return List.of(ILLEGIBLE_POOL);
    }
  }

  private static KeyPolicy shownPolicy(String json) {
    try {
      return SettingsJson.policy(json);
    } catch (StorageException e) {
      return ILLEGIBLE_POLICY;
    }
  }

  private static Organization organization(Row row, List<RateLimit> pool, KeyPolicy keys)
      throws SQLException {
    return new Organization(
        OrganizationId.of(row.text("id")),
        Legible.text(row.text("name"), 255).orElse("-"),
        Organization.Status.valueOf(row.text("status")),
        new OrganizationSettings(
            row.text("plan"), SettingsJson.metadata(row.text("metadata")), pool, keys),
        row.time("created_at"),
        row.time("updated_at"),
        row.number("version"));
  }
}
