package io.tenantkit.jdbc;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.HostCredential;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A host's own table, in the storage's database, whose rows hold credentials in the clear: one row
 * for each, one column for each field, and a boolean that says whether the row was imported.
 *
 * <pre>{@code
 * CredentialSource legacy = HostCredentialTable.in(storage, "integrations")
 *     .id("id").organization("organization_id").kind("provider")
 *     .field("api_key", "api_key")
 *     .imported("credentials_migrated")
 *     .build();
 * CredentialImport.of(vault, legacy, CredentialTarget.secrets(vault, row -> …)).dryRun(context);
 * }</pre>
 *
 * <p>The application role needs SELECT on these columns, and UPDATE on those of the fields and the
 * boolean. The SQL names the organization, so row level security on the table is welcome and not
 * needed. Rows whose field columns are all NULL or empty have nothing to import and are left alone.
 * A row that cannot be a credential (no id, no kind, one that is too long) is reported and left
 * too, and does not keep the others. To empty a row its columns are set to NULL, or to the empty
 * text where they do not allow it. No credential is ever a parameter of a statement, which a
 * server's log could hold.
 *
 * <p>Immutable and safe for use by several threads; blocks on the database.
 */
public final class HostCredentialTable implements CredentialSource {
  private final JdbcStorage storage;
  private final Map<String, String> fields;
  private final String first;
  private final String pending;
  private final String current;
  private final String scrub;

  private HostCredentialTable(Builder builder) {
    this.storage = builder.storage;
    this.fields = new TreeMap<>(builder.fields);
    String id = Builder.required("id", builder.id);
    String organization = Builder.required("organization", builder.organization);
    String kind = Builder.required("kind", builder.kind);
    String imported = Builder.required("imported", builder.imported);
    if (fields.isEmpty()) {
      throw new InvalidInputException("field", "1 or more");
    }
    String columns = String.join(", ", fields.values());
    // The same order everywhere, whatever the type of the id and the database's collation. One that
    // is missing comes first, to be reported.
    String text = "COALESCE(CAST(" + id + " AS varchar), '')";
    String order = storage.dialect() == Dialect.H2 ? text : text + " COLLATE \"C\"";
    String any =
        fields.values().stream()
            .map(column -> "(" + column + " IS NOT NULL AND " + column + " <> '')")
            .collect(Collectors.joining(" OR ", "(", ")"));
    String select =
        "SELECT %s AS credential_id, %s AS credential_kind, %s FROM %s"
            .formatted(text, kind, columns, builder.table);
    // A column that was added without a default is NULL in all rows: none of them was imported.
    String open = " WHERE %s = ? AND %s IS NOT TRUE AND ".formatted(organization, imported) + any;
    String page = " ORDER BY " + order + " LIMIT ?";
    this.first = select + open + page;
    this.pending = select + open + " AND " + order + " > ?" + page;
    String row = " WHERE %s = ? AND CAST(%s AS varchar) = ?".formatted(organization, id);
    this.current = select + row + " AND " + imported + " IS NOT TRUE FOR UPDATE";
    String emptied =
        fields.values().stream()
            .map(column -> column + " = " + (builder.emptyText ? "''" : "NULL"))
            .collect(Collectors.joining(", "));
    this.scrub = "UPDATE %s SET %s, %s = TRUE".formatted(builder.table, emptied, imported) + row;
  }

  /**
   * A table to be described.
   *
   * @param table its name, with its schema's before a dot if it is not on the search path; unquoted
   *     SQL identifiers
   */
  public static Builder in(JdbcStorage storage, String table) {
    return new Builder(storage, table);
  }

