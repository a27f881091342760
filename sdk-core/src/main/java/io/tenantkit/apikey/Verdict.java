package io.tenantkit.apikey;

import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.TenantContext;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
   * The key works and holds what was asked for. What is told of the key is made when it is first
   * asked for. Immutable; safe for use by several threads.
   */
  final class Valid implements Verdict {
    private final @Nullable CachedKey source;
    private final LimitDecision decision;

    // Whoever comes first makes it; two who come at once make equal ones.
    private @Nullable ApiKey key;
    private @Nullable TenantContext tenant;

    /**
     * A verdict on this key.
     *
     * @param key the key
     * @param tenant a context limited to the key's scopes and environments
     * @param decision what the limits said
     */
    public Valid(ApiKey key, TenantContext tenant, LimitDecision decision) {
      this.source = null;
      this.key = Objects.requireNonNull(key, "key");
      this.tenant = Objects.requireNonNull(tenant, "tenant");
      this.decision = Objects.requireNonNull(decision, "decision");
    }

    Valid(CachedKey source, LimitDecision decision) {
      this.source = source;
      this.decision = decision;
    }

    /**
     * The key as it was read last, but for its use, which shows as {@linkplain KeyUse#never()
     * never}: a count changes with each call, so only {@link ApiKeyManager#get} tells of it.
     */
    public ApiKey key() {
      ApiKey known = key;
      if (known == null) {
        known = source().key();
        key = known;
      }
      return known;
    }

    /** A context limited to the key's scopes and environments. */
    public TenantContext tenant() {
      TenantContext known = tenant;
      if (known == null) {
        known = source().tenant();
        tenant = known;
      }
      return known;
    }

    /** What the limits said. */
    public LimitDecision decision() {
      return decision;
    }

    @Override
    public List<LimitStatus> limits() {
      return decision.statuses();
    }

    private CachedKey source() {
      return Objects.requireNonNull(source, "source");
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Valid that
          && key().equals(that.key())
          && tenant().equals(that.tenant())
          && decision.equals(that.decision);
    }

    @Override
    public int hashCode() {
      return Objects.hash(key(), tenant(), decision);
    }

    @Override
    public String toString() {
      return "Valid[key=" + key() + ", tenant=" + tenant() + ", decision=" + decision + "]";
    }
  }

  /**
   * The key is refused, for all of these reasons. A refused call takes nothing of any limit, unless
   * the key was revoked, ended or reissued while the storage was asked for its limits.
   *
   * <p>What this process knows is told together: the key, its organization, scopes, environment,
   * address, and the limits counted here. What the storage counts, shared limits and credits, is
   * asked last and only when nothing else refuses, so that a refused flood costs no round trip;
   * then all of it is told. Limits that were not asked say so. Of a key that may not be used at all
   * no limit is told.
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
      Set<Reason> ordered = EnumSet.noneOf(Reason.class);
      ordered.addAll(reasons);
      reasons = Collections.unmodifiableSet(ordered);
      missingScopes = List.copyOf(missingScopes);
      limits = List.copyOf(limits);
    }
  }
}
