package io.tenantkit.memory;

import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.spi.PresenceDay;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.ReceivedEvent;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Events from outside, presences and their sums, in the in-memory storage. */
final class MemoryPresences {
  /** An event and whether it was handled. */
  private record Row(ReceivedEvent event, boolean done) {}

  private record PresenceKey(
      OrganizationId organization, Environment environment, String place, String id)
      implements Comparable<PresenceKey> {
    static PresenceKey of(OrganizationId organization, Presence row) {
      return new PresenceKey(
          organization, row.who().place().environment(), row.who().place().id(), row.who().id());
    }

    @Override
    public int compareTo(PresenceKey other) {
      int order = organization.compareTo(other.organization);
      order = order != 0 ? order : environment.name().compareTo(other.environment.name());
      order = order != 0 ? order : place.compareTo(other.place);
      return order != 0 ? order : id.compareTo(other.id);
    }
  }

  private record DayKey(OrganizationId organization, PresenceDay.Key key)
      implements Comparable<DayKey> {
    @Override
    public int compareTo(DayKey other) {
      int order = organization.compareTo(other.organization);
      return order != 0 ? order : key.compareTo(other.key);
    }
  }

  private final MemoryEngine engine;
  private final Consumer<TenantContext> requireOpen;
  private final MemoryTable<RowKey, Row> events;
  private final MemoryTable<PresenceKey, Presence> presences;
  private final MemoryTable<DayKey, PresenceDay> days;

  MemoryPresences(MemoryEngine engine, Consumer<TenantContext> requireOpen) {
    this.engine = engine;
    this.requireOpen = requireOpen;
    this.events = engine.table();
    this.presences = engine.table();
    this.days = engine.table();
  }

  ReceivedEventStore receivedEvents() {
    return new Events();
  }

  PresenceStore presences() {
    return new Presences();
  }

  /** Within a verb: forgets who was where, and what came in. */
  void erase(OrganizationId organization) {
    presences
        .keys()
        .filter(key -> key.organization().equals(organization))
        .toList()
        .forEach(presences::remove);
    events
        .keys()
        .filter(key -> key.organization().equals(organization))
        .toList()
        .forEach(events::remove);
  }

  private Stream<Presence> of(TenantContext context) {
    OrganizationId mine = context.organization();
    return presences.keys().filter(key -> key.organization().equals(mine)).map(this::row);
  }

  private Presence row(PresenceKey key) {
    Presence row = presences.get(key);
    if (row == null) {
      throw new IllegalStateException("a key without a row");
    }
    return row;
  }

  private void write(TenantContext context, PresenceChange change, Instant checkAt) {
    Presence.Place place = change.place();
    if (change instanceof PresenceChange.Ended) {
      of(context)
          .filter(row -> isIn(row, place) && row.leftAt().isEmpty())
          .toList()
          .forEach(row -> put(context, Presence.after(row, change, checkAt)));
      return;
    }
    String id = id(change);
    PresenceKey key = new PresenceKey(context.organization(), place.environment(), place.id(), id);
    @Nullable Presence after = Presence.after(presences.get(key), change, checkAt);
    if (after != null) {
      put(context, after);
    }
  }

  private static String id(PresenceChange change) {
    if (change instanceof PresenceChange.Joined joined) {
      return joined.who().id();
    }
    return change instanceof PresenceChange.Left left
        ? left.who().id()
        : ((PresenceChange.Seen) change).id();
  }

  private void put(TenantContext context, @Nullable Presence row) {
    if (row != null) {
      presences.put(PresenceKey.of(context.organization(), row), row);
    }
  }

  private static boolean isIn(Presence row, Presence.Place place) {
    return row.who().place().environment() == place.environment()
        && row.who().place().id().equals(place.id());
  }

  /** Whether it is there as it was read. */
  private boolean isUnchanged(TenantContext context, Presence read) {
    Presence now = presences.get(PresenceKey.of(context.organization(), read));
    return now != null && now.version() == read.version();
  }

