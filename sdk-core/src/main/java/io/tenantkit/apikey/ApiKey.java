package io.tenantkit.apikey;

import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An API key as it may be shown: everything but the key. Times have microsecond precision.
 *
 * @param id public, safe to log
 * @param organization the tenant it belongs to
 * @param name for people, 1 to 255 characters
 * @param description for people, 1 to 1,000 characters, if any
 * @param prefix the key's first characters, at most 16, by which a person recognises it
 * @param mode live or test
 * @param grants what it may do, how often, and from where
 * @param enabled false while it is switched off, which can be undone
 * @param createdBy the actor that created it
 * @param createdAt when
 * @param updatedAt when it last changed
 * @param expiresAt from when on it is refused; empty for never
 * @param revocation when and why it was revoked, which is final
 * @param family the id of the first key of its line of rotations
 * @param successor the key that replaced it, when it was rotated
 * @param use how much it was used, as far as it was written
 * @param version counts changes, from 1
 */
public record ApiKey(
    ApiKeyId id,
    OrganizationId organization,
    String name,
    Optional<String> description,
    String prefix,
    KeyMode mode,
    KeyGrants grants,
    boolean enabled,
    String createdBy,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> expiresAt,
    Optional<Revocation> revocation,
    ApiKeyId family,
    Optional<ApiKeyId> successor,
    KeyUse use,
    long version) {

  /**
   * The end of a key.
   *
   * @param at when
   * @param reason why, 1 to 255 characters
   */
  public record Revocation(Instant at, String reason) {
    public Revocation {
      Objects.requireNonNull(at, "at");
      Texts.require("reason", reason, 255);
    }
  }

  public ApiKey {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(grants, "grants");
    Objects.requireNonNull(use, "use");
    Texts.require("name", name, 255);
    description.ifPresent(text -> Texts.require("description", text, 1_000));
  }

  /** What it may do. */
  public ScopeSet scopes() {
    return grants.scopes();
  }

  /** Whether the key's time has run out at this time. */
  public boolean expired(Instant now) {
    return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
  }

  /** The same key as a look-up by hash shows it: without its use. */
  public ApiKey asPresented() {
    return withUse(KeyUse.never());
  }

  /** The same key, used that much; the version stays, for use is no change of a key. */
  public ApiKey withUse(KeyUse changed) {
    return new ApiKey(
        id,
        organization,
        name,
        description,
        prefix,
        mode,
        grants,
        enabled,
        createdBy,
        createdAt,
        updatedAt,
        expiresAt,
        revocation,
        family,
        successor,
        changed,
        version);
  }

  /** The same key with another secret, of which these are the first characters. */
  ApiKey reissued(String newPrefix, Instant now) {
    return new ApiKey(
        id,
        organization,
        name,
        description,
        newPrefix,
        mode,
        grants,
        enabled,
        createdBy,
        createdAt,
        now,
        expiresAt,
        revocation,
        family,
        successor,
        use,
        version + 1);
  }

  /** Whether this is the other key after the same changes, whatever its use. */
  boolean isSameChange(ApiKey other) {
    return withUse(other.use).equals(other);
  }

  ApiKey withEnabled(boolean changed, Instant now) {
    return changed(changed, expiresAt, revocation, successor, now);
  }

  ApiKey revoked(String reason, Instant now) {
    return changed(enabled, expiresAt, Optional.of(new Revocation(now, reason)), successor, now);
  }

  /** Replaced without grace: it ends with this very change. */
  ApiKey replacedAtOnce(ApiKeyId next, Instant now) {
    Revocation rotated = new Revocation(now, "rotated");
    return changed(enabled, expiresAt, Optional.of(rotated), Optional.of(next), now);
  }

  /** Replaced with grace: it works until then, or until its own end when that comes first. */
  ApiKey replacedUntil(Instant end, ApiKeyId next, Instant now) {
    Instant earlier = expiresAt.filter(due -> due.isBefore(end)).orElse(end);
    return changed(enabled, Optional.of(earlier), revocation, Optional.of(next), now);
  }

  /** All that can change of a key, one version on. */
  private ApiKey changed(
      boolean nowEnabled,
      Optional<Instant> nowExpires,
      Optional<Revocation> nowRevoked,
      Optional<ApiKeyId> nowSucceeded,
      Instant now) {
    return new ApiKey(
        id,
        organization,
        name,
        description,
        prefix,
        mode,
        grants,
        nowEnabled,
        createdBy,
        createdAt,
        now,
        nowExpires,
        nowRevoked,
        family,
        nowSucceeded,
        use,
        version + 1);
  }
}
