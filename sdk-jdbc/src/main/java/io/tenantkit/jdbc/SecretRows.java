package io.tenantkit.jdbc;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** How rows of secrets are read. Stateless. */
final class SecretRows {
  /**
   * A secret's columns. A node of before these stages were kept counts only in {@code
   * current_version}.
   */
  static final String COLUMNS =
      "s.organization_id, s.id, s.project_id, s.environment, s.name, s.type, s.current_version,"
          + " GREATEST(s.newest_version, s.current_version) AS newest_version, s.pending_version, s.previous_version,"
          + " s.description, s.tags, s.metadata, s.max_versions, s.expires_at, s.deleted_at, s.owner_kind, s.created_by, s.access_level,"
          + " s.created_at, s.updated_at, s.revision, p.name AS project_name";

  static final String FROM =
      """
        FROM tenantkit.secrets s
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
      """;

  /** Repeats the condition of the partial unique index on the place. */
  static final String BY_REF =
      " WHERE s.organization_id = ? AND p.name = ? AND s.environment = ? AND s.environment <> '' AND s.name = ?";

  private SecretRows() {}

  static void byRef(Params p, TenantContext context, SecretRef ref) throws SQLException {
    p.text(context.organization().value())
        .text(ref.project())
        .text(ref.environment().name())
        .text(ref.name());
  }

  static SecretRef ref(Row row) throws SQLException {
    return new SecretRef(
        row.text("project_name"), Environment.valueOf(row.text("environment")), row.text("name"));
  }

  static Secret secret(Row row) throws SQLException {
    return new Secret(
        new SecretId(row.text("id")),
        OrganizationId.of(row.text("organization_id")),
        row.text("project_id"),
        ref(row),
        row.text("type"),
        SecretDescription.of(
            row.text("description"), tags(row.text("tags")), Json.details(row.text("metadata"))),
        new SecretStages(
            row.number("newest_version"),
            row.number("current_version"),
            number(row, "pending_version"),
            number(row, "previous_version")),
        row.integer("max_versions"),
        row.optionalTime("expires_at"),
        row.optionalTime("deleted_at"),
        owner(row.text("owner_kind"), row.text("created_by")),
        AccessLevel.valueOf(row.text("access_level")),
        row.time("created_at"),
        row.time("updated_at"),
        row.number("revision"));
  }

  private static List<String> tags(String joined) {
    return joined.isEmpty() ? List.of() : List.of(joined.split(" ", -1));
  }

  static String tags(Secret secret) {
    return String.join(" ", secret.tags());
  }

  /** No version has the number 0, which stands for none as null does. */
  private static OptionalLong number(Row row, String column) throws SQLException {
    long number = row.number(column);
    return number == 0 ? OptionalLong.empty() : OptionalLong.of(number);
  }

  /** Of a kind that nobody knows it is a host of that name, whom no context will ever be. */
  private static Actor owner(String kind, String id) {
    return Arrays.stream(Actor.Kind.values())
        .filter(known -> known.name().equals(kind))
        .findFirst()
        .map(known -> new Actor(known, id))
        .orElseGet(() -> Actor.host(kind + " " + id));
  }

  /** One row per field; a version without fields has one row with none. */
  static OpenedSecret opened(Row row, Map<String, byte[]> fields) throws SQLException {
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
            row.text("destination"),
            SecretVersion.State.valueOf(row.text("state")),
            row.optionalTime("version_expires_at"),
            row.text("put_by"),
            row.time("put_at")));
  }

  static OpenedSecret withFields(OpenedSecret bare, Map<String, byte[]> fields) {
    StoredSecretVersion v = bare.version();
    return new OpenedSecret(
        bare.secret(),
        new StoredSecretVersion(
            v.number(),
            v.organizationKeyId(),
            v.wrappedDataKey(),
            fields,
            v.destination(),
            v.state(),
            v.expiresAt(),
            v.createdBy(),
            v.createdAt()));
  }
}
