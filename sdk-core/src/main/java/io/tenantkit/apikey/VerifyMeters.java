package io.tenantkit.apikey;

import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Counts verdicts; see {@link MeterNames}. Safe for use by several threads. */
final class VerifyMeters {
  /** Of so many one is timed: to look at the clock twice takes a tenth of a verification. */
  private static final int TIMED_ONE_IN = 16;

  private static final long NOT_TIMED = Long.MIN_VALUE;

  private final boolean measures;
  private final Metrics.Timer time;
  private final Metrics.Counter valid;
  private final Metrics.Counter hits;
  private final Map<Verdict.Reason, Metrics.Counter> refused = new EnumMap<>(Verdict.Reason.class);

  VerifyMeters(Metrics metrics) {
    this.measures = metrics != Metrics.none();
    this.time = metrics.timer(MeterNames.VERIFY_TIME);
    this.valid = metrics.counter(MeterNames.VERIFICATIONS, "outcome", "valid");
    this.hits = metrics.counter(MeterNames.LOOKUPS, "answer", "hit");
    for (Verdict.Reason reason : Verdict.Reason.values()) {
      String outcome = reason.name().toLowerCase(Locale.ROOT);
      refused.put(reason, metrics.counter(MeterNames.VERIFICATIONS, "outcome", outcome));
    }
  }

  /** A verification begins; what this answers goes to {@link #end}. */
  long begin() {
    return measures && ThreadLocalRandom.current().nextInt(TIMED_ONE_IN) == 0
        ? System.nanoTime()
        : NOT_TIMED;
  }

  void end(long began) {
    if (began != NOT_TIMED) {
      time.record(System.nanoTime() - began);
    }
  }

  /** A key was answered from memory. */
  void hit() {
    hits.add(1);
  }

  /** A verdict was reached. */
  void count(Verdict verdict) {
    if (verdict instanceof Verdict.Refused no) {
      Metrics.Counter counter = refused.get(no.reasons().iterator().next());
      if (counter != null) {
        counter.add(1);
      }
    } else {
      valid.add(1);
    }
  }
}
