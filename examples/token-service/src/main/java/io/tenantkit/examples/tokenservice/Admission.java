package io.tenantkit.examples.tokenservice;

import io.tenantkit.http.HttpAnswer;
import io.tenantkit.tenant.TenantContext;
import java.util.Map;

/** Whether a caller is let in. */
sealed interface Admission {

  /**
   * It is.
   *
   * @param context whom it acts for and what it may do
   * @param headers how its limits stand
   * @param who for the log: ids, nothing secret
   */
  record Admitted(TenantContext context, Map<String, String> headers, String who)
      implements Admission {}

  /**
   * It is not.
   *
   * @param answer what it is told
   */
  record Refused(HttpAnswer answer) implements Admission {}
}
