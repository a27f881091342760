package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.Holdings;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Secrets, their versions and fields: ciphertext only. */
final class JdbcSecrets implements SecretStore {
  private static final String FIND_PROJECT =
      "SELECT id FROM tenantkit.projects WHERE organization_id = ? AND name = ?";
  private static final String FIND =
      "SELECT " + SecretRows.COLUMNS + "\n" + SecretRows.FROM + SecretRows.BY_REF;

  /** A secret beside the newest key, so that a put waits for one answer. */
  private static final String FOR_PUT =
      """
      SELECT k.*, s.*
        FROM (SELECT 1 AS one) o
        LEFT JOIN
             (SELECT key_number, key_id, master_key_id, wrapped, created_at AS key_created_at
                FROM tenantkit.organization_keys
               WHERE organization_id = ? AND master_key_id IS NOT NULL
               ORDER BY key_number DESC LIMIT 1) k ON true
        LEFT JOIN (%s) s ON true""";

  private static final String OPEN =
      "SELECT "
          + SecretRows.COLUMNS
          + ", v.version_number, v.organization_key_id, v.wrapped_data_key, v.destination, v.state,"
          + " v.expires_at AS version_expires_at, v.created_by AS put_by, v.created_at AS put_at, f.field_name, f.sealed\n"
          + SecretRows.FROM
          + """
              JOIN tenantkit.secret_versions v ON v.organization_id = s.organization_id AND v.secret_id = s.id
              LEFT JOIN tenantkit.secret_fields f ON f.organization_id = v.organization_id AND f.secret_id = v.secret_id
                                                 AND f.version_number = v.version_number
            """
          + SecretRows.BY_REF
          + " AND v.version_number = ";
  private static final String LIST =
      "SELECT "
          + SecretRows.COLUMNS
          + "\n"
          + SecretRows.FROM
          + " WHERE s.organization_id = ? AND s.environment IN (?, ?, ?) AND s.id > ? AND s.deleted_at IS NULL";
  private static final String LIST_ALL =
      LIST.replace(" AND s.deleted_at IS NULL", "") + " ORDER BY s.id LIMIT ?";
  private static final String OPEN_ALL =
      OPEN.replace(
          SecretRows.BY_REF + " AND v.version_number = ",
          " WHERE s.organization_id = ? AND s.id = ? ORDER BY v.version_number");
  private static final String REVISION =
      "SELECT revision FROM tenantkit.secrets WHERE organization_id = ? AND id = ?";
  private static final String VERSION =
      """
      SELECT version_number FROM tenantkit.secret_versions
       WHERE organization_id = ? AND secret_id = ? AND version_number = ?""";
  private static final String DESTROY =
      "DELETE FROM tenantkit.secrets s WHERE s.organization_id = ? AND s.id = ? AND s.revision = ?";
  private static final String TEAMS =
      "SELECT team_id FROM tenantkit.secret_teams WHERE organization_id = ? AND secret_id = ?";
  private static final String TEAM =
      "SELECT id FROM tenantkit.teams WHERE organization_id = ? AND id = ?";
  private static final String PLAN = "SELECT plan FROM tenantkit.organizations WHERE id = ?";
  private static final String HOLDINGS =
      """
      SELECT s.project_id, p.name AS project_name, s.environment, count(*) AS secrets
        FROM tenantkit.secrets s
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
       WHERE s.organization_id = ?
       GROUP BY s.project_id, p.name, s.environment""";
  private static final String VERSIONS =
      """
      SELECT v.version_number, v.state, v.destination, v.expires_at, v.created_by, v.created_at,
             s.current_version, s.pending_version, s.previous_version
        FROM tenantkit.secret_versions v
        JOIN tenantkit.secrets s ON s.organization_id = v.organization_id AND s.id = v.secret_id
       WHERE v.organization_id = ? AND v.secret_id = ?""";
  private static final String ORGANIZATIONS_H2 =
      """
      SELECT o.id AS organization_id
        FROM tenantkit.organizations o
       WHERE o.id > ?
         AND EXISTS (SELECT 1 FROM tenantkit.secret_versions v
                      WHERE v.organization_id = o.id AND v.expires_at < ? AND v.state <> 'DESTROYED')
       ORDER BY o.id
       LIMIT ?""";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_expired_versions(?, ?, ?)";
  private static final String EXPIRED =
      """
      SELECT p.name AS project_name, s.environment, s.name, v.version_number
        FROM tenantkit.secret_versions v
        JOIN tenantkit.secrets s ON s.organization_id = v.organization_id AND s.id = v.secret_id
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
       WHERE v.organization_id = ? AND v.expires_at < ? AND v.state <> 'DESTROYED'
       ORDER BY v.expires_at, v.secret_id, v.version_number
       LIMIT ?""";

