package io.tenantkit.jdbc;

import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.Viewer;
import java.sql.SQLException;

/**
 * What a context sees of {@code tenantkit.secrets s}, as a condition of the statement that reads
 * it: {@link Viewer#sees} in SQL. Who manages secrets sees all, and its statements have no
 * condition. Immutable.
 */
final class SecretSight {
  private static final String OWN =
      "\n AND (s.access_level = 'PUBLIC'"
          + "\n      OR s.access_level <> 'ADMIN' AND s.owner_kind = ? AND s.created_by = ?";
  private static final String NO_AGENT =
      "\n      OR s.access_level = 'AUTHENTICATED'"
          + "\n      OR s.access_level = 'ENTERPRISE'"
          + " AND (SELECT o.plan FROM tenantkit.organizations o WHERE o.id = s.organization_id) = '"
          + Plans.ENTERPRISE
          + "'";

  /**
   * Counted instead of looked for with EXISTS or a join, so that it is done from the secret to its
   * teams to the member, each by its primary key: a plan from when the tables were empty might walk
   * all members of the organization.
   */
  private static final String IN_TEAM =
      """

            OR s.access_level = 'TEAM'
               AND (SELECT count(*) FROM tenantkit.secret_teams t
                     WHERE t.organization_id = s.organization_id AND t.secret_id = s.id
                       AND (SELECT count(*) FROM tenantkit.team_members m
                             WHERE m.organization_id = t.organization_id AND m.team_id = t.team_id
                               AND m.actor_kind = ? AND m.actor_id = ?) = 1) > 0)""";

  private final Viewer viewer;

  private SecretSight(Viewer viewer) {
    this.viewer = viewer;
  }

  static SecretSight of(TenantContext context) {
    return new SecretSight(Viewer.of(context));
  }

  /** Goes after a condition; begins with AND, or is empty. */
  String condition() {
    if (viewer.manages()) {
      return "";
    }
    return OWN + (viewer.agent() ? "" : NO_AGENT) + IN_TEAM;
  }

  void bind(Params p) throws SQLException {
    if (!viewer.manages()) {
      String kind = viewer.principal().kind().name();
      String id = viewer.principal().id();
      p.text(kind).text(id).text(kind).text(id);
    }
  }
}
