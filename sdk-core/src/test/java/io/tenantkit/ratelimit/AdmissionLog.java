package io.tenantkit.ratelimit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The bound itself, by the log of all that was admitted and in exact numbers: in each span that
 * ends now, no more than the burst and what comes back in its time.
 */
public final class AdmissionLog {
  private record Admission(long at, long cost) {}

  private final RateLimit limit;
  private final BigInteger window;

  /** Less than a microsecond, in parts of 1 / limit nanosecond: what a clock cuts off. */
  private final BigInteger slack;

  private final List<Admission> admissions = new ArrayList<>();

  public AdmissionLog(RateLimit limit) {
    this.limit = limit;
    this.window = BigInteger.valueOf(limit.window().toNanos());
    BigInteger micro = BigInteger.valueOf(1_000).multiply(BigInteger.valueOf(limit.limit()));
    this.slack = window.compareTo(micro) >= 0 ? micro.subtract(BigInteger.ONE) : BigInteger.ZERO;
  }

  /** Whether one more of this cost, no earlier than all before, keeps the bound. */
  public boolean admits(long now, long cost) {
    long sum = cost;
    if (cost > limit.burst()) {
      return false;
    }
    for (int i = admissions.size() - 1; i >= 0; i--) {
      Admission first = admissions.get(i);
      sum += first.cost();
      BigInteger most =
          BigInteger.valueOf(limit.burst())
              .multiply(window)
              .add(
                  BigInteger.valueOf(now - first.at()).multiply(BigInteger.valueOf(limit.limit())));
      BigInteger over = BigInteger.valueOf(sum).multiply(window).subtract(most);
      if (over.compareTo(slack) > 0) {
        return cost == 0;
      }
    }
    return true;
  }

  public void add(long now, long cost) {
    if (cost > 0) {
      admissions.add(new Admission(now, cost));
    }
  }

  public int size() {
    return admissions.size();
  }
}
