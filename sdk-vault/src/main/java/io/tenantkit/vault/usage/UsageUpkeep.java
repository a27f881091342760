package io.tenantkit.vault.usage;

import io.tenantkit.event.Event;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.SecretUsageStore.Changed;
import io.tenantkit.vault.spi.SecretUsageStore.Mark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges the sums that changed and removes those that are too old, one organization after the
 * other. Several nodes may do so at once: the storage takes each finding once, and only the node
 * that gave it tells of it. A node that dies in between has told nothing that is not written, and
 * the next one goes on from the last mark.
 */
final class UsageUpkeep implements Maintenance.Task {
  /** How often it is asked what is due. */
  static final Duration INTERVAL = Duration.ofMinutes(10);

  /** Hours that were written later than this after they ended are not judged. */
  private static final Duration LATE = Duration.ofDays(2);

  private static final Duration CLEANED_EVERY = Duration.ofDays(1);
  private static final int PAGE = 200;
  private static final int CHANGES = 4 * SecretUsageBatch.MOST;
  private static final int REMOVED_AT_ONCE = 5_000;

  /** Rows of one organization in one run, so that the others get their turn. */
  private static final int PARTS = 20;

  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.usage");

  private final PlaneRuntime runtime;
  private final SecretUsageStore store;
  private final Supplier<UsageSettings> settings;

  UsageUpkeep(PlaneRuntime runtime, SecretUsageStore store, Supplier<UsageSettings> settings) {
    this.runtime = runtime;
    this.store = store;
    this.settings = settings;
  }

  /** One organization that fails does not hide the others. */
  @Override
  public void run(Instant now) {
    UsageSettings wanted = settings.get();
    Instant cleanedBefore = now.minus(CLEANED_EVERY);
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    List<OrganizationId> ids;
    do {
      ids = store.due(cleanedBefore, after, PAGE);
      for (OrganizationId id : ids) {
        after = id.value();
        TenantContext context = TenantContext.trusted(id, ACTOR);
        each.attempt(() -> judge(context, wanted, now));
        each.attempt(() -> clean(context, wanted, now));
      }
    } while (ids.size() == PAGE);
    each.end();
  }

  private void judge(TenantContext context, UsageSettings wanted, Instant now) {
    AnomalyWatch watch =
        new AnomalyWatch(new AnomalyRules(wanted.thresholds()), new StoredHistory(store, context));
    Instant since = UsageGrain.HOUR.start(now.minus(LATE));
    Mark mark = store.mark(context);
    long analysed = mark.analysed();
    for (int part = 0; part < PARTS && analysed < mark.written(); part++) {
      List<Changed> changes = store.changed(context, analysed, since, CHANGES);
      boolean more = changes.size() == CHANGES;
      long through = mark.written();
      if (more) {
        // The last number's changes may go on behind the page.
        through = changes.get(changes.size() - 1).number() - 1;
      }
      for (Changed change : changes) {
        if (change.number() <= through || !more) {
          watch.judge(context.organization(), change).forEach(finding -> tell(context, finding));
        }
      }
      store.analysed(context, through);
      analysed = through;
      if (!more) {
        break;
      }
    }
  }

  private void tell(TenantContext context, Finding finding) {
    Instant at = runtime.now();
    Map<String, String> details = details(finding);
    var event =
        runtime
            .event(context, at, "security.finding", "finding", finding.id())
            .with(details)
            .with(Map.of("rule", finding.rule().name(), "severity", finding.severity().name()));
    if (store.record(context, finding, event)) {
      runtime
          .events()
          .publish(
              Event.of(finding.rule().event(), at, context.organization(), finding.id(), details));
    }
  }

  private static Map<String, String> details(Finding finding) {
    UseSubject subject = finding.subject();
    Map<String, String> details = new TreeMap<>();
    details.put("secret", subject.secret());
    details.put("environment", subject.environment().name());
    details.put("actorKind", subject.actor().kind().name());
    details.put("actor", subject.actor().id());
    details.put("tool", subject.tool());
    details.put("hour", finding.at().toString());
    details.put("baseline", Long.toString(finding.baseline()));
    details.put("observed", Long.toString(finding.observed()));
    details.put("threshold", Long.toString(finding.threshold()));
    return details;
  }

  private void clean(TenantContext context, UsageSettings wanted, Instant now) {
    Instant hours = UsageGrain.HOUR.start(now.minus(wanted.hours()));
    Instant days = UsageGrain.DAY.start(now.minus(wanted.days()));
    Instant ever = now.minus(wanted.ever());
    int part = 0;
    while (store.clean(context, hours, days, ever, now, REMOVED_AT_ONCE) > 0 && part < PARTS) {
      part++;
    }
  }

  /** The storage's answers for one organization. */
  private record StoredHistory(SecretUsageStore store, TenantContext context)
      implements UsageHistory {
    @Override
    public Seen seen(String secret, Actor actor, String tool) {
      return store.seen(context, secret, actor, tool);
    }

    @Override
    public List<HourCount> hours(
        String secret,
        java.util.Optional<Actor> actor,
        boolean refused,
        Instant from,
        Instant until) {
      return store.hours(context, secret, actor, refused, from, until);
    }

    @Override
    public java.util.Optional<Instant> lastDayBefore(String secret, Instant day) {
      return store.lastDayBefore(context, secret, day);
    }
  }
}
