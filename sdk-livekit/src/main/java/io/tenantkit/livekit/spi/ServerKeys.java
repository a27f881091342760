package io.tenantkit.livekit.spi;

import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds whose server signed something, without a look at anybody's secret. Safe for use by several
 * threads; blocks on the storage.
 */
public interface ServerKeys {
  /**
   * Which organizations say that a key is theirs, in which environment: by organization and
   * environment, from the first after {@code after}. Several may, for a public id proves nothing;
   * {@link #isSigned} tells.
   *
   * @param apiKey the key's public id, as {@code iss} has it
   * @param limit 1 or more
   */
  List<Owner> owners(String apiKey, @Nullable Owner after, int limit);

  /**
   * Whether the key with this public id of the context's organization and environment made a
   * signature: the current one, or one whose replacement overlaps with it still. Compares in
   * constant time. The caller's scopes were asked for by whoever calls this; a suspended
   * organization's keys verify.
   *
   * @param signature as the token has it, HMAC-SHA256
   * @throws io.tenantkit.NotFoundException when the organization does not exist or has no LiveKit
   *     credentials in this environment
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CREDENTIALS_TAKEN}
   *     when its credentials are not its own
   */
  boolean isSigned(TenantContext context, String apiKey, byte[] input, byte[] signature);
}
