package io.tenantkit.vault.spi;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Marks of credentials: which organization has which, by keyed fingerprints, so that nothing is
 * opened to compare them. They go with their secret, and with their organization's keys.
 *
 * <p>{@link CredentialMarks#pair} and {@link CredentialMarks#serverSecret} are one organization's
 * at a time, however many claim them at once and whatever their transactions see of each other.
 */
public interface CredentialMarkStore {
  /** How many replaced versions of a secret count at the most. */
  int MOST_OVERLAPPING = 3;

  /**
   * How a check of credentials ended.
   *
   * @param at when, microsecond precision
   * @param verdict 1 to 32 characters
   * @param message at most 300 characters, without anything secret
   * @param millis how long it took
   */
  record CredentialCheck(Instant at, String verdict, String message, long millis) {}

  /**
   * A version with its marks.
   *
   * @param version of the secret
   * @param marks of its credentials
   * @param until until when it counts although it was replaced; empty for what was claimed last
   * @param check how the last check of it ended
   */
  record MarkedVersion(
      long version,
      CredentialMarks marks,
      Optional<Instant> until,
      Optional<CredentialCheck> check) {
    public MarkedVersion {
      Objects.requireNonNull(marks, "marks");
      Objects.requireNonNull(until, "until");
      Objects.requireNonNull(check, "check");
    }

    /** Whether it counts. */
    public boolean countsAt(Instant now) {
      return until.isEmpty() || until.get().isAfter(now);
    }
  }

  /** Where credentials are kept. */
  record Owner(OrganizationId organization, Environment environment) {}

  /** What organizations have in common. */
  enum Kind {
    /** The same server: what one does there the other can see, by a key of its own. */
    SERVER,
    /** The same public id of a key, perhaps of different servers. */
    KEY
  }

  /**
   * One of several organizations that have the same.
   *
   * @param kind what is the same
   * @param mark by which they belong together
   * @param owner one of them
   */
  record SharedMark(Kind kind, String mark, Owner owner) {}

  /**
   * Claims credentials for the current version of a secret, as a put does that comes with a {@link
   * CredentialClaim}; does nothing when it has the same marks already. For credentials that came
   * into the vault by another way.
   *
   * @return false, with nothing written, when another organization has them
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  boolean claim(TenantContext context, Secret secret, CredentialMarks marks, Instant now);

  /** The marks of a secret's versions, newest first, those that count no more among them. */
  List<MarkedVersion> find(TenantContext context, SecretId secret);

  /**
   * Keeps how a check ended, instead of the one before.
   *
   * @return false when the version has no marks
   */
  boolean checked(TenantContext context, SecretId secret, long version, CredentialCheck check);

  /**
   * Whether another organization has what these marks exclude. Of the closed list of what is read
   * across tenants: yes or no, never whose.
   */
  boolean isHeld(TenantContext context, CredentialMarks marks, Instant now);

  /**
   * Who has a key with this mark, by organization and environment, from the first after {@code
   * after}. Of the closed list of what is read across tenants: for who receives what a server
   * signed, and must find whose key it may be; several may say that it is theirs, and only the
   * signature tells.
   */
  List<Owner> owners(String keyMark, Instant now, @Nullable Owner after, int limit);

  /**
   * What organizations share, by kind, mark, organization and environment, from the first after.
   */
  List<SharedMark> shared(Operator operator, Instant now, @Nullable SharedMark after, int limit);

  /** Who has a secret that is shorter than it should be, by organization and environment. */
  List<Owner> shortSecrets(Operator operator, Instant now, @Nullable Owner after, int limit);

  /** The key that the marks are made with. */
  WrappedKeyStore keys();

  /**
   * Adds the first of {@link #keys}; does nothing when there is one, whoever was faster.
   *
   * @throws io.tenantkit.TenantkitException with {@code MASTER_KEY_MISMATCH} when the master key
   *     was retired
   */
  void addFirstKey(WrappedKeyStore.WrappedKey key);
}
