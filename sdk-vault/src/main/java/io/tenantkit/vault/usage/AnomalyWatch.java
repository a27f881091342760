package io.tenantkit.vault.usage;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.spi.SecretUsageStore.Changed;
import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the rules about sums that changed, each question once. For one organization and one run; not
 * safe for use by several threads.
 */
final class AnomalyWatch {
  /** Nobody in particular: a finding is the secret's. */
  private static final Actor ANYBODY = new Actor(Actor.Kind.SYSTEM, "anybody");

  private final AnomalyRules rules;
  private final UsageHistory history;
  private final Set<Object> asked = new HashSet<>();

  private record Question(AnomalyRule rule, Object of, Instant hour) {}

  AnomalyWatch(AnomalyRules rules, UsageHistory history) {
    this.rules = rules;
    this.history = history;
  }

  /** What is unusual about this hour's sum. */
  List<Finding> judge(OrganizationId organization, Changed change) {
    UseSubject subject = change.subject();
    List<Finding> findings = new ArrayList<>();
    if (change.refused()) {
      if (first(AnomalyRule.DENIED_STREAK, subject.actor(), change.hour())) {
        denied(subject, change.hour())
            .ifPresent(
                why -> findings.add(Finding.of(organization, person(subject), change.hour(), why)));
      }
      return findings;
    }
    if (!change.ok() || subject.secret().isEmpty()) {
      return findings;
    }
    Instant hour = change.hour();
    Seen seen = history.seen(subject.secret(), subject.actor(), subject.tool());
    rules
        .firstUse(seen, hour)
        .ifPresent(why -> findings.add(Finding.of(organization, subject, hour, why)));
    if (first(AnomalyRule.BURST, subject.secret(), hour)) {
      rules
          .burst(counts(subject.secret(), Optional.empty(), false, hour), hour)
          .ifPresent(why -> findings.add(Finding.of(organization, secret(subject), hour, why)));
    }
    if (first(AnomalyRule.UNUSUAL_HOUR, subject, hour)) {
      rules
          .unusualHour(counts(subject.secret(), Optional.of(subject.actor()), false, hour), hour)
          .ifPresent(why -> findings.add(Finding.of(organization, user(subject), hour, why)));
    }
    Instant day = hour.truncatedTo(ChronoUnit.DAYS);
    if (first(AnomalyRule.DORMANT_USED, subject.secret(), day)) {
      rules
          .dormant(history.lastDayBefore(subject.secret(), day), seen.secret(), hour)
          .ifPresent(why -> findings.add(Finding.of(organization, secret(subject), hour, why)));
    }
    return findings;
  }

  private Optional<AnomalyRules.Judgement> denied(UseSubject subject, Instant hour) {
    return rules.deniedStreak(counts("", Optional.of(subject.actor()), true, hour), hour);
  }

  private boolean first(AnomalyRule rule, Object of, Instant hour) {
    return asked.add(new Question(rule, of, hour));
  }

  private List<HourCount> counts(
      String secret, Optional<Actor> actor, boolean refused, Instant hour) {
    return history.hours(
        secret,
        actor,
        refused,
        hour.minus(Duration.ofDays(AnomalyRules.WINDOW_DAYS)),
        hour.plus(Duration.ofHours(1)));
  }

  private static UseSubject person(UseSubject subject) {
    return new UseSubject("", subject.environment(), subject.actor(), "");
  }

  private static UseSubject user(UseSubject subject) {
    return new UseSubject(subject.secret(), subject.environment(), subject.actor(), "");
  }

  private static UseSubject secret(UseSubject subject) {
    return new UseSubject(subject.secret(), subject.environment(), ANYBODY, "");
  }
}
