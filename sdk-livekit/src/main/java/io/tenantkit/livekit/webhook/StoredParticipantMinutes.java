package io.tenantkit.livekit.webhook;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceDay;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sums of days, and what is not in them yet. */
final class StoredParticipantMinutes implements ParticipantMinutes {
  private static final int PAGE = 500;

  /** How often it is read again because something was summed meanwhile. */
  private static final int ATTEMPTS = 5;

  private final PlaneRuntime runtime;
  private final PresenceStore presences;

  StoredParticipantMinutes(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.presences = runtime.coreStores().presences();
  }

  @Override
  public List<ParticipantDay> perDay(TenantContext context, LocalDate from, LocalDate to) {
    context.require(Scopes.LIVEKIT_READ);
    if (to.isBefore(from) || from.plusDays(MAX_DAYS).compareTo(to) <= 0) {
      throw new InvalidInputException("to", "from the first day to 399 days later");
    }
    Environment environment = context.environment();
    for (int attempt = 1; ; attempt++) {
      List<PresenceDay> before = presences.days(context, environment, from, to);
      Map<PresenceDay.Key, PresenceDay> all = new TreeMap<>();
      before.forEach(day -> all.put(day.key(), day));
      addUnsettled(context, environment, from, to, all);
      // What was summed between the two would count twice, or not at all.
      if (attempt == ATTEMPTS || presences.days(context, environment, from, to).equals(before)) {
        return all.values().stream()
            .filter(day -> day.presences() > 0)
            .map(StoredParticipantMinutes::day)
            .toList();
      }
    }
  }

  private void addUnsettled(
      TenantContext context,
      Environment environment,
      LocalDate from,
      LocalDate to,
      Map<PresenceDay.Key, PresenceDay> all) {
    Instant now = runtime.now();
    @Nullable Presence after = null;
    List<Presence> page;
    do {
      page = presences.unsettled(context, false, after, PAGE);
      for (Presence row : page) {
        after = row;
        if (row.who().place().environment() == environment) {
          PresenceDay.missing(row, now).stream()
              .filter(day -> !day.key().day().isBefore(from) && !day.key().day().isAfter(to))
              .forEach(day -> all.merge(day.key(), day, PresenceDay::plus));
        }
      }
    } while (page.size() == PAGE);
  }

  private static ParticipantDay day(PresenceDay day) {
    return new ParticipantDay(
        day.key().day(),
        kind(day.key().kind()),
        day.presences(),
        Duration.ofMillis(day.millis()),
        day.minutes(),
        day.corrected());
  }

  private static ParticipantKind kind(String claim) {
    for (ParticipantKind kind : ParticipantKind.values()) {
      if (kind.claim().equals(claim)) {
        return kind;
      }
    }
    return ParticipantKind.STANDARD;
  }
}
