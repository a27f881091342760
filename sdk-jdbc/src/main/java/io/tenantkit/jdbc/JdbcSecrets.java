package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.VersionChoice;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
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

  private static final String LIST =
      "SELECT "
          + SecretRows.COLUMNS
          + "\n"
          + SecretRows.FROM
          + " WHERE s.organization_id = ? AND s.environment IN (?, ?, ?) AND s.id > ? AND s.deleted_at IS NULL";
  private static final String LIST_ALL =
      LIST.replace(" AND s.deleted_at IS NULL", "") + " ORDER BY s.id LIMIT ?";
  private static final String TEAMS =
      "SELECT team_id FROM tenantkit.secret_teams WHERE organization_id = ? AND secret_id = ?";
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
  private final SecretWrites writes;
  private final SecretOpening opening;

  JdbcSecrets(Transactions transactions) {
    this.transactions = transactions;
    this.writes = new SecretWrites(transactions);
    this.opening = new SecretOpening(transactions);
  }

  @Override
  public Optional<String> findProject(TenantContext context, String name) {
    return transactions.read(context, session -> findProject(session, context, name));
  }

  static Optional<String> findProject(Session session, TenantContext context, String name)
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

  static boolean isTaken(Session session, TenantContext context, SecretRef ref)
      throws SQLException {
    return session
        .first(FIND, p -> SecretRows.byRef(p, context, ref), row -> row.text("id"))
        .isPresent();
  }

  @Override
  public SortedSet<TeamId> teams(TenantContext context, SecretId id) {
    return transactions.read(context, session -> teams(session, context, id));
  }

  static SortedSet<TeamId> teams(Session session, TenantContext context, SecretId id)
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
  public Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      Function<OpenedSecret, AuditEvent> event) {
    return opening.open(context, ref, version, event);
  }

  @Override
  public Optional<SecretHistory> openAll(
      TenantContext context, SecretId id, Function<SecretHistory, AuditEvent> event) {
    return opening.openAll(context, id, event);
  }

  @Override
  public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
    return this.writes.writeAll(context, writes);
  }

  @Override
  public boolean destroy(TenantContext context, Secret secret, AuditEvent event) {
    return writes.destroy(context, secret, event);
  }

  @Override
  public boolean restore(TenantContext context, SecretHistory history, AuditEvent event) {
    return writes.restore(context, history, event);
  }
}
