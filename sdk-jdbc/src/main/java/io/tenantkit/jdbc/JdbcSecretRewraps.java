package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretRewrapStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The wrapped data keys of secret versions: read by the page, written by the batch. */
final class JdbcSecretRewraps implements SecretRewrapStore {
  /** The page is cut before the joins, or the planner may join all rows for each page. */
  private static final String VERSIONS =
      """
      SELECT v.secret_id, v.version_number, v.organization_key_id, v.wrapped_data_key, v.destination, s.project_id,
             s.environment, f.field_name
        FROM (SELECT p.organization_id, p.secret_id, p.version_number, p.organization_key_id, p.wrapped_data_key,
                     p.destination
                FROM tenantkit.secret_versions p
               WHERE p.organization_id = ? AND OCTET_LENGTH(p.wrapped_data_key) > 0 AND ?which) v
        JOIN tenantkit.secrets s ON s.organization_id = v.organization_id AND s.id = v.secret_id
        LEFT JOIN tenantkit.secret_fields f ON f.organization_id = v.organization_id AND f.secret_id = v.secret_id
                                           AND f.version_number = v.version_number
       ORDER BY v.secret_id, v.version_number""";

  private static final String NOT_UNDER =
      VERSIONS.replace(
          "?which",
          """
          p.secret_id >= ? AND (p.secret_id > ? OR p.version_number > ?)
                 AND p.organization_key_id <> ?
               ORDER BY p.secret_id, p.version_number
               LIMIT ?""");
  private static final String FIND =
      VERSIONS.replace("?which", "p.secret_id = ? AND p.version_number = ?");

  private static final String REWRAP_POSTGRESQL =
      """
      UPDATE tenantkit.secret_versions v
         SET organization_key_id = n.new_key, wrapped_data_key = n.new_wrapped
        FROM unnest(CAST(? AS varchar[]), CAST(? AS bigint[]), CAST(? AS varchar[]), CAST(? AS bytea[]),
                    CAST(? AS varchar[]), CAST(? AS bytea[]))
               AS n (secret_id, version_number, old_key, old_wrapped, new_key, new_wrapped)
       WHERE v.organization_id = ? AND v.secret_id = n.secret_id AND v.version_number = n.version_number
         AND v.organization_key_id = n.old_key AND v.wrapped_data_key = n.old_wrapped""";
  private static final String REWRAP =
      """
      UPDATE tenantkit.secret_versions
         SET organization_key_id = ?, wrapped_data_key = ?
       WHERE organization_id = ? AND secret_id = ? AND version_number = ?
         AND organization_key_id = ? AND wrapped_data_key = ?""";
  private static final String COUNTS =
      """
      SELECT organization_key_id, count(*) AS versions
        FROM tenantkit.secret_versions
       WHERE organization_id = ? AND OCTET_LENGTH(wrapped_data_key) > 0""";
  private static final String BY_KEY = "\n GROUP BY organization_key_id";

  private final Transactions transactions;