  private final class Events implements ReceivedEventStore {
    @Override
    public Taken take(TenantContext context, ReceivedEvent event, Optional<PresenceChange> change) {
      return engine.run(
          context,
          () -> {
            requireOpen.accept(context);
            RowKey key = key(context, event.source(), event.id());
            Row before = events.get(key);
            if (before != null && before.done()) {
              return Taken.DONE;
            }
            if (before != null
                && before
                    .event()
                    .held()
                    .filter(hold -> hold.until().isAfter(event.receivedAt()))
                    .isPresent()) {
              return Taken.HELD;
            }
            events.put(key, new Row(event, event.held().isEmpty()));
            Instant checkAt = event.receivedAt().plus(PresenceStore.CHECK_AFTER);
            change.ifPresent(each -> write(context, each, checkAt));
            return Taken.YOURS;
          });
    }

    private RowKey key(TenantContext context, String source, String id) {
      return new RowKey(context.organization(), source + "\n" + id);
    }

    @Override
    public boolean done(TenantContext context, String source, String id, String claim) {
      return engine.run(
          context,
          () -> {
            RowKey key = key(context, source, id);
            Row row = events.get(key);
            if (row == null || !isHeldBy(row, claim)) {
              return false;
            }
            events.put(key, new Row(row.event(), true));
            return true;
          });
    }

    @Override
    public boolean giveBack(TenantContext context, String source, String id, String claim) {
      return engine.run(
          context,
          () -> {
            RowKey key = key(context, source, id);
            Row row = events.get(key);
            if (row == null || !isHeldBy(row, claim)) {
              return false;
            }
            events.remove(key);
            return true;
          });
    }

    private boolean isHeldBy(Row row, String claim) {
      return !row.done()
          && row.event().held().filter(hold -> hold.claim().equals(claim)).isPresent();
    }

    @Override
    public int forget(TenantContext context, Instant receivedBefore, int limit) {
      return engine.run(
          context,
          () -> {
            List<RowKey> old =
                events
                    .keys()
                    .filter(key -> key.organization().equals(context.organization()))
                    .filter(key -> isOld(key, receivedBefore))
                    .limit(limit)
                    .toList();
            old.forEach(events::remove);
            return old.size();
          });
    }
  }

  private boolean isOld(RowKey key, Instant receivedBefore) {
    Row row = events.get(key);
    return row != null && row.event().receivedAt().isBefore(receivedBefore);
  }

  private final class Presences implements PresenceStore {
    @Override
    public List<OrganizationId> organizationsWithDue(
        Due due, @Nullable OrganizationId after, int limit) {
      return engine.run(
          () -> {
            TreeSet<OrganizationId> found = new TreeSet<>();
            Predicate<Presence> isDue =
                row ->
                    row.leftAt().isEmpty()
                        ? !row.checkAt().isAfter(due.checkBy())
                        : !row.settled()
                            || row.leftAt()
                                .filter(at -> at.isBefore(due.forgetBefore()))
                                .isPresent();
            presences
                .keys()
                .filter(key -> isDue.test(row(key)))
                .forEach(key -> found.add(key.organization()));
            events
                .keys()
                .filter(key -> isOld(key, due.receivedBefore()))
                .forEach(key -> found.add(key.organization()));
            return found.stream()
                .filter(id -> after == null || id.compareTo(after) > 0)
                .limit(limit)
                .toList();
          });
    }

    @Override
    public List<Presence> unsettled(
        TenantContext context, boolean over, @Nullable Presence after, int limit) {
      OrganizationId mine = context.organization();
      return engine.run(
          context,
          () ->
              of(context)
                  .filter(row -> !row.settled() && (!over || row.leftAt().isPresent()))
                  .filter(
                      row ->
                          after == null
                              || PresenceKey.of(mine, row).compareTo(PresenceKey.of(mine, after))
                                  > 0)
                  .limit(limit)
                  .toList());
    }

