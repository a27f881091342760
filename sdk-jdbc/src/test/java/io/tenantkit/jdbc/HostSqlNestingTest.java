package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tenant's work inside of an operator's, and the other way round, on pools of one: each is a
 * transaction of its own, for they are of two roles.
 */
final class HostSqlNestingTest {
  private static final Operator OPERATOR = Operator.trusted("ada", "ticket 42");
  private static final TenantContext ACME = TenantContext.trusted(OrganizationId.of("acme"), "t");

  @TempDir private Path folder;

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      nests(storage);
    }
  }

  @Test
  void onH2() throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("nested")).open()) {
      nests(storage);
      innerWorkThatThrowsIsUndoneAlone(storage);
    }
  }

  private static void nests(JdbcStorage storage) throws Exception {
    try (ControlPlane plane =
        ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      plane.organizations().create(OPERATOR, ACME.organization(), "Acme");
      assertThatThrownBy(
              () ->
                  storage.inAdmin(
                      OPERATOR,
                      (outer, c) -> {
                        plane.organizations().rename(outer, ACME.organization(), "undone");
                        storage.inTenant(
                            ACME,
                            (inner, same) -> {
                              assertThat(same).isNotSameAs(c);
                              assertThat(plane.apiKeys().list(inner, PageRequest.first(9)).items())
                                  .isEmpty();
                              return null;
                            });
                        throw new IllegalStateException("the operator's");
                      }))
          .hasMessage("the operator's");
      assertThat(plane.organizations().get(OPERATOR, ACME.organization()).name()).isEqualTo("Acme");

      assertThatThrownBy(
              () ->
                  storage.inTenant(
                      ACME,
                      (outer, c) -> {
                        String name =
                            storage.inAdmin(
                                OPERATOR,
                                (inner, same) ->
                                    plane.organizations().get(inner, ACME.organization()).name());
                        assertThat(name).isEqualTo("Acme");
                        plane.apiKeys().create(outer, NewApiKey.live("undone")).close();
                        throw new IllegalStateException("the tenant's");
                      }))
          .hasMessage("the tenant's");
      assertThat(plane.apiKeys().list(ACME, PageRequest.first(9)).items()).isEmpty();
    }
  }

  private static void innerWorkThatThrowsIsUndoneAlone(JdbcStorage storage) throws Exception {
    try (ControlPlane plane =
        ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      storage.inTenant(
          ACME,
          (outer, c) -> {
            plane.apiKeys().create(outer, NewApiKey.live("kept")).close();
            assertThatThrownBy(
                    () ->
                        storage.inTenant(
                            outer,
                            (inner, same) -> {
                              plane.apiKeys().create(inner, NewApiKey.live("undone")).close();
                              throw new IllegalStateException("inner");
                            }))
                .hasMessage("inner");
            plane.apiKeys().create(outer, NewApiKey.live("also kept")).close();
            return null;
          });
      List<ApiKey> there = plane.apiKeys().list(ACME, PageRequest.first(9)).items();
      assertThat(there).extracting(ApiKey::name).containsExactly("kept", "also kept");
    }
  }
}
