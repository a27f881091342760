package io.tenantkit.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.h2.api.Trigger;

/**
 * Counts what SQL by hand changes in an H2 file, as the trigger function does on PostgreSQL. H2
 * makes and calls it by the name that stands in the schema; hosts do not.
 */
public final class H2VersionTrigger implements Trigger {
  /** Use is no change. */
  private static final Set<String> USE = Set.of("last_used_at", "usage_count", "first_used_at");

  private int version;
  private List<Integer> compared = List.of();

  /** For H2. */
  public H2VersionTrigger() {}

  @Override
  public void init(
      Connection connection, String schema, String trigger, String table, boolean before, int type)
      throws SQLException {
    List<Integer> columns = new ArrayList<>();
    try (ResultSet found = connection.getMetaData().getColumns(null, schema, table, null)) {
      while (found.next()) {
        String column = found.getString("COLUMN_NAME").toLowerCase(Locale.ROOT);
        int place = found.getInt("ORDINAL_POSITION") - 1;
        if (column.equals("version")) {
          version = place;
        }
        if (!USE.contains(column)) {
          columns.add(place);
        }
      }
    }
    compared = List.copyOf(columns);
  }

  @Override
  public void fire(Connection connection, Object[] before, Object[] after) {
    for (int place : compared) {
      if (!Objects.deepEquals(before[place], after[place])) {
        if (after[version].equals(before[version])) {
          after[version] = (Long) before[version] + 1;
        }
        return;
      }
    }
  }
}
