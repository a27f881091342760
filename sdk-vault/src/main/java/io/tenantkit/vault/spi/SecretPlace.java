package io.tenantkit.vault.spi;

import io.tenantkit.InvalidInputException;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretQuery;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Where a search goes on: the place of a secret in the query's order.
 *
 * @param key what the order goes by before the id: nothing, the name, or the time of expiry in
 *     microseconds since 1970
 * @param id the secret's id
 */
public record SecretPlace(String key, String id) {

  /** The place of a secret. */
  public static SecretPlace of(SecretQuery.Order order, Secret secret) {
    String key =
        switch (order) {
          case ID -> "";
          case NAME -> secret.ref().name();
          case EXPIRY -> Long.toString(micros(secret.expiresAt().orElse(Instant.EPOCH)));
        };
    return new SecretPlace(key, secret.id().value());
  }

  /**
   * The place that {@link #text} told.
   *
   * @throws InvalidInputException when it is no place in this order
   */
  public static SecretPlace parse(SecretQuery.Order order, String text) {
    int space = text.indexOf(' ');
    boolean ok = (order == SecretQuery.Order.ID) == (space < 0) && space < text.length() - 1;
    SecretPlace place =
        new SecretPlace(text.substring(0, Math.max(0, space)), text.substring(space + 1));
    if (ok && order == SecretQuery.Order.EXPIRY) {
      ok = place.key().matches("-?[0-9]{1,18}");
    }
    if (!ok) {
      throw new InvalidInputException("cursor", "a cursor that a page of this query gave");
    }
    return place;
  }

  /** As printable ASCII, for a cursor. */
  public String text() {
    return key.isEmpty() ? id : key + ' ' + id;
  }

  /** The time of expiry, of a place in that order. */
  public Instant time() {
    return Instant.EPOCH.plus(Long.parseLong(key), ChronoUnit.MICROS);
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
