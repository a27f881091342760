package io.tenantkit.livekit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.livekit.RoomPeople.There;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Whether who is in a room was given a token since all were denied, as the ledger knows it. Safe
 * for use by several threads; blocks on the storage.
 */
final class TokenOrigins {
  /** How long the row of a new token may take, of who came with it. */
  private static final Duration ROW_MAY_TAKE = Duration.ofSeconds(10);

  /** What the ledger has of somebody in a room. */
  enum Origin {
    /** Tokens from before alone. */
    BEFORE,
    /** A newer one. */
    NEWER,
    /** None, and they are there for longer than a row may take. */
    NEVER_KNOWN,
    /** None, but a row may still come, or they are no person's client. */
    UNKNOWN
  }

  private final TokenLedger ledger;

  TokenOrigins(TokenLedger ledger) {
    this.ledger = ledger;
  }

  /** Of somebody, as of this denial of all. */
  Origin of(TenantContext own, TokenDenial all, String room, There who, Instant now) {
    LedgerQuery theirs = LedgerQuery.all().of(who.identity()).in(room);
    long old = ledger.count(own, theirs.issuedBy(all.deniedAt()));
    if (ledger.count(own, theirs) > old) {
      return Origin.NEWER;
    }
    if (old > 0) {
      return Origin.BEFORE;
    }
    return who.standard() && !now.isBefore(who.joinedAt().plus(ROW_MAY_TAKE))
        ? Origin.NEVER_KNOWN
        : Origin.UNKNOWN;
  }

  /** The rooms that there were tokens for. */
  Set<String> rooms(TenantContext own, TokenDenial all, RevocationRound round) {
    Set<String> rooms = names(own, LedgerQuery.all(), all, LedgerEntry::place, round);
    // Of tokens for the server's API.
    rooms.remove("");
    return rooms;
  }

  /** Who had tokens for a room. */
  Set<String> people(TenantContext own, TokenDenial all, String room, RevocationRound round) {
    return names(own, LedgerQuery.all().in(room), all, LedgerEntry::subject, round);
  }

  /**
   * As many as half the round's time allows, so that there is time to look at them: first those of
   * tokens that were good when all were denied, then those whose bearers may have stayed longer.
   */
  private Set<String> names(
      TenantContext own,
      LedgerQuery query,
      TokenDenial all,
      Function<LedgerEntry, String> name,
      RevocationRound round) {
    LedgerQuery before = query.issuedBy(all.deniedAt());
    Set<String> names = new TreeSet<>();
    add(names, own, before.liveAt(all.deniedAt()), name, round);
    if (!round.isHalfOver()) {
      add(names, own, before, name, round);
    }
    return names;
  }

  private void add(
      Set<String> all,
      TenantContext own,
      LedgerQuery query,
      Function<LedgerEntry, String> name,
      RevocationRound round) {
    PageRequest request = PageRequest.first(PageRequest.MAX_LIMIT);
    while (true) {
      Page<LedgerEntry> page = ledger.list(own, query, request);
      page.items().forEach(each -> all.add(name.apply(each)));
      if (page.next().isEmpty() || round.isHalfOver()) {
        return;
      }
      request = request.after(page.next().get());
    }
  }
}
