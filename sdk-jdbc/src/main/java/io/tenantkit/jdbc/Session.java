package io.tenantkit.jdbc;

import io.tenantkit.tenant.OrganizationId;
import java.io.Serial;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connection for the length of one verb. On PostgreSQL the tenant's setting travels in the same
 * flush as the verb's first statements, and statements given together travel together, so a verb
 * costs as few round trips as it has answers to wait for.
 */
final class Session {
  private static final String SET_TENANT = "SELECT set_config('app.organization_id', ?, true)";
  private static final String READ_TENANT =
      "SELECT current_setting('app.organization_id', true) AS tenant";
  private static final int[] NO_COUNTS = {};

  /**
   * The driver ended the transaction between the setting and the query, so the query saw no tenant
   * and its answer is worth nothing. pgjdbc does so in some of its modes.
   */
  static final class TenantLostException extends SQLException {
    @Serial private static final long serialVersionUID = 1L;
  }

  private final Dialect dialect;
  private final Connection connection;
  private @Nullable OrganizationId pendingTenant;
  private final boolean everyFlush;
  private final String setTenant;
  private boolean undone;

  private Session(
      Dialect dialect,
      Connection connection,
      @Nullable OrganizationId tenant,
      boolean everyFlush,
      String setTenant) {
    this.setTenant = setTenant;
    this.dialect = dialect;
    this.connection = connection;
    this.pendingTenant = dialect == Dialect.POSTGRESQL ? tenant : null;
    this.everyFlush = everyFlush;
  }

  /**
   * Within the host's transaction, where the setting lasts until its end and time is the host's.
   */
  static Session joined(Dialect dialect, Connection connection, @Nullable OrganizationId tenant) {
    return new Session(dialect, connection, tenant, false, SET_TENANT);
  }

  /** Within a transaction, where the setting lasts until its end. */
  static Session inTransaction(
      Dialect dialect, Connection connection, @Nullable OrganizationId tenant, TimeLimit limit) {
    return new Session(dialect, connection, tenant, false, SET_TENANT + limit.sql());
  }

  /** With auto-commit, where each flush is a transaction of its own and needs the setting anew. */
  static Session autoCommit(
      Dialect dialect, Connection connection, @Nullable OrganizationId tenant, TimeLimit limit) {
    return new Session(dialect, connection, tenant, true, SET_TENANT + limit.sql());
  }

  /** Runs statements together; how many rows each changed. */
  int[] execute(Step... steps) throws SQLException {
    return execute(List.of(steps));
  }

  /** Runs statements together; how many rows each changed. */
  int[] execute(List<Step> steps) throws SQLException {
    if (dialect == Dialect.POSTGRESQL) {
      return together(steps);
    }
    int[] counts = new int[steps.size()];
    for (int i = 0; i < counts.length; i++) {
      try (PreparedStatement statement = prepare(steps.get(i).sql())) {
        steps.get(i).binder().bind(new Params(statement));
        counts[i] = statement.executeUpdate();
      }
    }
    return counts;
  }

  private int[] together(List<Step> steps) throws SQLException {
    if (steps.isEmpty()) {
      return NO_COUNTS;
    }
    OrganizationId tenant = takePendingTenant();
    StringBuilder text = new StringBuilder(tenant == null ? "" : setTenant);
    for (Step step : steps) {
      text.append(text.length() == 0 ? "" : ";\n").append(step.sql());
    }
    try (PreparedStatement statement = prepare(text.toString())) {
      Params params = new Params(statement);
      if (tenant != null) {
        params.text(tenant.value());
      }
      for (Step step : steps) {
        step.binder().bind(params);
      }
      statement.execute();
      if (tenant != null) {
        statement.getMoreResults();
      }
      int[] counts = new int[steps.size()];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = statement.getUpdateCount();
        statement.getMoreResults();
      }
      return counts;
    }
  }

  /** All rows. */
  <T> List<T> query(String sql, Step.Binder binder, Row.Reader<T> reader) throws SQLException {
    OrganizationId tenant = takePendingTenant();
    String text = tenant == null ? sql : setTenant + ";\n" + sql;
    try (PreparedStatement statement =
        prepare(tenant != null && everyFlush ? text + ";\n" + READ_TENANT : text)) {
      Params params = new Params(statement);
      if (tenant != null) {
        params.text(tenant.value());
      }
      binder.bind(params);
      statement.execute();
      if (tenant != null) {
        statement.getMoreResults();
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet results = statement.getResultSet()) {
        Row row = new Row(results);
        while (results.next()) {
          rows.add(reader.read(row));
        }
      }
      if (tenant != null && everyFlush) {
        requireStillSet(statement, tenant);
      }
      return rows;
    }
  }

  /** What is still set after the query was set during the query, for it lasts one transaction. */
  private static void requireStillSet(PreparedStatement statement, OrganizationId tenant)
      throws SQLException {
    statement.getMoreResults();
    try (ResultSet results = statement.getResultSet()) {
      if (!results.next() || !tenant.value().equals(results.getString("tenant"))) {
        throw new TenantLostException();
      }
    }
  }

  /** The row, if there is one. */
  <T> Optional<T> first(String sql, Step.Binder binder, Row.Reader<T> reader) throws SQLException {
    List<T> rows = query(sql, binder, reader);
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
  }

  /** Asks that nothing of this verb remains; the answer is false for the caller's convenience. */
  boolean undo() {
    undone = true;
    return false;
  }

  boolean undone() {
    return undone;
  }

  private PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(dialect.sql(sql));
  }

  private @Nullable OrganizationId takePendingTenant() {
    OrganizationId tenant = pendingTenant;
    if (!everyFlush) {
      pendingTenant = null;
    }
    return tenant;
  }
}
