package io.tenantkit.livekit.webhook;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.tenant.TenantContext;
import java.time.LocalDate;
import java.util.List;

/**
 * How long participants were in a tenant's rooms, by day, from what its servers told {@link
 * LiveKitWebhooks}.
 *
 * <p>Events may be missing. Who left without having joined counts from the time that its leaving
 * names; who did not leave is over with its room, or else when a look at the server, half an hour
 * after it was last seen and again every half hour, finds it gone: then its connection ends when it
 * was last seen. Whoever is on a server that says nothing for a day is taken for gone, too. An end
 * that is told later corrects all this for a week. Who is there counts until now.
 *
 * <p>Safe for use by several threads; blocks on the storage.
 */
public interface ParticipantMinutes {
  /** How many days can be asked for at once. */
  int MAX_DAYS = 400;

  /** The minutes of these tenants. */
  static ParticipantMinutes of(LiveKit livekit) {
    return new StoredParticipantMinutes(livekit.runtime());
  }

  /**
   * The days of the context's organization and environment, by date and kind. Days without anybody
   * are left out. Days are kept for three years.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}.
   *
   * @param from the first day, in UTC
   * @param to the last day, at most {@value #MAX_DAYS} days with the first
   * @throws io.tenantkit.InvalidInputException naming {@code to} and its bound
   * @throws io.tenantkit.AccessDeniedException when the scope is missing
   */
  List<ParticipantDay> perDay(TenantContext context, LocalDate from, LocalDate to);
}
