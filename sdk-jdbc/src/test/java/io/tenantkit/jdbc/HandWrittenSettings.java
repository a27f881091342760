package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.VerifyRequest;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Limits, budgets, addresses and policies that were written with SQL, rightly and wrongly: none of
 * them is ever passed over, and one that cannot be read harms nobody else.
 */
abstract class HandWrittenSettings {
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final String LONG_AGO = "2025-12-01 00:00:00+00";
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private Harness harness;
  private ControlPlane plane;
  private ApiKeyManager keys;

  abstract Harness openHarness();

  /** A connection that may write everything, with auto-commit. */
  abstract Connection connect() throws SQLException;

  @BeforeEach
  final void open() {
    harness = openHarness();
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    plane =
        ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(bytes)))
            .revocationBound(Duration.ZERO)
            .manualMaintenance()
            .build();
    keys = plane.apiKeys();
    plane.organizations().create(OPERATOR, ACME, "Acme");
    plane.organizations().create(OPERATOR, GLOBEX, "Globex");
  }

  @AfterEach
  final void close() {
    plane.close();
    harness.close();
  }

  private IssuedApiKey create() {
    return keys.create(acme, NewApiKey.live("k").scopes("flows:read"));
  }

  private void write(IssuedApiKey key, String column, String json) throws SQLException {
    write("api_keys", key.key().id().value(), column, json);
  }

  private void write(String table, String id, String column, String json) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      int rows =
          statement.executeUpdate(
              "UPDATE tenantkit."
                  + table
                  + " SET "
                  + column
                  + " = '"
                  + json
                  + "' WHERE id = '"
                  + id
                  + "'");
      assertThat(rows).isOne();
    }
  }

  private String column(String table, String id, String column) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT " + column + " FROM tenantkit." + table + " WHERE id = '" + id + "'")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private Verdict verify(IssuedApiKey key) {
    return keys.verify(
        VerifyRequest.of(key.secret().string(SecretAccess.get()))
            .address(InetAddress.getLoopbackAddress()));
  }

  private static void assertUnreadable(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
  }

  @Test
  final void aBudgetAmongTheLimitsIsTakenAndGoesOnToTheSuccessor() throws SQLException {
    IssuedApiKey key = create();
    write(key, "rate_limit", "{\"requestsPerMinute\":60,\"credits\":{\"amount\":3}}");

    assertThat(keys.get(acme, key.key().id()).grants().credits()).contains(Credits.of(3));
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
    IssuedApiKey next = keys.rotate(acme, key.key().id(), Rotation.immediate());
    assertThat(next.key().grants().limits()).hasSize(1);
    assertThat(verify(next)).isInstanceOf(Verdict.Valid.class);
    assertThat(((Verdict.Refused) verify(next)).reasons())
        .containsExactly(Verdict.Reason.QUOTA_EXCEEDED);
  }

  @Test
  final void aNullOfJsonIsNoValue() throws SQLException {
    IssuedApiKey key = create();
    write(key, "rate_limit", "null");
    write(key, "credits", "null");
    write(key, "usage_count", "null");
    write("organizations", "acme", "rate_limit", " null ");

    assertThat(keys.get(acme, key.key().id()).grants()).isEqualTo(key.key().grants());
    assertThat(plane.organizations().get(acme).settings())
        .isEqualTo(OrganizationSettings.defaults());
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rate_limit | 7",
        "rate_limit | []",
        "rate_limit | {\"requestsPerMinute\":60,\"requestsPerYear\":9}",
        "rate_limit | {\"requestsPerMinute\":0}",
        "rate_limit | {\"credits\":{\"amount\":1,\"per\":\"day\"}}",
        "credits | {\"amount\":100,\"perDay\":true}",
        "credits | {\"amount\":\"100\"}",
        "credits | {\"amount\":1.5}",
        "credits | {\"amount\":5,\"every\":\"P1D\"}",
        "credits | {\"amount\":5,\"refill\":5}",
        "credits | []",
        "allowed_addresses | [\"10.0.0.1/8\"]",
        "allowed_addresses | [7]",
        "allowed_addresses | [null]"
      })
  final void aRestrictionThatCannotBeReadClosesTheKeyAndHidesNoOther(String column, String json)
      throws SQLException {
    IssuedApiKey good = create();
    IssuedApiKey key = create();
    ApiKeyId id = key.key().id();
    write(key, column, json);
    String written = column("api_keys", id.value(), column);

    assertUnreadable(() -> verify(key));
    assertThat(keys.list(acme, PageRequest.first(10)).items()).hasSize(2).contains(good.key());
    write(good, "created_at", LONG_AGO);
    write(key, "created_at", LONG_AGO);
    Instant since = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(keys.unused(acme, since, PageRequest.first(10)).items()).hasSize(2);
    ApiKey shown = keys.get(acme, id);
    assertThat(shown.scopes()).isEqualTo(key.key().scopes());
    assertThat(shown.grants().addresses()).isEqualTo(ApiKeyRows.NOWHERE);
    keys.disable(acme, id);
    keys.enable(acme, id);
    IssuedApiKey next = keys.rotate(acme, id, Rotation.withGrace(Duration.ofHours(1)));
    assertThat(((Verdict.Refused) verify(next)).reasons())
        .containsExactly(Verdict.Reason.ADDRESS_FORBIDDEN);
    keys.revoke(acme, id, "illegible");

    assertThat(keys.get(acme, id).revocation()).isPresent();
    assertThat(column("api_keys", id.value(), column)).isEqualTo(written);
    assertThat(verify(good)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  final void ofTwoBudgetsNeitherIsGuessed() throws SQLException {
    IssuedApiKey key = create();
    write(key, "rate_limit", "{\"credits\":{\"amount\":3}}");
    write(key, "credits", "{\"amount\":30}");

    assertUnreadable(() -> verify(key));
    assertThat(keys.get(acme, key.key().id()).grants().addresses()).isEqualTo(ApiKeyRows.NOWHERE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rate_limit | {\"requestsPerMinute\":60,\"requestsPerYear\":9}",
        "rate_limit | {\"requestsPerMinute\":60,\"credits\":{\"amount\":3}}",
        "key_policy | {\"longestLifetime\":\"P1D\",\"longest\":1}",
        "key_policy | {\"longestLifetime\":1}",
        "key_policy | {\"longestLifetime\":\"a day\"}",
        "key_policy | {\"prefixName\":\"Acme\"}"
      })
  final void anOrganizationThatCannotBeReadIsClosedAndHidesNoOther(String column, String json)
      throws SQLException {
    IssuedApiKey key = create();
    write("organizations", "acme", column, json);
    String written = column("organizations", "acme", column);

    assertUnreadable(() -> keys.create(acme, NewApiKey.live("another")));
    if (column.equals("rate_limit")) {
      assertUnreadable(() -> verify(key));
    }
    assertThat(plane.organizations().list(OPERATOR, PageRequest.first(10)).items())
        .extracting(Organization::id)
        .containsExactly(ACME, GLOBEX);
    Organization shown = plane.organizations().get(OPERATOR, ACME);
    assertThat(
            shown.settings().pool().isEmpty()
                && shown.settings().keys().longestLifetime().isEmpty())
        .as("nothing shows that it is restricted")
        .isFalse();
    plane.organizations().suspend(OPERATOR, ACME);
    plane.organizations().rename(OPERATOR, ACME, "Renamed");
    assertThat(column("organizations", "acme", column)).isEqualTo(written);

    plane.organizations().activate(OPERATOR, ACME);
    plane.organizations().configure(OPERATOR, ACME, OrganizationSettings.defaults());
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  final void countingAUseKeepsWhatElseAHandWrote() throws SQLException {
    IssuedApiKey key = create();
    write(key, "usage_count", "{\"total\":41,\"today\":3,\"by\":{\"route\":[1]}}");

    assertThat(keys.verify(key.secret().string(SecretAccess.get()), ScopeQuery.none()))
        .isInstanceOf(Verdict.Valid.class);
    plane.runDue(Instant.now().plusSeconds(60));

    assertThat(keys.get(acme, key.key().id()).use().count()).isEqualTo(42);
    assertThat(Json.read(column("api_keys", key.key().id().value(), "usage_count"), any -> true))
        .isEqualTo(Json.read("{\"total\":42,\"today\":3,\"by\":{\"route\":[1]}}", any -> true));
  }
}
