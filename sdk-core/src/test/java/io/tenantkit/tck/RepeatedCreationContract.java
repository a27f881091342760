package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An idempotent creation that is repeated inside the host's transaction. */
public abstract class RepeatedCreationContract extends StorageContract {
  private static final NewApiKey REQUEST = NewApiKey.live("deploy").idempotencyId("run 17");

  private ControlPlane plane;

  @BeforeEach
  final void openPlane() {
    MasterKeys masterKeys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(harness.storage(), masterKeys).manualMaintenance().build();
  }

  @AfterEach
  final void closePlane() {
    plane.close();
  }

  /** The row that is refused must not end the host's transaction. */
  @Test
  void repeatIsOneAndTheTransactionGoesOn() {
    IssuedApiKey first = plane.apiKeys().create(acme, REQUEST);

    IssuedApiKey[] made =
        harness.inTransaction(
            acme,
            joined ->
                new IssuedApiKey[] {
                  plane.apiKeys().create(joined, REQUEST),
                  plane.apiKeys().create(joined, NewApiKey.live("another"))
                });

    assertThat(made[0].key().id()).isEqualTo(first.key().id());
    assertThat(verify(first)).isInstanceOf(Verdict.Refused.class);
    assertThat(verify(made[0])).isInstanceOf(Verdict.Valid.class);
    assertThat(verify(made[1])).isInstanceOf(Verdict.Valid.class);
  }

  private Verdict verify(IssuedApiKey key) {
    return plane.apiKeys().verify(key.secret().string(SecretAccess.get()), ScopeQuery.none());
  }
}
