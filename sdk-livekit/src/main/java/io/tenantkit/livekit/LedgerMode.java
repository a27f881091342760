package io.tenantkit.livekit;

/** When the row of an issued token and its event are written. */
public enum LedgerMode {
  /**
   * Both are committed before the token is signed: there may be a row without a token, never a
   * token without a row.
   */
  DURABLE,
  /**
   * Both are written together within half a second and the time that a write takes, sooner when
   * thousands wait, and when the control plane closes; issuing does not wait for the storage. Each
   * token has its own event here too. A process that is killed loses what it had not written yet:
   * such tokens are good until they end and are in no list, and a revocation of their identity and
   * room holds them all the same. When the storage has taken nothing for 5 seconds, or 50,000
   * tokens of an organization wait, or 200,000 of all, no more are issued ({@link
   * io.tenantkit.ErrorCode#STORAGE_UNAVAILABLE}). That an organization was suspended, or its
   * credentials replaced, is seen within the revocation bound.
   */
  BATCHED
}
