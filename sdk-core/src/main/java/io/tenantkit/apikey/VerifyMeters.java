package io.tenantkit.apikey;

import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts verdicts; see {@link MeterNames}. Safe for use by several threads. */
final class VerifyMeters {
  private final Metrics.Counter valid;
  private final Metrics.Counter hits;
  private final Map<Verdict.Reason, Metrics.Counter> refused = new EnumMap<>(Verdict.Reason.class);

  VerifyMeters(Metrics metrics) {
    this.valid = metrics.counter(MeterNames.VERIFICATIONS, "outcome", "valid");
    this.hits = metrics.counter(MeterNames.LOOKUPS, "answer", "hit");
    for (Verdict.Reason reason : Verdict.Reason.values()) {
      String outcome = reason.name().toLowerCase(Locale.ROOT);
      refused.put(reason, metrics.counter(MeterNames.VERIFICATIONS, "outcome", outcome));
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