    @Override
    public int settle(TenantContext context, List<Presence> over) {
      return engine.run(
          context,
          () -> {
            int settled = 0;
            for (Presence row : over) {
              if (isUnchanged(context, row)) {
                PresenceDay.missing(row, row.joinedAt()).forEach(each -> add(context, each));
                put(context, row.sum());
                settled++;
              }
            }
            return settled;
          });
    }

    private void add(TenantContext context, PresenceDay change) {
      DayKey key = new DayKey(context.organization(), change.key());
      PresenceDay before = days.get(key);
      days.put(key, before == null ? change : before.plus(change));
    }

    @Override
    public List<Presence.Place> claimPlaces(
        TenantContext context, Instant now, Instant next, int limit) {
      return engine.run(
          context,
          () -> {
            Map<String, Presence.Place> places = new LinkedHashMap<>();
            of(context)
                .filter(row -> row.leftAt().isEmpty() && !row.checkAt().isAfter(now))
                .map(row -> row.who().place())
                .forEach(
                    place -> places.putIfAbsent(place.environment() + " " + place.id(), place));
            List<Presence.Place> claimed = places.values().stream().limit(limit).toList();
            for (Presence.Place place : claimed) {
              of(context)
                  .filter(row -> isIn(row, place) && row.leftAt().isEmpty())
                  .filter(row -> !row.checkAt().isAfter(now))
                  .toList()
                  .forEach(row -> put(context, checkedAt(row, next)));
            }
            return claimed;
          });
    }

    private Presence checkedAt(Presence row, Instant next) {
      return new Presence(
          row.who(),
          row.joinedAt(),
          row.leftAt(),
          row.closing(),
          row.seenAt(),
          next,
          row.summed(),
          row.settled(),
          row.version() + 1);
    }

    @Override
    public List<Presence> lasting(
        TenantContext context, Presence.Place place, @Nullable String afterId, int limit) {
      return engine.run(
          context,
          () ->
              of(context)
                  .filter(row -> isIn(row, place) && row.leftAt().isEmpty())
                  .filter(row -> afterId == null || row.who().id().compareTo(afterId) > 0)
                  .limit(limit)
                  .toList());
    }

    @Override
    public void found(TenantContext context, List<Presence> found) {
      engine.run(
          context,
          () -> {
            for (Presence row : found) {
              Presence now = presences.get(PresenceKey.of(context.organization(), row));
              if (now != null && now.version() == row.version() - 1) {
                put(context, row);
              }
            }
            return true;
          });
    }

    @Override
    public List<PresenceDay> days(
        TenantContext context, Environment environment, LocalDate from, LocalDate to) {
      return engine.run(
          context,
          () -> {
            List<PresenceDay> found = new ArrayList<>();
            days.keys()
                .filter(key -> key.organization().equals(context.organization()))
                .filter(key -> key.key().environment() == environment)
                .filter(key -> !key.key().day().isBefore(from) && !key.key().day().isAfter(to))
                .forEach(key -> found.add(java.util.Objects.requireNonNull(days.get(key))));
            return List.copyOf(found);
          });
    }

    @Override
    public int forget(TenantContext context, Instant leftBefore, int limit) {
      return engine.run(
          context,
          () -> {
            List<Presence> old =
                of(context)
                    .filter(Presence::settled)
                    .filter(row -> row.leftAt().filter(at -> at.isBefore(leftBefore)).isPresent())
                    .limit(limit)
                    .toList();
            old.forEach(row -> presences.remove(PresenceKey.of(context.organization(), row)));
            return old.size();
          });
    }

    @Override
    public int forgetDays(TenantContext context, LocalDate before, int limit) {
      return engine.run(
          context,
          () -> {
            List<DayKey> old =
                days.keys()
                    .filter(key -> key.organization().equals(context.organization()))
                    .filter(key -> key.key().day().isBefore(before))
                    .limit(limit)
                    .toList();
            old.forEach(days::remove);
            return old.size();
          });
    }
  }
}
