package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import java.time.Duration;

/**
 * How a key is replaced. What a key answers, by the state it is in:
 *
 * <table>
 *   <caption>States, events and answers</caption>
 *   <tr><th>state</th><th>verify</th><th>rotate</th><th>enable</th><th>disable</th><th>revoke</th></tr>
 *   <tr><td>active</td><td>valid</td><td>successor, active</td><td>nothing to do</td>
 *       <td>disabled</td><td>revoked</td></tr>
 *   <tr><td>disabled</td><td>refused</td><td>successor, disabled as well</td><td>active</td>
 *       <td>nothing to do</td><td>revoked</td></tr>
 *   <tr><td>in grace: rotated, and its overlap lasts</td><td>valid, and reported</td>
 *       <td>conflict naming the successor</td><td>nothing to do</td>
 *       <td>refused for now, in grace when enabled again</td><td>revoked</td></tr>
 *   <tr><td>replaced: rotated without grace, or its overlap is over</td><td>refused</td>
 *       <td>conflict naming the successor</td><td>conflict, or still refused as it has ended</td>
 *       <td>likewise</td><td>as it is, or revoked</td></tr>
 *   <tr><td>expired</td><td>refused</td><td>conflict</td><td>still refused</td>
 *       <td>still refused</td><td>revoked</td></tr>
 *   <tr><td>revoked</td><td>refused</td><td>conflict</td><td>conflict</td><td>conflict</td>
 *       <td>as it is, with its first reason</td></tr>
 * </table>
 *
 * <p>A rotation retires the old key and adds its successor in one transaction. Of several at once
 * one wins; the others get a {@link io.tenantkit.ConflictException} whose {@code existingId} is the
 * successor, and never its secret. The successor has the old key's name, description, mode, grants,
 * family and end, or an earlier end when the organization's policy asks for one; limits and credits
 * count for the family, so an overlap does not double them. Earlier keys of the family that are
 * still in grace are not touched: whom one does not trust one revokes.
 *
 * @param grace how long the old key goes on working, zero to {@link #MAX_GRACE}; never past its own
 *     expiry
 */
public record Rotation(Duration grace) {
  /** The longest overlap of old and new. */
  public static final Duration MAX_GRACE = Duration.ofDays(30);

  public Rotation {
    if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
      throw new InvalidInputException("grace", "zero to 30 days");
    }
  }

  /** The old key is refused from the moment the call returns. */
  public static Rotation immediate() {
    return new Rotation(Duration.ZERO);
  }

  /** The old key works on for this long. */
  public static Rotation withGrace(Duration grace) {
    return new Rotation(grace);
  }
}
