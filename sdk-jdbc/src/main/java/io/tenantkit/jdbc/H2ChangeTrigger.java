package io.tenantkit.jdbc;

import io.tenantkit.spi.Change;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the change feed of an H2 file. H2 makes and calls it by the name that stands in the
 * schema; hosts do not.
 */
public final class H2ChangeTrigger implements Trigger {
  private static final String INSERT =
      "INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES (?, ?, ?)";

  /** Use is no change, whichever columns a later version adds. */
  private static final Set<String> USE = Set.of("last_used_at", "usage_count");

  private String kind = "";
  private int organization;
  private int subject;
  private List<Integer> compared = List.of();

  /** For H2. */
  public H2ChangeTrigger() {}

  @Override
  public void init(
      Connection connection, String schema, String trigger, String table, boolean before, int type)
      throws SQLException {
    boolean keys = table.toLowerCase(Locale.ROOT).equals("api_keys");
    kind = keys ? Change.API_KEY : Change.ORGANIZATION;
    List<Integer> columns = new ArrayList<>();
    try (ResultSet found = connection.getMetaData().getColumns(null, schema, table, null)) {
      while (found.next()) {
        String column = found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT);
        int place = found.getInt("ORDINAL_POSITION") - 1;
        if (column.equals(keys ? "organization_id" : "id")) {
          organization = place;
        }
        if (column.equals(keys ? "key_hash" : "id")) {
          subject = place;
        }
        if (!USE.contains(column)) {
          columns.add(place);
        }
      }
    }
    compared = List.copyOf(columns);
  }

  @Override
  public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
      throws SQLException {
    if (before != null && after != null && isSame(before, after)) {
      return;
    }
    if (before != null) {
      record(connection, before);
    }
    if (after != null && (before == null || !before[subject].equals(after[subject]))) {
      record(connection, after);
    }
  }

  private boolean isSame(Object[] before, Object[] after) {
    for (int place : compared) {
      if (!Objects.deepEquals(before[place], after[place])) {
        return false;
      }
    }
    return true;
  }

  private void record(Connection connection, Object[] row) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, row[organization].toString());
      insert.setString(2, kind);
      insert.setString(3, row[subject].toString());
      insert.executeUpdate();
    }
  }
}