  JdbcSecretRewraps(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public List<WrappedVersion> notUnder(
      TenantContext context, String keyId, @Nullable WrappedVersion after, int limit) {
    String secret = after == null ? "" : after.secretId();
    long number = after == null ? 0 : after.number();
    return versions(
        context,
        NOT_UNDER,
        p ->
            p.text(context.organization().value())
                .text(secret)
                .text(secret)
                .number(number)
                .text(keyId)
                .integer(limit));
  }

  @Override
  public Optional<WrappedVersion> find(TenantContext context, String secretId, long number) {
    return versions(
            context,
            FIND,
            p -> p.text(context.organization().value()).text(secretId).number(number))
        .stream()
        .findFirst();
  }

  private List<WrappedVersion> versions(TenantContext context, String sql, Step.Binder binder) {
    return transactions.read(
        context,
        session -> {
          Map<List<Object>, WrappedVersion> rows = new LinkedHashMap<>();
          Map<List<Object>, Set<String>> fields = new LinkedHashMap<>();
          session.query(
              sql,
              binder,
              row -> {
                List<Object> id = List.of(row.text("secret_id"), row.number("version_number"));
                if (!rows.containsKey(id)) {
                  rows.put(id, version(row));
                }
                Set<String> names = fields.computeIfAbsent(id, first -> new TreeSet<>());
                String field = row.textOrNull("field_name");
                if (field != null) {
                  names.add(field);
                }
                return true;
              });
          List<WrappedVersion> versions = new ArrayList<>();
          rows.forEach(
              (id, version) -> versions.add(with(version, fields.getOrDefault(id, Set.of()))));
          return versions;
        });
  }

  private static WrappedVersion version(Row row) throws SQLException {
    return new WrappedVersion(
        row.text("secret_id"),
        row.number("version_number"),
        row.text("project_id"),
        row.text("environment"),
        row.text("destination"),
        row.text("organization_key_id"),
        row.bytes("wrapped_data_key"),
        Set.of());
  }

  private static WrappedVersion with(WrappedVersion version, Set<String> fields) {
    return new WrappedVersion(
        version.secretId(),
        version.number(),
        version.projectId(),
        version.environment(),
        version.destination(),
        version.organizationKeyId(),
        version.wrappedDataKey(),
        fields);
  }

  @Override
  public int rewrap(
      TenantContext context, List<Rewrapped> versions, IntFunction<AuditEvent> event) {
    return transactions.write(
        context,
        session -> {
          int done = 0;
          for (int count : session.execute(steps(context, versions))) {
            done += count;
          }
          if (done > 0) {
            AuditEvent written = event.apply(done);
            OwnRows.require(context.organization(), written.organization());
            session.execute(JdbcAudit.insert(written));
          }
          return done;
        });
  }

  private List<Step> steps(TenantContext context, List<Rewrapped> versions) {
    String organization = context.organization().value();
    if (transactions.dialect() == Dialect.POSTGRESQL) {
      return List.of(
          new Step(
              REWRAP_POSTGRESQL,
              p ->
                  p.array("varchar", each(versions, v -> v.before().secretId()))
                      .array("bigint", each(versions, v -> v.before().number()))
                      .array("varchar", each(versions, v -> v.before().organizationKeyId()))
                      .array("bytea", bytes(versions, v -> v.before().wrappedDataKey()))
                      .array("varchar", each(versions, v -> v.after().organizationKeyId()))
                      .array("bytea", bytes(versions, v -> v.after().wrappedDataKey()))
                      .text(organization)));
    }
    return versions.stream()
        .map(
            v ->
                new Step(
                    REWRAP,
                    p ->
                        p.text(v.after().organizationKeyId())
                            .bytes(v.after().wrappedDataKey())
                            .text(organization)
                            .text(v.before().secretId())
                            .number(v.before().number())
                            .text(v.before().organizationKeyId())
                            .bytes(v.before().wrappedDataKey())))
        .toList();
  }

  private static Object[] each(
      List<Rewrapped> versions, java.util.function.Function<Rewrapped, Object> part) {
    return versions.stream().map(part).toArray();
  }

  private static byte[][] bytes(
      List<Rewrapped> versions, java.util.function.Function<Rewrapped, byte[]> part) {
    return versions.stream().map(part).toArray(byte[][]::new);
  }

  @Override
  public Map<String, Long> counts(TenantContext context) {
    return counts(context, COUNTS + BY_KEY, p -> p.text(context.organization().value()));
  }

  @Override
  public Map<String, Long> counts(TenantContext context, String secretId) {
    return counts(
        context,
        COUNTS + " AND secret_id = ?" + BY_KEY,
        p -> p.text(context.organization().value()).text(secretId));
  }

  private Map<String, Long> counts(TenantContext context, String sql, Step.Binder binder) {
    return transactions.read(
        context,
        session -> {
          Map<String, Long> counts = new TreeMap<>();
          session.query(
              sql,
              binder,
              row -> counts.put(row.text("organization_key_id"), row.number("versions")));
          return counts;
        });
  }
}