  private final Transactions transactions;

  JdbcSecrets(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<String> findProject(TenantContext context, String name) {
    return transactions.read(context, session -> findProject(session, context, name));
  }

  private static Optional<String> findProject(Session session, TenantContext context, String name)
      throws SQLException {
    return session.first(
        FIND_PROJECT,
        p -> p.text(context.organization().value()).text(name),
        row -> row.text("id"));
  }

  @Override
  public Optional<Secret> find(TenantContext context, SecretRef ref) {
    return transactions.read(context, session -> find(session, context, ref));
  }

  private static Optional<Secret> find(Session session, TenantContext context, SecretRef ref)
      throws SQLException {
    SecretSight sight = SecretSight.of(context);
    return session.first(
        FIND + sight.condition(),
        p -> {
          SecretRows.byRef(p, context, ref);
          sight.bind(p);
        },
        SecretRows::secret);
  }

  @Override
  public Ground findForPut(TenantContext context, SecretRef ref) {
    if (transactions.dialect() != Dialect.POSTGRESQL) {
      // Nothing waits for a server here, and H2 plans a joined subquery anew for each call.
      return SecretStore.super.findForPut(context, ref);
    }
    SecretSight sight = SecretSight.of(context);
    return transactions
        .read(
            context,
            session ->
                session.first(
                    FOR_PUT.formatted(FIND + sight.condition()),
                    p -> {
                      p.text(context.organization().value());
                      SecretRows.byRef(p, context, ref);
                      sight.bind(p);
                    },
                    JdbcSecrets::ground))
        .orElseThrow();
  }

  private static Ground ground(Row row) throws SQLException {
    return new Ground(
        row.textOrNull("id") != null ? Optional.of(SecretRows.secret(row)) : Optional.empty(),
        row.textOrNull("key_id") != null
            ? Optional.of(
                new StoredOrganizationKey(
                    row.integer("key_number"),
                    row.text("key_id"),
                    row.text("master_key_id"),
                    row.bytes("wrapped"),
                    row.time("key_created_at")))
            : Optional.empty());
  }

  @Override
  public boolean isTaken(TenantContext context, SecretRef ref) {
    return transactions.read(context, session -> isTaken(session, context, ref));
  }

  private static boolean isTaken(Session session, TenantContext context, SecretRef ref)
      throws SQLException {
    return session
        .first(FIND, p -> SecretRows.byRef(p, context, ref), row -> row.text("id"))
        .isPresent();
  }

  @Override
  public SortedSet<TeamId> teams(TenantContext context, SecretId id) {
    return transactions.read(context, session -> teams(session, context, id));
  }

  private static SortedSet<TeamId> teams(Session session, TenantContext context, SecretId id)
      throws SQLException {
    return new TreeSet<>(
        session.query(
            TEAMS,
            p -> p.text(context.organization().value()).text(id.value()),
            row -> TeamId.of(row.text("team_id"))));
  }

  @Override
  public List<Secret> findAll(TenantContext context, Collection<SecretRef> refs) {
    if (refs.isEmpty()) {
      return List.of();
    }
    SecretSight sight = SecretSight.of(context);
    String sql =
        String.join("\nUNION ALL\n", Collections.nCopies(refs.size(), FIND + sight.condition()));
    return transactions.read(
        context,
        session ->
            session.query(
                sql,
                p -> {
                  for (SecretRef ref : refs) {
                    SecretRows.byRef(p, context, ref);
                    sight.bind(p);
                  }
                },
                SecretRows::secret));
  }

  @Override
  public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    writes.forEach(steps::add);
    return Refusals.attempt(
        transactions,
        context,
        steps.steps(),
        steps::allCounted,
        session -> {
          requirePlan(session, context, writes);
          claim(session, writes);
        },
        session -> anyIsTaken(session, context, writes));
  }

  private void claim(Session session, List<SecretWrite> writes) throws SQLException {
    for (SecretWrite write : writes) {
      Secret secret = write.secret();
      if (write.claim().isPresent()
          && !CredentialClaims.claim(
              session,
              transactions.dialect(),
              secret,
              secret.stages().newest(),
              write.claim().get(),
              secret.updatedAt())) {
        throw CredentialMarks.taken();
      }
    }
  }

