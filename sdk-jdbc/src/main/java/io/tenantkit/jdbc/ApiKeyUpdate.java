package io.tenantkit.jdbc;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.spi.StoredApiKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The statement that changes a key's row. It writes only what has changed: of a row written by hand
 * we read as well as we can, and what we could not read, a scope that is none of ours for example,
 * stays as it was written.
 */
final class ApiKeyUpdate {
  private static final String FIND =
      ApiKeyRows.SELECT + " WHERE organization_id = ? AND id = ? AND version = ?";

  private final ApiKey before;
  private final ApiKey after;
  private final List<String> assignments = new ArrayList<>();
  private final List<Step.Binder> binders = new ArrayList<>();
  private final List<Step.Binder> conditions = new ArrayList<>();
  private String where = " WHERE organization_id = ? AND id = ? AND version = ?";

  private ApiKeyUpdate(ApiKey before, ApiKey after) {
    this.before = before;
    this.after = after;
    assignState();
    assignDescription();
    assignGrants(before.grants(), after.grants());
    conditions.add(
        p ->
            p.text(after.organization().value()).text(after.id().value()).number(before.version()));
  }

  /** From the row as it is in this session; nothing when it is not at that version. */
  static Optional<ApiKeyUpdate> of(Session session, ApiKey changed, long expectedVersion)
      throws SQLException {
    Optional<StoredApiKey> there =
        session.first(
            FIND,
            p ->
                p.text(changed.organization().value())
                    .text(changed.id().value())
                    .number(expectedVersion),
            ApiKeyRows::stored);
    return there.map(row -> new ApiKeyUpdate(row.key(), changed));
  }

  /** With this column too. */
  ApiKeyUpdate also(String assignment, Step.Binder binder) {
    assignments.add(assignment);
    binders.add(binder);
    return this;
  }

  /** Only when this is so of the row as well. */
  ApiKeyUpdate onlyIf(String condition, Step.Binder binder) {
    where += " AND " + condition;
    conditions.add(binder);
    return this;
  }

  Step step() {
    return new Step(
        "UPDATE tenantkit.api_keys\n   SET " + String.join(", ", assignments) + "\n" + where,
        p -> {
          for (Step.Binder each : binders) {
            each.bind(p);
          }
          for (Step.Binder each : conditions) {
            each.bind(p);
          }
        });
  }

  private void assignState() {
    also("version = ?, updated_at = ?", p -> p.number(after.version()).time(after.updatedAt()));
    change("enabled = ?", ApiKey::enabled, p -> p.flag(after.enabled()));
    change("expires_at = ?", ApiKey::expiresAt, p -> p.time(after.expiresAt()));
    change(
        "revoked_at = ?, revoked_reason = ?",
        ApiKey::revocation,
        p ->
            p.time(after.revocation().map(ApiKey.Revocation::at))
                .text(after.revocation().map(ApiKey.Revocation::reason).orElse(null)));
    change(
        "successor_id = ?",
        ApiKey::successor,
        p -> p.text(after.successor().map(ApiKeyId::value).orElse(null)));
    change("family_id = ?", ApiKey::family, p -> p.text(after.family().value()));
  }

  private void assignDescription() {
    change("name = ?", ApiKey::name, p -> p.text(after.name()));
    change("description = ?", ApiKey::description, p -> p.text(after.description().orElse(null)));
    change("key_prefix = ?", ApiKey::prefix, p -> p.text(after.prefix()));
    change("mode = ?", ApiKey::mode, p -> p.text(after.mode().name()));
    change("created_by = ?", ApiKey::createdBy, p -> p.text(after.createdBy()));
    change("created_at = ?", ApiKey::createdAt, p -> p.time(after.createdAt()));
  }

  private void assignGrants(KeyGrants old, KeyGrants now) {
    if (!old.scopes().equals(now.scopes())) {
      also("scopes = ?json", p -> p.text(ApiKeyRows.scopes(now)));
    }
    // Together, since a hand may have written the budget among the limits.
    if (!old.limits().equals(now.limits()) || !old.credits().equals(now.credits())) {
      also("rate_limit = ?json", p -> p.text(ApiKeyRows.limits(now)));
      also("credits = ?json", p -> p.text(ApiKeyRows.credits(now)));
    }
    if (!old.addresses().equals(now.addresses())) {
      also("allowed_addresses = ?json", p -> p.text(ApiKeyRows.addresses(now)));
    }
  }

  private void change(String assignment, Function<ApiKey, Object> value, Step.Binder binder) {
    if (!value.apply(before).equals(value.apply(after))) {
      also(assignment, binder);
    }
  }
}
