package io.tenantkit;

/**
 * The closed catalogue of what can go wrong, stable across versions: code may be matched on,
 * messages may not.
 *
 * <p>Each code carries the HTTP status a host would answer with and whether the same call may
 * succeed when it is simply repeated. The page {@code sdk-core/ERRORS.md} is this enum in prose and
 * a test holds the two together.
 */
public enum ErrorCode {
  /**
   * An argument is outside its documented bound; the message names the property and the bound,
   * never the value.
   */
  INVALID_INPUT(
      400,
      false,
      "An argument is outside its bound. The message names the property and the bound."),
  /**
   * There is no such thing in the caller's organization; another tenant's id gets this same answer.
   */
  NOT_FOUND(
      404,
      false,
      "Nothing with that id in this organization. Another tenant's id gets the same answer."),
  /** The thing exists already, or the state does not allow the change. */
  CONFLICT(409, false, "It exists already, or its state does not allow the change."),
  /** Somebody else changed the row since it was read. */
  STALE_VERSION(409, true, "Somebody changed it since it was read. Read it again, then repeat."),
  /** The caller's context does not allow the operation. */
  ACCESS_DENIED(403, false, "The caller's context does not allow this."),
  /**
   * The organization's plan allows no more of it; the message names the limit and its bound. 403
   * and not 402, which RFC 9110 reserves for future use.
   */
  PLAN_LIMIT_REACHED(
      403,
      false,
      "The organization's plan allows no more of it. The message names the limit and its bound."),
  /** A reveal, use or token issue was asked for inside the host's own transaction. */
  JOINED_TRANSACTION_REFUSED(
      409,
      false,
      "Reveal, use and token issue are refused inside a joined transaction: its rollback would erase their audit row."),
  /** The connection handed to a join cannot carry it. */
  JOIN_REFUSED(
      500,
      false,
      "The connection cannot be joined: auto-commit is on, it is closed, or its role is not the application role."),
  /** The database cannot be reached or the pool is exhausted. */
  STORAGE_UNAVAILABLE(503, true, "The database cannot be reached, or its pool is exhausted."),
  /**
   * The database aborted the transaction so that another could go on (serialization failure,
   * deadlock, lock timeout).
   */
  STORAGE_BUSY(503, true, "The database aborted the transaction in favour of another. Repeat it."),
  /** The connection broke after COMMIT was sent: the change may or may not be there. */
  COMMIT_UNKNOWN(
      503,
      false,
      "The connection broke while committing. Look whether the change is there before you repeat it."),
  /** The database refuses writes. */
  STORAGE_READ_ONLY(503, false, "The database refuses writes: a replica, or a disk that is full."),
  /** Another process has the embedded file open. */
  STORAGE_IN_USE(
      503, false, "Another process has the embedded database file open. One process at a time."),
  /** Any other failure of the database. */
  STORAGE_FAILED(500, false, "The database failed in a way that is not known to be passing."),
  /** The storage or control plane was closed. */
  CLOSED(500, false, "The storage or the control plane was closed."),
  /** The product behind a connection is not one we speak. */
  UNSUPPORTED_DATABASE(500, false, "Not a database this library speaks, or a version it does not."),
  /** The schema is missing or older than this library needs. */
  SCHEMA_OUTDATED(
      500, false, "The schema is missing or older than this library needs. Run the migrations."),
  /** The schema was written by a newer library that says ours may not read it. */
  SCHEMA_TOO_NEW(
      500, false, "A newer library wrote this schema and says that this one may not read it."),
  /** A migration file differs from the one that was applied. */
  SCHEMA_CHANGED(500, false, "A migration that was applied differs from the one in this library."),
  /** The database role, a table or a policy makes row level security void. */
  DATABASE_UNSAFE(
      500,
      false,
      "A role, grant, table, view or policy makes row level security void. The message names the SQL that mends it."),
  /** The embedded database does not keep the durability it must. */
  DURABILITY_UNSAFE(
      500,
      false,
      "The embedded database would lose acknowledged commits when the process is killed."),
  /** A master key is unusable as given. */
  MASTER_KEY_INVALID(500, false, "A master key or its file cannot be used as given."),
  /** The master keys given are not those the storage was written with. */
  MASTER_KEY_MISMATCH(
      500, false, "The master keys given are not those that the storage was written with."),
  /** The service that keeps the master keys cannot be reached, or does not answer as it should. */
  MASTER_KEY_UNAVAILABLE(
      503,
      true,
      "The service that keeps the master keys cannot be reached, is sealed or busy, or answers too late or nonsense."),
  /** The service that keeps the master keys refuses what we ask for. */
  MASTER_KEY_DENIED(
      500, false, "The service that keeps the master keys refuses our token, or what it may do."),
  /** A ciphertext does not open: altered, moved to another row, or sealed with another key. */
  CIPHERTEXT_REJECTED(
      500, false, "A stored ciphertext does not open: altered, moved, or sealed with another key."),
  /** A backup does not open, or holds what this version does not know. */
  BACKUP_REJECTED(
      400,
      false,
      "A backup does not open: another key, altered, cut, beyond a bound, or of a later version."),
  /** The guard of outgoing calls refused a target. */
  EGRESS_REFUSED(
      400, false, "The address of an outside service is not one that this installation may call."),
  /** An outside service was not reached, or did not answer as it must. */
  EGRESS_FAILED(502, true, "An outside service was not reached, or gave no usable answer."),
  /** A tenant's LiveKit server does not accept the tenant's credentials, or not for this. */
  LIVEKIT_REFUSED(
      502,
      false,
      "The tenant's LiveKit server refuses the tenant's credentials, or not all is allowed to them."),
  /** A tenant's LiveKit server answered with a failure. */
  LIVEKIT_FAILED(502, false, "The tenant's LiveKit server answered with a failure."),
  /** Credentials of an outside service that are the host's own, or another organization's. */
  CREDENTIALS_TAKEN(
      409,
      false,
      "The credentials of an outside service are the host's own, or another organization's. Each needs its own."),
  /** The version of a secret that was asked for has expired. */
  SECRET_EXPIRED(410, false, "The version of the secret has expired. Put a new one."),
  /** The organization's keys were destroyed for ever; what they protected cannot be read again. */
  ORGANIZATION_ERASED(
      410, false, "The organization's keys were destroyed for ever. Nothing it kept can be read."),
  /** A fault of ours. */
  INTERNAL(500, false, "A fault of this library. Please report it.");

  private final int httpStatus;
  private final boolean retryable;
  private final String meaning;

  ErrorCode(int httpStatus, boolean retryable, String meaning) {
    this.httpStatus = httpStatus;
    this.retryable = retryable;
    this.meaning = meaning;
  }

  /** The HTTP status (RFC 9110) that fits when the error reaches an outside caller. */
  public int httpStatus() {
    return httpStatus;
  }

  /**
   * Whether the very same call may succeed when repeated, without a change of arguments or set-up.
   */
  public boolean retryable() {
    return retryable;
  }

  /** One sentence for the catalogue page. */
  public String meaning() {
    return meaning;
  }
}
