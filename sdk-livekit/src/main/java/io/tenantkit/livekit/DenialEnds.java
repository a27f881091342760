package io.tenantkit.livekit;

import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Moves the ends of denials on, while somebody may still come back. Safe for use by several
 * threads; blocks on the storage.
 */
final class DenialEnds {
  /** Of a server that cannot be asked nobody knows who is there, but not for ever. */
  private static final Duration UNKNOWN_AT_MOST = Duration.ofDays(1);

  /** For so long rows of tokens may still come that were issued before a denial was known. */
  private static final Duration LATE_ROWS = Duration.ofMinutes(6);

  /** So that an end is written once a minute at most. */
  private static final Duration STEP = Duration.ofMinutes(1);

  /** For writing the ends of denials that could not be looked at. */
  private static final long KEEPING_NANOS = Duration.ofSeconds(2).toNanos();

  private final TokenLedger ledger;

  DenialEnds(TokenLedger ledger) {
    this.ledger = ledger;
  }

  /** Whoever was seen may come back for a window more: each join gives a fresh token. */
  void keep(TenantContext own, TokenDenial denial, Instant now) {
    extend(own, denial, now.plus(LiveKitRevocations.WINDOW));
  }

  /** The same where it is not known who is there. */
  void keepUnknown(TenantContext own, TokenDenial denial, Instant now) {
    if (now.isBefore(denial.firstUntil().plus(UNKNOWN_AT_MOST))) {
      extend(own, denial, now.plus(LiveKitRevocations.WINDOW));
    }
  }

  /** Those that end first are first, should there be too many for the time. */
  void keepUnlooked(TenantContext own, List<TokenDenial> denials, Set<String> seen, Instant now) {
    long began = System.nanoTime();
    for (TokenDenial each :
        denials.stream()
            .filter(one -> one.target() == Target.ALL || !seen.contains(one.place()))
            .sorted(Comparator.comparing(TokenDenial::until))
            .toList()) {
      if (System.nanoTime() - began >= KEEPING_NANOS) {
        return;
      }
      lateRows(own, each, now);
      keepUnknown(own, each, now);
    }
  }

  /** Other nodes, which did not know yet, may have issued one, or not have written it yet. */
  void lateRows(TenantContext own, TokenDenial denial, Instant now) {
    if (denial.target() == Target.SUBJECT && now.isBefore(denial.deniedAt().plus(LATE_ROWS))) {
      ledger
          .lastExpiry(own, LedgerQuery.all().of(denial.subject()).in(denial.place()))
          .ifPresent(last -> extend(own, denial, last.plus(LiveKitRevocations.WINDOW)));
    }
  }

  private void extend(TenantContext own, TokenDenial denial, Instant until) {
    if (until.isAfter(denial.until())) {
      ledger.extend(own, denial.id(), until.plus(STEP));
    }
  }
}
