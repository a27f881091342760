package io.tenantkit.event;

/** The closed catalogue of events, each with the details it carries. */
public enum EventType {
  /**
   * Presented keys were refused. Sampled: at most ten a minute for each organization, ten more for
   * what only its limits and credits refused, and ten for what belongs to none. The subject is the
   * key's id, or {@code unknown}.
   *
   * <p>{@code reasons}; {@code suppressed}, how many were left out since the last one.
   */
  VERIFICATION_FAILED(true, true),
  /**
   * A key that was rotated is still in use during its grace. Once for each key and hour.
   *
   * <p>{@code successor}; {@code endsAt}.
   */
  OLD_KEY_USED(true),
  /**
   * A key is used much more than it was. Once for each key and hour.
   *
   * <p>{@code uses} in the last interval; {@code usual}, its own baseline.
   */
  UNUSUAL_USE(true),
  /**
   * A key ends soon. Once for each key.
   *
   * <p>{@code name}; {@code expiresAt}.
   */
  KEY_NEAR_EXPIRY(true),
  /**
   * The organization's policy wants a key rotated. Once for each key and day.
   *
   * <p>{@code name}; {@code dueAt}.
   */
  KEY_ROTATION_DUE(true),
  /**
   * A key has not been used for as long as the organization's policy says. Once for each key and
   * day.
   *
   * <p>{@code name}; {@code lastUsedAt}, or when it was created.
   */
  KEY_UNUSED(true),
  /**
   * A secret is to be rotated soon. Once for each secret and due date.
   *
   * <p>{@code project}, {@code environment}, {@code name}; {@code dueAt}.
   */
  SECRET_ROTATION_DUE_SOON(true),
  /**
   * A secret should have been rotated and was not: nobody does it but people, or it failed. Once
   * for each secret and due date.
   *
   * <p>{@code project}, {@code environment}, {@code name}; {@code dueAt}.
   */
  SECRET_ROTATION_DUE(true),
  /**
   * A secret was rotated: its new version is in force.
   *
   * <p>{@code project}, {@code environment}, {@code name}; {@code version}; {@code retireAt}, when
   * the version before ends.
   */
  SECRET_ROTATED(false),
  /**
   * A secret could not be rotated, or what was rotated out could not be revoked. Once for each
   * attempt.
   *
   * <p>{@code project}, {@code environment}, {@code name}; {@code reason}, the step and a code;
   * {@code nextAttemptAt}.
   */
  SECRET_ROTATION_FAILED(true),
  /**
   * A scanner found a key and it was revoked.
   *
   * <p>{@code source}; {@code url}, when the report named one.
   */
  KEY_LEAKED(Severity.CRITICAL),
  /**
   * A provider does not take an integration's credential any more. Once for each time that its
   * status turns to error. The subject is the integration's id.
   *
   * <p>{@code provider}; {@code environment}; {@code verdict}, {@code INVALID} or {@code EXPIRED}.
   */
  INTEGRATION_FAILED(true),
  /**
   * The head of an organization's audit chain was signed: keep this outside of the database.
   *
   * <p>{@code checkpoint}, its text.
   */
  AUDIT_CHECKPOINT(false),
  /**
   * A token issuer's keys cannot be fetched. At most once for each of its retry intervals. The
   * subject is the issuer.
   *
   * <p>{@code error}, in our own words and never the issuer's.
   */
  ISSUER_UNAVAILABLE(true, true),
  /**
   * An organization's audit chain does not hold, so its head was not signed. Once for each attempt
   * to sign it.
   *
   * <p>{@code kind}, a name of {@link io.tenantkit.audit.ChainVerification.Kind}; {@code seq}, the
   * first number at which it does not hold.
   */
  AUDIT_CHAIN_BROKEN(Severity.CRITICAL),
  /**
   * An actor used a secret for the first time that others have used for long. This and the other
   * five of how secrets are used: once for each secret, actor, tool and day; the subject is the
   * finding's id.
   *
   * <p>{@code secret}, empty when none was handed over; {@code environment}; {@code actorKind};
   * {@code actor}; {@code tool}; {@code hour}; {@code baseline}; {@code observed}; {@code
   * threshold}.
   */
  SECRET_NEW_ACTOR(Severity.WARNING),
  /** An actor used a secret through a tool that it never used for it. */
  SECRET_NEW_TOOL(Severity.INFO),
  /** A secret is used much more than at this hour of other days. */
  SECRET_BURST(Severity.WARNING),
  /** An actor used a secret at an hour at which it never did. */
  SECRET_UNUSUAL_HOUR(Severity.INFO),
  /** An actor is refused secrets again and again. */
  SECRET_DENIED_STREAK(Severity.WARNING),
  /** A secret was used that was not for long. */
  SECRET_DORMANT_USED(Severity.WARNING),
  /**
   * A secret's row does not open as it was sealed: somebody changed or moved it. Once for each
   * attempt to open it. The subject is the secret's id.
   *
   * <p>{@code project}, {@code environment}, {@code name}; {@code version}; {@code operation}, what
   * it was to be opened for.
   */
  SECRET_REJECTED(Severity.CRITICAL),
  /**
   * An organization's keys were destroyed for ever. The subject is the erasure's id.
   *
   * <p>{@code actor}; {@code keys}, how many there were.
   */
  ORGANIZATION_ERASED(Severity.WARNING),
  /**
   * A master key was retired: nothing is wrapped by it any more. The subject is the key's id.
   *
   * <p>{@code actor}.
   */
  MASTER_KEY_RETIRED(Severity.WARNING),
  /**
   * Periodic work failed and will be tried again. The subject is the work's name.
   *
   * <p>{@code error}, a code and never a driver's text.
   */
  MAINTENANCE_FAILED(true, true);

  private final Severity severity;
  private final boolean mayBeLeftOut;

  EventType(boolean warning) {
    this(warning, false);
  }

  EventType(boolean warning, boolean mayBeLeftOut) {
    this(warning ? Severity.WARNING : Severity.INFO, mayBeLeftOut);
  }

  EventType(Severity severity) {
    this(severity, false);
  }

  EventType(Severity severity, boolean mayBeLeftOut) {
    this.severity = severity;
    this.mayBeLeftOut = mayBeLeftOut;
  }

  /** How soon somebody should look at it. */
  public Severity severity() {
    return severity;
  }

  /** Whether somebody should look at it. */
  public boolean warning() {
    return severity != Severity.INFO;
  }

  /**
   * Whether it is a sample or comes again as long as its cause lasts, so that one may be left out
   * when too many wait. All others are told once and never left out.
   */
  public boolean mayBeLeftOut() {
    return mayBeLeftOut;
  }
}
