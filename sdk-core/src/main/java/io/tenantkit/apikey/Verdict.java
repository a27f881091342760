package io.tenantkit.apikey;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.TenantContext;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The answer to a presented key. It is for the host: to the outside, unknown, malformed, disabled,
 * revoked and expired keys must look alike.
 */
public sealed interface Verdict {

  /** Why a key was refused. */
  enum Reason {
    /** No such key; also for what is not a key at all. */
    NOT_FOUND,
    /** Switched off. */
    DISABLED,
    /** Revoked, for ever. */
    REVOKED,
    /** Its time has run out. */
    EXPIRED,
    /** It does not hold the scopes that were asked for. */
    INSUFFICIENT_SCOPE,
    /** Its organization is suspended. */
    ORGANIZATION_SUSPENDED
  }

  /**
   * The key works and holds what was asked for.
   *
   * @param key the key
   * @param tenant a context limited to the key's scopes and environments
   */
  record Valid(ApiKey key, TenantContext tenant) implements Verdict {
    public Valid {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(tenant, "tenant");
    }
  }

  /**
   * The key is refused, for all of these reasons.
   *
   * @param reasons all that apply, in the order of the enum
   * @param missingScopes the scopes that are lacking
   * @param keyId the key, when there is one
   * @param organization its organization, when there is one
   */
  record Refused(
      Set<Reason> reasons,
      List<Scope> missingScopes,
      Optional<ApiKeyId> keyId,
      Optional<OrganizationId> organization)
      implements Verdict {
    public Refused {
      reasons = Collections.unmodifiableSet(new TreeSet<>(reasons));
      missingScopes = List.copyOf(missingScopes);
    }
  }
}
