package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Secrets with their ciphertexts, each opened with its audit event. */
final class SecretOpening {
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
  private static final String OPEN_ALL =
      OPEN.replace(
          SecretRows.BY_REF + " AND v.version_number = ",
          " WHERE s.organization_id = ? AND s.id = ? ORDER BY v.version_number");

  private final Transactions transactions;

  SecretOpening(Transactions transactions) {
    this.transactions = transactions;
  }

  Optional<OpenedSecret> open(
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

  Optional<SecretHistory> openAll(
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
                  bare.values().iterator().next().secret(),
                  versions,
                  JdbcSecrets.teams(session, context, id));
          AuditEvent written = event.apply(opened);
          OwnRows.require(context.organization(), written.organization());
          session.execute(JdbcAudit.insert(written));
          return Optional.of(opened);
        });
  }
}
