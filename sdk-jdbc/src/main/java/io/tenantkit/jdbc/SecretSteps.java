package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The statements of changes of secrets, all of which go in one flush. Used by one thread for one
 * verb.
 */
final class SecretSteps {
  private static final String ADD_PROJECT =
      """
      INSERT INTO tenantkit.projects (organization_id, id, name)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar)
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.projects WHERE organization_id = ? AND name = ?)""";
  private static final String INSERT_SECRET =
      """
      INSERT INTO tenantkit.secrets
        (organization_id, id, project_id, environment, name, type, owner_kind, created_by, created_at, access_level, description, tags,
         metadata, max_versions, newest_version, current_version, pending_version, previous_version, expires_at, deleted_at,
         updated_at, revision)
      SELECT p.organization_id, CAST(? AS varchar), p.id, CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS varchar), CAST(? AS varchar), CAST(? AS timestamp with time zone), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS varchar), ?metadata, CAST(? AS integer), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint),
             CAST(? AS bigint), CAST(? AS timestamp with time zone), CAST(? AS timestamp with time zone),
             CAST(? AS timestamp with time zone), CAST(? AS bigint)
        FROM tenantkit.projects p
       WHERE p.organization_id = ? AND p.id = ? AND p.name = ?""";
  private static final String UPDATE_SECRET =
      """
      UPDATE tenantkit.secrets s
         SET access_level = ?, description = ?, tags = ?, metadata = ?json, max_versions = ?, newest_version = ?, current_version = ?,
             pending_version = ?, previous_version = ?, expires_at = ?, deleted_at = ?, updated_at = ?, revision = ?
       WHERE s.organization_id = ? AND s.id = ? AND s.revision = ?""";
  private static final String DELETE_TEAMS =
      "DELETE FROM tenantkit.secret_teams WHERE organization_id = ? AND secret_id = ?";
  private static final String INSERT_TEAM =
      "INSERT INTO tenantkit.secret_teams (organization_id, secret_id, team_id) VALUES (?, ?, ?)";
  private static final String INSERT_VERSION =
      """
      INSERT INTO tenantkit.secret_versions
        (organization_id, secret_id, version_number, organization_key_id, wrapped_data_key, destination, state, expires_at,
         created_by, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String INSERT_FIELD =
      """
      INSERT INTO tenantkit.secret_fields (organization_id, secret_id, version_number, field_name, sealed)
      VALUES (?, ?, ?, ?, ?)""";
  private static final String INSERT_TAG =
      "INSERT INTO tenantkit.secret_tags (organization_id, tag, secret_id) VALUES (?, ?, ?)";
  private static final String DELETE_TAG =
      "DELETE FROM tenantkit.secret_tags WHERE organization_id = ? AND tag = ? AND secret_id = ?";
  private static final String OF_SECRET = " WHERE organization_id = ? AND secret_id = ?";
  private static final String ONE = OF_SECRET + " AND version_number = ?";

  /** Without a stage, and nothing that a rotation needs; see {@code StoredRotation.needs}. */
  private static final String OLD =
      OF_SECRET
          + """
             AND version_number <= ? AND version_number NOT IN (?, ?, ?)
            AND NOT EXISTS (SELECT 1 FROM tenantkit.secret_rotations r
                             WHERE r.organization_id = ? AND r.secret_id = ? AND r.step <> 'IDLE'
                               AND version_number IN (r.base_version, r.pending_version, r.previous_version))""";

  private static final String MARK =
      "UPDATE tenantkit.secret_versions SET state = ?" + ONE + " AND state <> 'DESTROYED'";
  private static final String SET_DESTROYED =
      "UPDATE tenantkit.secret_versions SET state = 'DESTROYED', wrapped_data_key = ?";
  private static final String DESTROY_ONE = SET_DESTROYED + ONE + " AND state <> 'DESTROYED'";
  private static final String DESTROY_OLD = SET_DESTROYED + OLD + " AND state <> 'DESTROYED'";
  private static final String DELETE_FIELDS = "DELETE FROM tenantkit.secret_fields";

  /**
   * As the versions' rows say: a rotation may end between two statements, and what was kept for it
   * must not lose its fields.
   */
  private static final String DELETE_OLD_FIELDS =
      """
      DELETE FROM tenantkit.secret_fields f
       WHERE f.organization_id = ? AND f.secret_id = ? AND f.version_number <= ?
         AND EXISTS (SELECT 1 FROM tenantkit.secret_versions v
                      WHERE v.organization_id = f.organization_id AND v.secret_id = f.secret_id
                        AND v.version_number = f.version_number AND v.state = 'DESTROYED')""";

  private static final String FORGET_OLD = "DELETE FROM tenantkit.secret_versions" + OLD;
  private static final byte[] EMPTY = {};

  private final Dialect dialect;
  private final OrganizationId organization;
  private final SecretSight sight;
  private final List<Step> steps = new ArrayList<>();
  private final List<Boolean> mustCount = new ArrayList<>();

  SecretSteps(Dialect dialect, TenantContext context) {
    this.dialect = dialect;
    this.organization = context.organization();
    this.sight = SecretSight.of(context);
  }

  List<Step> steps() {
    return steps;
  }

  /** Whether each statement that must change a row did. */
  boolean allCounted(int[] counts) {
    for (int i = 0; i < counts.length; i++) {
      if (mustCount.get(i) && counts[i] != 1) {
        return false;
      }
    }
    return true;
  }

  void add(SecretWrite write) {
    Secret secret = write.secret();
    OwnRows.require(organization, secret.organization(), write.event().organization());
    if (write.before().isEmpty()) {
      insert(secret);
    } else {
      update(write.before().get(), secret);
    }
    if (write.changesTags()) {
      tags(write);
    }
    write.teams().ifPresent(teams -> teams(write, teams));
    write.added().ifPresent(version -> addVersion(secret, version));
    write.marks().forEach((number, state) -> mark(secret, number, state));
    prune(write);
    step(false, JdbcAudit.insert(write.event()));
  }

  /** A secret with all its versions as they are. */
  void restore(SecretHistory history, AuditEvent event) {
    Secret secret = history.secret();
    OwnRows.require(organization, secret.organization(), event.organization());
    insert(secret);
    secret.tags().forEach(tag -> tag(INSERT_TAG, secret, tag));
    history.teams().forEach(team -> team(secret.id().value(), team));
    history.versions().forEach(version -> addVersion(secret, version));
    step(false, JdbcAudit.insert(event));
  }

  private void insert(Secret secret) {
    String project = secret.ref().project();
    step(
        false,
        ADD_PROJECT,
        p ->
            p.text(organization.value())
                .text(secret.projectId())
                .text(project)
                .text(organization.value())
                .text(project));
    String metadata = dialect == Dialect.POSTGRESQL ? "?json" : "CAST(? AS varchar)";
    step(
        true,
        INSERT_SECRET.replace("?metadata", metadata),
        p -> {
          p.text(secret.id().value())
              .text(secret.ref().environment().name())
              .text(secret.ref().name())
              .text(secret.type())
              .text(secret.owner().kind().name())
              .text(secret.owner().id())
              .time(secret.createdAt());
          changeable(p, secret);
          p.text(organization.value()).text(secret.projectId()).text(project);
        });
  }

  private void update(Secret before, Secret secret) {
    step(
        true,
        UPDATE_SECRET + sight.condition(),
        p -> {
          changeable(p, secret);
          p.text(organization.value()).text(secret.id().value()).number(before.revision());
          sight.bind(p);
        });
  }

  private static void changeable(Params p, Secret secret) throws SQLException {
    SecretStages stages = secret.stages();
    p.text(secret.access().name())
        .text(secret.description().text())
        .text(SecretRows.tags(secret))
        .text(Json.details(secret.description().metadata()))
        .integer(secret.maxVersions())
        .number(stages.newest())
        .number(stages.current())
        .number(orNull(stages.pending()))
        .number(orNull(stages.previous()))
        .time(secret.expiresAt())
        .time(secret.deletedAt())
        .time(secret.updatedAt())
        .number(secret.revision());
  }

  private static @Nullable Long orNull(OptionalLong number) {
    return number.isPresent() ? Long.valueOf(number.getAsLong()) : null;
  }

  private void teams(SecretWrite write, Collection<TeamId> teams) {
    String secret = write.secret().id().value();
    if (write.before().isPresent()) {
      step(false, DELETE_TEAMS, p -> p.text(organization.value()).text(secret));
    }
    teams.forEach(team -> team(secret, team));
  }

  private void team(String secret, TeamId team) {
    step(true, INSERT_TEAM, p -> p.text(organization.value()).text(secret).text(team.value()));
  }

  private void tags(SecretWrite write) {
    Secret after = write.secret();
    for (String tag : write.before().map(Secret::tags).orElse(java.util.Set.of())) {
      if (!after.tags().contains(tag)) {
        tag(DELETE_TAG, after, tag);
      }
    }
    for (String tag : after.tags()) {
      if (write.before().isEmpty() || !write.before().get().tags().contains(tag)) {
        tag(INSERT_TAG, after, tag);
      }
    }
  }

  private void tag(String sql, Secret secret, String tag) {
    step(false, sql, p -> p.text(organization.value()).text(tag).text(secret.id().value()));
  }

  /** The tags of a secret that is destroyed, as its row has them. */
  void removeTags(Secret secret) {
    secret.tags().forEach(tag -> tag(DELETE_TAG, secret, tag));
  }

  private void addVersion(Secret secret, StoredSecretVersion version) {
    step(
        true,
        INSERT_VERSION,
        p ->
            p.text(organization.value())
                .text(secret.id().value())
                .number(version.number())
                .text(version.organizationKeyId())
                .bytes(version.wrappedDataKey())
                .text(version.destination())
                .text(version.state().name())
                .time(version.expiresAt())
                .text(version.createdBy())
                .time(version.createdAt()));
    for (Map.Entry<String, byte[]> field : version.fields().entrySet()) {
      step(
          true,
          INSERT_FIELD,
          p ->
              p.text(organization.value())
                  .text(secret.id().value())
                  .number(version.number())
                  .text(field.getKey())
                  .bytes(field.getValue()));
    }
  }

  private void mark(Secret secret, long number, SecretVersion.State state) {
    if (state != SecretVersion.State.DESTROYED) {
      step(true, MARK, p -> one(p.text(state.name()), secret, number));
      return;
    }
    step(true, DESTROY_ONE, p -> one(p.bytes(EMPTY), secret, number));
    step(false, DELETE_FIELDS + ONE, p -> one(p, secret, number));
  }

  private void one(Params p, Secret secret, long number) throws SQLException {
    p.text(organization.value()).text(secret.id().value()).number(number);
  }

  private void prune(SecretWrite write) {
    Secret secret = write.secret();
    if (write.forgottenUpTo() > 0) {
      step(false, FORGET_OLD, p -> old(p, secret, write.forgottenUpTo()));
    }
    if (write.destroyedUpTo() > 0) {
      step(false, DESTROY_OLD, p -> old(p.bytes(EMPTY), secret, write.destroyedUpTo()));
      step(false, DELETE_OLD_FIELDS, p -> one(p, secret, write.destroyedUpTo()));
    }
  }

  private void old(Params p, Secret secret, long upTo) throws SQLException {
    SecretStages stages = secret.stages();
    one(p, secret, upTo);
    p.number(stages.current())
        .number(stages.pending().orElse(0))
        .number(stages.previous().orElse(0))
        .text(organization.value())
        .text(secret.id().value());
  }

  void step(boolean counts, String sql, Step.Binder binder) {
    step(counts, new Step(sql, binder));
  }

  void step(boolean counts, Step step) {
    steps.add(step);
    mustCount.add(counts);
  }
}
