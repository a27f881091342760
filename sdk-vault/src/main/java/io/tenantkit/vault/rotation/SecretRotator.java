package io.tenantkit.vault.rotation;

import io.tenantkit.secret.SecretValue;
import java.util.Map;

/**
 * Replaces the values of one type of secrets, at the provider that accepts them.
 *
 * <p>Each call runs on a thread of its own, outside of any transaction, and is given up when it
 * takes longer than {@link SecretRotations.Builder#callTimeout}: its thread is interrupted, its
 * values are wiped. A process may be killed at any time, so each call may come again with the same
 * {@link RotationCall#rotationId()} and must then do no harm. What a call throws counts as a
 * failure; of it only the name of its class is kept, or the code of a {@link RotationException}.
 * The values that a call is given are closed when it returns, those that it answers when they were
 * put.
 *
 * <p>Used by several threads.
 */
public interface SecretRotator {

  /**
   * Makes new values, which the provider then accepts beside the current ones. When the node was
   * killed before they were stored it is called again: who can, recognises the rotation's id.
   *
   * @param current the current values by field; none when the current version has expired
   * @return the new values, all fields
   */
  Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current)
      throws Exception;

  /**
   * Tries new values before they come into force.
   *
   * @return whether they work; false, as what it throws, undoes and destroys them
   */
  boolean test(RotationCall call, Map<String, SecretValue> created) throws Exception;

  /** Told, once or more, when new values have come into force. */
  default void promoted(RotationCall call, Map<String, SecretValue> created) throws Exception {}

  /** Revokes, once or more, values that are out of force and whose overlap has ended. */
  default void retire(RotationCall call, Map<String, SecretValue> old) throws Exception {}

  /** Revokes, once or more, new values that never come into force. */
  default void undo(RotationCall call, Map<String, SecretValue> created) throws Exception {}
}
