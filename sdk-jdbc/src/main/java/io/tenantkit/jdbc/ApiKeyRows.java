package io.tenantkit.jdbc;

import io.tenantkit.StorageException;
import io.tenantkit.address.AddressList;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Between rows of {@code api_keys} and keys. Rows written by hand, with only the columns that the
 * host knows, read like any other; a text that we would not have stored is shown as well as it can
 * be. A restriction that cannot be read makes a look-up by hash fail, so that the key is refused;
 * elsewhere such a key shows as one for {@linkplain #NOWHERE nowhere}, so that it can be seen and
 * revoked, and one such row hides no other.
 */
final class ApiKeyRows {
  /** All of a key but its name in the tables; {@link #changeable} binds them in this order. */
  static final String CHANGEABLE =
      "name, description, key_prefix, mode, scopes, rate_limit, credits, allowed_addresses,"
          + " enabled, created_by, created_at, updated_at, expires_at, revoked_at, revoked_reason,"
          + " family_id, successor_id, version";

  /** The changeable ones' places in an INSERT. */
  static final String PLACES =
      "?, ?, ?, ?, ?json, ?json, ?json, ?json, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

  /** All that {@link #stored} reads. */
  static final String SELECT =
      "SELECT organization_id, id, "
          + CHANGEABLE
          + ", key_hash, usage_count, last_used_at, idempotency_id, idempotency_request,"
          + " first_used_at\n"
          + "  FROM tenantkit.api_keys\n";

  /** The unspecified address, from which nobody calls. */
  static final AddressList NOWHERE = AddressList.of("::");

  private static final String UNKNOWN_REASON = "not recorded";

  private ApiKeyRows() {}

  static void changeable(Params p, ApiKey key) throws SQLException {
    KeyGrants grants = key.grants();
    p.text(key.name())
        .text(key.description().orElse(null))
        .text(key.prefix())
        .text(key.mode().name())
        .text(scopes(grants))
        .text(limits(grants))
        .text(credits(grants))
        .text(addresses(grants))
        .flag(key.enabled())
        .text(key.createdBy())
        .time(key.createdAt())
        .time(key.updatedAt())
        .time(key.expiresAt())
        .time(key.revocation().map(ApiKey.Revocation::at))
        .text(key.revocation().map(ApiKey.Revocation::reason).orElse(null))
        .text(key.family().value())
        .text(key.successor().map(ApiKeyId::value).orElse(null))
        .number(key.version());
  }

  static String scopes(KeyGrants grants) {
    return Json.scopes(grants.scopes());
  }

  static @Nullable String limits(KeyGrants grants) {
    return grants.limits().isEmpty() ? null : SettingsJson.limits(grants.limits());
  }

  static @Nullable String credits(KeyGrants grants) {
    return grants.credits().map(SettingsJson::credits).orElse(null);
  }

  static @Nullable String addresses(KeyGrants grants) {
    return grants.addresses().isAnywhere() ? null : SettingsJson.addresses(grants.addresses());
  }

  static StoredApiKey stored(Row row) throws SQLException {
    KeyUse use =
        new KeyUse(Json.total(row.textOrNull("usage_count")), row.optionalTime("last_used_at"));
    String created = row.textOrNull("idempotency_id");
    return new StoredApiKey(
        key(row, shownGrants(row), use),
        KeyHash.parse(row.text("key_hash")),
        created == null
            ? Optional.empty()
            : Optional.of(
                new IdempotentCreation(
                    created,
                    KeyHash.parse(row.text("idempotency_request")),
                    row.optionalTime("first_used_at"))));
  }

  static KeyLookup lookup(Row row) throws SQLException {
    return new KeyLookup(
        key(row, grants(row), KeyUse.never()),
        Organization.Status.valueOf(row.text("organization_status")),
        SettingsJson.pool(row.textOrNull("organization_rate_limit")),
        row.flag("awaits_first_use"));
  }

  private static KeyGrants grants(Row row) throws SQLException {
    Limits limits = SettingsJson.limits(row.textOrNull("rate_limit"));
    Optional<Credits> credits = SettingsJson.credits(row.textOrNull("credits"));
    if (limits.credits().isPresent() && credits.isPresent()) {
      // Which of the two budgets is meant, nobody can tell.
      throw Json.unexpected();
    }
    return new KeyGrants(
        scopes(row),
        limits.rates(),
        credits.or(limits::credits),
        SettingsJson.addresses(row.textOrNull("allowed_addresses")));
  }

  private static KeyGrants shownGrants(Row row) throws SQLException {
    try {
      return grants(row);
    } catch (StorageException e) {
      return KeyGrants.none().withScopes(scopes(row)).withAddresses(NOWHERE);
    }
  }

  private static ScopeSet scopes(Row row) throws SQLException {
    return Json.scopes(row.text("scopes"));
  }

  private static ApiKey key(Row row, KeyGrants grants, KeyUse use) throws SQLException {
    ApiKeyId id = ApiKeyId.of(row.text("id"));
    String prefix = row.text("key_prefix");
    String mode = row.textOrNull("mode");
    String family = row.textOrNull("family_id");
    String reason = row.textOrNull("revoked_reason");
    return new ApiKey(
        id,
        OrganizationId.of(row.text("organization_id")),
        Legible.text(row.text("name"), 255).orElse("-"),
        Legible.text(row.textOrNull("description"), 1_000),
        prefix,
        mode == null ? KeyMode.ofPrefix(prefix) : KeyMode.valueOf(mode),
        grants,
        row.flag("enabled"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"),
        row.optionalTime("expires_at"),
        row.optionalTime("revoked_at")
            .map(at -> new ApiKey.Revocation(at, Legible.text(reason, 255).orElse(UNKNOWN_REASON))),
        family == null ? id : ApiKeyId.of(family),
        Optional.ofNullable(row.textOrNull("successor_id")).map(ApiKeyId::of),
        use,
        row.number("version"));
  }
}