  /**
   * Each event has locked the head of the organization's chain by now, so that nobody else adds
   * until this ends.
   */
  private static void requirePlan(Session session, TenantContext context, List<SecretWrite> writes)
      throws SQLException {
    List<Secret> added = SecretWrite.limited(writes);
    if (added.isEmpty()) {
      return;
    }
    String organization = context.organization().value();
    String plan =
        session.first(PLAN, p -> p.text(organization), row -> row.text("plan")).orElse("");
    PlanLimits limits = SecretWrite.plans(writes).limits(plan);
    if (limits.isUnlimited()) {
      return;
    }
    Holdings all = new Holdings();
    session.query(
        HOLDINGS,
        p -> p.text(organization),
        row ->
            all.add(
                row.text("project_id"),
                row.text("project_name"),
                Environment.valueOf(row.text("environment")),
                row.number("secrets")));
    all.require(limits, added);
  }

  private static boolean anyIsTaken(
      Session session, TenantContext context, List<SecretWrite> writes) throws SQLException {
    for (SecretWrite write : writes) {
      if (write.before().isPresent()
          ? isChanged(session, context, write)
          : isTaken(session, context, write.secret())) {
        return true;
      }
      if (isTeamGone(session, context, write.teams().orElse(Collections.emptySortedSet()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTaken(Session session, TenantContext context, Secret secret)
      throws SQLException {
    Optional<String> project = findProject(session, context, secret.ref().project());
    return (project.isPresent() && !project.get().equals(secret.projectId()))
        || session
            .first(
                REVISION,
                p -> p.text(context.organization().value()).text(secret.id().value()),
                row -> row.number("revision"))
            .isPresent()
        || isTaken(session, context, secret.ref());
  }

  private static boolean isTeamGone(
      Session session, TenantContext context, Collection<TeamId> teams) throws SQLException {
    for (TeamId team : teams) {
      if (session
          .first(
              TEAM,
              p -> p.text(context.organization().value()).text(team.value()),
              row -> row.text("id"))
          .isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isChanged(Session session, TenantContext context, SecretWrite write)
      throws SQLException {
    String organization = context.organization().value();
    String id = write.secret().id().value();
    Optional<Long> revision =
        session.first(REVISION, p -> p.text(organization).text(id), row -> row.number("revision"));
    if (revision.isEmpty()
        || revision.get() != write.before().map(Secret::revision).orElse(0L).longValue()) {
      return true;
    }
    long added = write.added().map(version -> version.number()).orElse(0L);
    return session
        .first(
            VERSION,
            p -> p.text(organization).text(id).number(added),
            row -> row.number("version_number"))
        .isPresent();
  }

  @Override
  public Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      Function<OpenedSecret, AuditEvent> event) {
    context.requireOwnTransaction("opening a secret");
    SecretSight sight = SecretSight.of(context);
    String sql = OPEN + number(version) + sight.condition();
    return transactions.write(
        context,
        session -> {
          TreeMap<String, byte[]> fields = new TreeMap<>();
          Iterator<OpenedSecret> rows =
              session
                  .query(
                      sql,
                      p -> {
                        SecretRows.byRef(p, context, ref);
                        if (version.number().isPresent()) {
                          p.number(version.number().getAsLong());
                        }
                        sight.bind(p);
                      },
                      row -> SecretRows.opened(row, fields))
                  .iterator();
          if (!rows.hasNext()) {
            return Optional.empty();
          }
          OpenedSecret opened = SecretRows.withFields(rows.next(), fields);
          AuditEvent written = event.apply(opened);
          OwnRows.require(context.organization(), written.organization());
          session.execute(JdbcAudit.insert(written));
          return Optional.of(opened);
        });
  }

  private static String number(VersionChoice version) {
    return version
        .stage()
        .map(
            stage ->
                switch (stage) {
                  case PENDING -> "s.pending_version";
                  case CURRENT -> "s.current_version";
                  case PREVIOUS -> "s.previous_version";
                })
        .orElse("?");
  }

  @Override
  public List<SecretVersion> versions(TenantContext context, SecretId id) {
    SecretSight sight = SecretSight.of(context);
    return transactions.read(
        context,
        session ->
            session.query(
                VERSIONS + sight.condition() + "\n ORDER BY v.version_number",
                p -> {
                  p.text(context.organization().value()).text(id.value());
                  sight.bind(p);
                },
                JdbcSecrets::version));
  }

  private static SecretVersion version(Row row) throws SQLException {
    long number = row.number("version_number");
    SecretStages stages =
        new SecretStages(
            number,
            row.number("current_version"),
            OptionalLong.of(row.number("pending_version")),
            OptionalLong.of(row.number("previous_version")));
    return new SecretVersion(
        number,
        SecretVersion.State.valueOf(row.text("state")),
        stages.of(number),
        row.optionalTime("expires_at"),
        Destination.stored(row.text("destination")),
        row.text("created_by"),
        row.time("created_at"));
  }

  @Override
  public List<Secret> list(TenantContext context, @Nullable String afterId, int limit) {
    SecretSight sight = SecretSight.of(context);
    List<Environment> reach = List.copyOf(context.environments());
    return transactions.read(
        context,
        session ->
            session.query(
                LIST + sight.condition() + "\n ORDER BY s.id LIMIT ?",
                p -> {
                  p.text(context.organization().value());
                  SecretSearch.environments(p, reach);
                  p.text(afterId == null ? "" : afterId);
                  sight.bind(p);
                  p.integer(limit);
                },
                SecretRows::secret));
  }

  @Override
  public List<Secret> search(
      TenantContext context,
      SecretQuery query,
      Instant now,
      @Nullable SecretPlace after,
      int limit) {
    SecretSearch search = new SecretSearch(context, query, now, after, limit);
    return transactions.read(
        context, session -> session.query(search.sql(), search.binder(), SecretRows::secret));
  }

  @Override
  public boolean destroy(TenantContext context, Secret secret, AuditEvent event) {
    SecretSight sight = SecretSight.of(context);
    OwnRows.require(context.organization(), event.organization());
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    steps.step(
        true,
        DESTROY + sight.condition(),
        p -> {
          p.text(context.organization().value())
              .text(secret.id().value())
              .number(secret.revision());
          sight.bind(p);
        });
    steps.removeTags(secret);
    steps.step(false, JdbcAudit.insert(event));
    return transactions.write(
        context,
        session -> {
          try {
            return steps.allCounted(session.execute(steps.steps())) || session.undo();
          } catch (SQLException e) {
            // Only the event refers to another row: the organization that is not there.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  @Override
  public List<OrganizationId> organizationsWithExpired(
      Instant before, @Nullable String afterId, int limit) {
    String after = afterId == null ? "" : afterId;
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    return transactions.read(
        session ->
            session.query(
                postgresql ? ORGANIZATIONS_POSTGRESQL : ORGANIZATIONS_H2,
                p -> {
                  if (postgresql) {
                    p.time(before).text(after).integer(limit);
                  } else {
                    p.text(after).time(before).integer(limit);
                  }
                },
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public List<ExpiredVersion> expired(TenantContext context, Instant before, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                EXPIRED,
                p -> p.text(context.organization().value()).time(before).integer(limit),
                row -> new ExpiredVersion(SecretRows.ref(row), row.number("version_number"))));
  }

  @Override
  public List<Secret> listAll(TenantContext context, @Nullable String afterId, int limit) {
    List<Environment> reach = List.copyOf(context.environments());
    return transactions.read(
        context,
        session ->
            session.query(
                LIST_ALL,
                p -> {
                  p.text(context.organization().value());
                  SecretSearch.environments(p, reach);
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                SecretRows::secret));
  }

  @Override
  public Optional<SecretHistory> openAll(
      TenantContext context, SecretId id, Function<SecretHistory, AuditEvent> event) {
    context.requireOwnTransaction("opening a secret");
    return transactions.write(
        context,
        session -> {
          Map<Long, TreeMap<String, byte[]>> fields = new TreeMap<>();
          Map<Long, OpenedSecret> bare = new TreeMap<>();
          session.query(
              OPEN_ALL,
              p -> p.text(context.organization().value()).text(id.value()),
              row -> {
                Long number = row.number("version_number");
                TreeMap<String, byte[]> all =
                    fields.computeIfAbsent(number, first -> new TreeMap<>());
                bare.put(number, SecretRows.opened(row, all));
                return number;
              });
          if (bare.isEmpty()) {
            return Optional.empty();
          }
          List<StoredSecretVersion> versions = new ArrayList<>();
          bare.forEach(
              (number, opened) ->
                  versions.add(
                      SecretRows.withFields(opened, fields.getOrDefault(number, new TreeMap<>()))
                          .version()));
          SecretHistory opened =
              new SecretHistory(
                  bare.values().iterator().next().secret(), versions, teams(session, context, id));
          AuditEvent written = event.apply(opened);
          OwnRows.require(context.organization(), written.organization());
          session.execute(JdbcAudit.insert(written));
          return Optional.of(opened);
        });
  }

  @Override
  public boolean restore(TenantContext context, SecretHistory history, AuditEvent event) {
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    steps.restore(history, event);
    return Refusals.attempt(
        transactions,
        context,
        steps.steps(),
        steps::allCounted,
        checked -> {},
        session ->
            isTaken(session, context, history.secret())
                || isTeamGone(session, context, history.teams()));
  }
}
