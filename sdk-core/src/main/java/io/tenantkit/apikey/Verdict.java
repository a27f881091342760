package io.tenantkit.apikey;

import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitStatus;
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

  /** Where each limit of the key and of its organization stands. */
  List<LimitStatus> limits();

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
    /** One of its limits, or its organization's, has no room for the call now. */
    RATE_LIMITED,
    /** Its credits do not pay for the call. */
    QUOTA_EXCEEDED,
    /** Its organization is suspended. */
    ORGANIZATION_SUSPENDED,
    /** It does not reach the environment that was asked for. */
    WRONG_ENVIRONMENT,
    /**
     * It may not be presented from this address, or it is bound to addresses and none was given.
     */
    ADDRESS_FORBIDDEN
  }

  /**
   * The key works and holds what was asked for.
   *
   * @param key the key
   * @param tenant a context limited to the key's scopes and environments
   * @param decision what the limits said
   */
  record Valid(ApiKey key, TenantContext tenant, LimitDecision decision) implements Verdict {
    public Valid {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(tenant, "tenant");
      Objects.requireNonNull(decision, "decision");
    }

    @Override
    public List<LimitStatus> limits() {
      return decision.statuses();
    }
  }

  /**
   * The key is refused, for all of these reasons. A refused call takes nothing of any limit.
   *
   * @param reasons all that apply, in the order of the enum
   * @param missingScopes the scopes that are lacking
   * @param limits where each limit stands, when they were looked at
   * @param keyId the key, when there is one
   * @param organization its organization, when there is one
   */
  record Refused(
      Set<Reason> reasons,
      List<Scope> missingScopes,
      List<LimitStatus> limits,
      Optional<ApiKeyId> keyId,
      Optional<OrganizationId> organization)
      implements Verdict {
    public Refused {
      reasons = Collections.unmodifiableSet(new TreeSet<>(reasons));
      missingScopes = List.copyOf(missingScopes);
      limits = List.copyOf(limits);
    }
  }
}