  @Override
  public List<HostCredential> pending(TenantContext context, @Nullable String afterId, int limit) {
    return inTenant(
        context,
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(afterId == null ? first : pending)) {
            int at = 0;
            select.setString(++at, context.organization().value());
            if (afterId != null) {
              select.setString(++at, afterId);
            }
            select.setInt(++at, limit);
            return read(select);
          }
        });
  }

  @Override
  public boolean scrub(
      TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
    try {
      return storage.<Boolean, SQLException>inTenant(
          context,
          (TenantContext joined, Connection connection) -> {
            if (!isUnchanged(connection, joined, read)) {
              return false;
            }
            try (PreparedStatement update = connection.prepareStatement(scrub)) {
              update.setString(1, joined.organization().value());
              update.setString(2, read.id());
              if (update.executeUpdate() != 1) {
                // Locked a moment ago: the id is not unique, and all of its rows are not ours.
                throw new InvalidInputException("id", "a column that is unique in an organization");
              }
            }
            evidence.accept(joined);
            return true;
          });
    } catch (SQLException e) {
      throw SqlErrors.statement(storage.dialect(), e);
    }
  }

  /** Locks the row until the transaction ends. */
  private boolean isUnchanged(Connection connection, TenantContext context, HostCredential read)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(current)) {
      select.setString(1, context.organization().value());
      select.setString(2, read.id());
      List<HostCredential> now = read(select);
      try {
        return now.size() == 1
            && now.get(0).refusal().isEmpty()
            && now.get(0).kind().equals(read.kind())
            && now.get(0).fields().equals(read.fields());
      } finally {
        now.forEach(HostCredential::close);
      }
    }
  }

  private List<HostCredential> read(PreparedStatement select) throws SQLException {
    List<HostCredential> read = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        credential(rows).ifPresent(read::add);
      }
      return read;
    } catch (SQLException | RuntimeException e) {
      read.forEach(HostCredential::close);
      throw e;
    }
  }

  /** Of a row; empty when it has nothing to import. */
  private Optional<HostCredential> credential(ResultSet row) throws SQLException {
    @Nullable String id = row.getString("credential_id");
    @Nullable String kind = row.getString("credential_kind");
    Map<String, SecretValue> values = new LinkedHashMap<>();
    boolean taken = false;
    try {
      for (Map.Entry<String, String> field : fields.entrySet()) {
        String value = row.getString(field.getValue());
        if (value != null && !value.isEmpty()) {
          values.put(field.getKey(), SecretValue.of(value));
        }
      }
      if (values.isEmpty()) {
        return Optional.empty();
      }
      HostCredential credential =
          new HostCredential(id == null ? "" : id, kind == null ? "" : kind, values);
      taken = true;
      return Optional.of(credential);
    } catch (InvalidInputException e) {
      // One row that is not as the library wants it must not keep all others in the clear.
      return Optional.of(
          HostCredential.refused(id == null ? "" : id, String.valueOf(e.getMessage())));
    } finally {
      if (!taken) {
        values.values().forEach(SecretValue::close);
      }
    }
  }

  private <T> T inTenant(TenantContext context, ConnectionWork<T, SQLException> work) {
    try {
      return storage.inTenant(context, work);
    } catch (SQLException e) {
      throw SqlErrors.statement(storage.dialect(), e);
    }
  }

  /** The table's name is not told: it is the host's. */
  @Override
  public String toString() {
    return "HostCredentialTable[fields " + fields.keySet() + "]";
  }

  /** Collects what the columns are called. For one thread. */
  public static final class Builder {
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Pattern TABLE =
        Pattern.compile("([A-Za-z_][A-Za-z0-9_]{0,62}\\.)?[A-Za-z_][A-Za-z0-9_]{0,62}");

    private final JdbcStorage storage;
    private final String table;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private @Nullable String id;
    private @Nullable String organization;
    private @Nullable String kind;
    private @Nullable String imported;
    private boolean emptyText;

    private Builder(JdbcStorage storage, String table) {
      this.storage = Objects.requireNonNull(storage, "storage");
      this.table = identifier(TABLE, "table", table);
    }

    /** The column that names a row, unique in an organization; of any type that casts to text. */
    public Builder id(String column) {
      id = identifier(IDENTIFIER, "id", column);
      return this;
    }

    /** The column with the organization's id, as this library knows it. */
    public Builder organization(String column) {
      organization = identifier(IDENTIFIER, "organization", column);
      return this;
    }

    /** The column that says what the credential is, for example the provider's name. */
    public Builder kind(String column) {
      kind = identifier(IDENTIFIER, "kind", column);
      return this;
    }

    /**
     * A column of text that holds a field of the credential.
     *
     * @param field the name it gets, for example {@code secret_access_key}
     */
    public Builder field(String field, String column) {
      fields.put(field, identifier(IDENTIFIER, "field", column));
      return this;
    }

    /**
     * The boolean column that says whether a row was imported; false or NULL for those that were
     * not.
     */
    public Builder imported(String column) {
      imported = identifier(IDENTIFIER, "imported", column);
      return this;
    }

    /** The columns of the fields do not allow NULL: they are set to the empty text instead. */
    public Builder emptyText() {
      emptyText = true;
      return this;
    }

    /**
     * The source.
     *
     * @throws InvalidInputException naming what was not told
     */
    public HostCredentialTable build() {
      return new HostCredentialTable(this);
    }

    private static String required(String property, @Nullable String column) {
      return Optional.ofNullable(column)
          .orElseThrow(() -> new InvalidInputException(property, "the name of a column"));
    }

    private static String identifier(Pattern form, String property, String name) {
      if (!form.matcher(name).matches()) {
        throw new InvalidInputException(
            property, "an unquoted SQL identifier of at most 63 characters");
      }
      return name;
    }
  }
}
