package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Secrets, their versions and fields: ciphertext only. */
final class JdbcSecrets implements SecretStore {
  private static final String FIND_PROJECT =
      "SELECT id FROM tenantkit.projects WHERE organization_id = ? AND name = ?";
  private static final String ADD_PROJECT =
      """
      INSERT INTO tenantkit.projects (organization_id, id, name)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar)
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.projects WHERE organization_id = ? AND name = ?)""";
  private static final String SECRET =
      "s.organization_id, s.id, s.project_id, s.environment, s.name, s.type, s.current_version, s.created_by,"
          + " s.created_at, s.updated_at, p.name AS project_name";
  private static final String FROM =
      """
        FROM tenantkit.secrets s
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
      """;
  private static final String BY_REF =
      " WHERE s.organization_id = ? AND p.name = ? AND s.environment = ? AND s.name = ?";
  private static final String FIND = "SELECT " + SECRET + "\n" + FROM + BY_REF;
  private static final String OPEN =
      "SELECT "
          + SECRET
          + ", v.version_number, v.organization_key_id, v.wrapped_data_key, v.created_by AS put_by,"
          + " v.created_at AS put_at, f.field_name, f.sealed\n"
          + FROM
          + """
              JOIN tenantkit.secret_versions v ON v.organization_id = s.organization_id AND v.secret_id = s.id
              LEFT JOIN tenantkit.secret_fields f ON f.organization_id = v.organization_id AND f.secret_id = v.secret_id
                                                 AND f.version_number = v.version_number
            """
          + BY_REF;
  private static final String OPEN_CURRENT = OPEN + " AND v.version_number = s.current_version";
  private static final String OPEN_VERSION = OPEN + " AND v.version_number = ?";
  private static final String LIST =
      "SELECT "
          + SECRET
          + "\n"
          + FROM
          + " WHERE s.organization_id = ? AND s.environment IN (?, ?, ?) AND s.id > ? ORDER BY s.id LIMIT ?";
  private static final String INSERT_SECRET =
      """
      INSERT INTO tenantkit.secrets
        (organization_id, id, project_id, environment, name, type, current_version, created_by, created_at, updated_at)
      SELECT p.organization_id, CAST(? AS varchar), p.id, CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS bigint), CAST(? AS varchar), CAST(? AS timestamp with time zone),
             CAST(? AS timestamp with time zone)
        FROM tenantkit.projects p
       WHERE p.organization_id = ? AND p.id = ? AND p.name = ?""";
  private static final String UPDATE_SECRET =
      """
      UPDATE tenantkit.secrets
         SET type = ?, current_version = ?, updated_at = ?
       WHERE organization_id = ? AND id = ? AND current_version = ?""";
  private static final String DELETE_SECRET =
      "DELETE FROM tenantkit.secrets WHERE organization_id = ? AND id = ?";
  private static final String INSERT_VERSION =
      """
      INSERT INTO tenantkit.secret_versions
        (organization_id, secret_id, version_number, organization_key_id, wrapped_data_key, created_by, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)""";
  private static final String INSERT_FIELD =
      """
      INSERT INTO tenantkit.secret_fields (organization_id, secret_id, version_number, field_name, sealed)
      VALUES (?, ?, ?, ?, ?)""";
  private static final String VERSIONS =
      """
      SELECT version_number, created_by, created_at
        FROM tenantkit.secret_versions
       WHERE organization_id = ? AND secret_id = ?
       ORDER BY version_number""";

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
    return transactions.read(
        context, session -> session.first(FIND, p -> byRef(p, context, ref), JdbcSecrets::secret));
  }

  @Override
  public boolean create(
      TenantContext context, Secret secret, StoredSecretVersion first, AuditEvent event) {
    requireOwn(context, secret, event);
    String organization = secret.organization().value();
    String project = secret.ref().project();
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Step(
            ADD_PROJECT,
            p ->
                p.text(organization)
                    .text(secret.projectId())
                    .text(project)
                    .text(organization)
                    .text(project)));
    steps.add(
        new Step(
            INSERT_SECRET,
            p ->
                p.text(secret.id().value())
                    .text(secret.ref().environment().name())
                    .text(secret.ref().name())
                    .text(secret.type())
                    .number(secret.currentVersion())
                    .text(secret.createdBy())
                    .time(secret.createdAt())
                    .time(secret.updatedAt())
                    .text(organization)
                    .text(secret.projectId())
                    .text(project)));
    addVersion(steps, context, secret.id(), first);
    steps.add(JdbcAudit.insert(event));
    return Refusals.attempt(
        transactions, context, steps, session -> isTaken(session, context, secret));
  }

  private static boolean isTaken(Session session, TenantContext context, Secret secret)
      throws SQLException {
    Optional<String> project = findProject(session, context, secret.ref().project());
    return (project.isPresent() && !project.get().equals(secret.projectId()))
        || session
            .first(FIND, p -> byRef(p, context, secret.ref()), JdbcSecrets::secret)
            .isPresent();
  }

  @Override
  public boolean addVersion(
      TenantContext context,
      Secret changed,
      long expectedVersion,
      StoredSecretVersion version,
      AuditEvent event) {
    requireOwn(context, changed, event);
    List<Step> steps = new ArrayList<>();
    addVersion(steps, context, changed.id(), version);
    steps.add(JdbcAudit.insert(event));
    return transactions.write(
        context,
        session -> {
          // Apart from the inserts, so that whoever lost the race is told so and nothing else.
          int[] counts =
              session.execute(
                  new Step(
                      UPDATE_SECRET,
                      p ->
                          p.text(changed.type())
                              .number(changed.currentVersion())
                              .time(changed.updatedAt())
                              .text(context.organization().value())
                              .text(changed.id().value())
                              .number(expectedVersion)));
          if (counts[0] != 1) {
            return session.undo();
          }
          session.execute(steps);
          return true;
        });
  }

  @Override
  public Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      OptionalLong version,
      Function<Secret, AuditEvent> event) {
    context.requireOwnTransaction("opening a secret");
    return transactions.write(
        context,
        session -> {
          TreeMap<String, byte[]> fields = new TreeMap<>();
          Iterator<OpenedSecret> rows =
              session
                  .query(
                      version.isPresent() ? OPEN_VERSION : OPEN_CURRENT,
                      p -> {
                        byRef(p, context, ref);
                        if (version.isPresent()) {
                          p.number(version.getAsLong());
                        }
                      },
                      row -> opened(row, fields))
                  .iterator();
          if (!rows.hasNext()) {
            return Optional.empty();
          }
          OpenedSecret opened = withFields(rows.next(), fields);
          AuditEvent written = event.apply(opened.secret());
          OwnRows.require(context.organization(), written.organization());
          session.execute(JdbcAudit.insert(written));
          return Optional.of(opened);
        });
  }

  @Override
  public List<SecretVersion> versions(TenantContext context, SecretId id) {
    return transactions.read(
        context,
        session ->
            session.query(
                VERSIONS,
                p -> p.text(context.organization().value()).text(id.value()),
                row ->
                    new SecretVersion(
                        row.number("version_number"),
                        row.text("created_by"),
                        row.time("created_at"))));
  }

  @Override
  public List<Secret> list(TenantContext context, @Nullable String afterId, int limit) {
    List<Environment> reach = List.copyOf(context.environments());
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p -> {
                  p.text(context.organization().value());
                  for (int i = 0; i < Environment.values().length; i++) {
                    p.text(reach.get(Math.min(i, reach.size() - 1)).name());
                  }
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                JdbcSecrets::secret));
  }

  @Override
  public boolean delete(TenantContext context, SecretId id, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    return transactions.write(
        context,
        session -> {
          try {
            int[] counts =
                session.execute(
                    new Step(
                        DELETE_SECRET,
                        p -> p.text(context.organization().value()).text(id.value())),
                    JdbcAudit.insert(event));
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

  private static void requireOwn(TenantContext context, Secret secret, AuditEvent event) {
    OwnRows.require(context.organization(), secret.organization());
    OwnRows.require(context.organization(), event.organization());
  }

  private static void byRef(Params p, TenantContext context, SecretRef ref) throws SQLException {
    p.text(context.organization().value())
        .text(ref.project())
        .text(ref.environment().name())
        .text(ref.name());
  }

  private static void addVersion(
      List<Step> steps, TenantContext context, SecretId secret, StoredSecretVersion version) {
    String organization = context.organization().value();
    steps.add(
        new Step(
            INSERT_VERSION,
            p ->
                p.text(organization)
                    .text(secret.value())
                    .number(version.number())
                    .text(version.organizationKeyId())
                    .bytes(version.wrappedDataKey())
                    .text(version.createdBy())
                    .time(version.createdAt())));
    for (Map.Entry<String, byte[]> field : version.fields().entrySet()) {
      steps.add(
          new Step(
              INSERT_FIELD,
              p ->
                  p.text(organization)
                      .text(secret.value())
                      .number(version.number())
                      .text(field.getKey())
                      .bytes(field.getValue())));
    }
  }

  private static Secret secret(Row row) throws SQLException {
    return new Secret(
        new SecretId(row.text("id")),
        OrganizationId.of(row.text("organization_id")),
        row.text("project_id"),
        new SecretRef(
            row.text("project_name"),
            Environment.valueOf(row.text("environment")),
            row.text("name")),
        row.text("type"),
        row.number("current_version"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"));
  }

  /** One row per field; a version without fields has one row with none. */
  private static OpenedSecret opened(Row row, Map<String, byte[]> fields) throws SQLException {
    String name = row.textOrNull("field_name");
    if (name != null) {
      fields.put(name, row.bytes("sealed"));
    }
    return new OpenedSecret(
        secret(row),
        new StoredSecretVersion(
            row.number("version_number"),
            row.text("organization_key_id"),
            row.bytes("wrapped_data_key"),
            Map.of(),
            row.text("put_by"),
            row.time("put_at")));
  }

  private static OpenedSecret withFields(OpenedSecret bare, Map<String, byte[]> fields) {
    StoredSecretVersion v = bare.version();
    return new OpenedSecret(
        bare.secret(),
        new StoredSecretVersion(
            v.number(),
            v.organizationKeyId(),
            v.wrappedDataKey(),
            fields,
            v.createdBy(),
            v.createdAt()));
  }
}
