package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.TokenLedgerStore.Denied;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every ledger of tokens does. */
public abstract class TokenLedgerStoreContract extends StorageContract {
  private static final Instant AT = Samples.NOW;
  private static final Instant END = AT.plusSeconds(600);
  private static final String ISSUER = "livekit";

  private TokenLedgerStore ledger() {
    return stores.tokenLedger();
  }

  private static LedgerEntry token(OrganizationId organization, int number) {
    return token(organization, number, "ada", "hall", Environment.PRODUCTION, END);
  }

  private static LedgerEntry token(
      OrganizationId organization,
      int number,
      String subject,
      String place,
      Environment environment,
      Instant end) {
    return new LedgerEntry(
        organization,
        ISSUER,
        environment,
        String.format(Locale.ROOT, "tok_%026d", number),
        subject,
        place,
        "standard",
        "roomJoin",
        AT,
        end,
        Actor.host("contract"));
  }

  private boolean add(TenantContext context, LedgerEntry... entries) {
    List<AuditEvent> events = new ArrayList<>();
    for (int i = 0; i < entries.length; i++) {
      events.add(samples.event(context.organization(), "livekit.token.issued"));
    }
    return ledger().append(context, List.of(entries), events);
  }

  private static TokenDenial denial(String id, Target target, Instant until) {
    return new TokenDenial(
        id,
        ISSUER,
        Environment.PRODUCTION,
        target,
        target == Target.TOKEN ? "tok_1" : "",
        target == Target.ALL ? "" : "ada",
        target == Target.ALL ? "" : "hall",
        AT,
        until,
        until,
        Actor.host("contract"),
        "left the company");
  }

  private void deny(TenantContext context, TokenDenial denial) {
    ledger().deny(context, denial, samples.event(context.organization(), "livekit.tokens.denied"));
  }

  private List<LedgerEntry> list(TenantContext context, LedgerQuery query) {
    return ledger().list(context, ISSUER, query, null, 100);
  }

  private List<TokenDenial> denials(TenantContext context) {
    return ledger().denials(context, AT, null, 100);
  }

  private Optional<Long> revision(OrganizationId organization, Instant now) {
    return ledger().organizationsWithDenials(now, null, 100).stream()
        .filter(each -> each.organization().equals(organization))
        .map(Denied::revision)
        .findFirst();
  }

  @Test
  void whatWasAddedIsReadAsItWas() {
    LedgerEntry token =
        token(ACME, 1, "ädä \uD83D\uDE00", "the hall", Environment.STAGING, END.plusNanos(7_000));
    assertThat(add(acme, token)).isTrue();

    assertThat(ledger().find(acme, ISSUER, token.id())).contains(token);
    assertThat(list(acme, LedgerQuery.all())).containsExactly(token);
    assertThat(ledger().find(acme, "other", token.id())).isEmpty();
    assertThat(actions(acme)).containsExactly("livekit.token.issued");
  }

  @Test
  void fullBatchIsWrittenWithItsEventsOrNotAtAll() {
    List<LedgerEntry> entries = new ArrayList<>();
    List<AuditEvent> events = new ArrayList<>();
    for (int i = 0; i < TokenLedgerStore.MOST; i++) {
      entries.add(token(ACME, i));
      events.add(samples.event(ACME, "livekit.token.issued"));
    }
    List<AuditEvent> foreign = new ArrayList<>(events);
    foreign.set(TokenLedgerStore.MOST - 1, samples.event(GLOBEX, "livekit.token.issued"));
    assertThatThrownBy(() -> ledger().append(acme, entries, foreign))
        .isInstanceOf(TenantkitException.class);
    assertThat(ledger().count(acme, ISSUER, LedgerQuery.all())).isZero();

    assertThat(ledger().append(acme, entries, events)).isTrue();
    assertThat(ledger().count(acme, ISSUER, LedgerQuery.all())).isEqualTo(TokenLedgerStore.MOST);
    assertThat(actions(acme)).hasSize(TokenLedgerStore.MOST);

    assertThat(ledger().append(acme, entries, events)).as("given again").isFalse();
    assertThat(actions(acme)).hasSize(TokenLedgerStore.MOST);
  }

  @Test
  void batchOfAnOrganizationThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> add(nobody, token(NOBODY, 1))).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> add(acme, token(GLOBEX, 1))).isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> deny(nobody, denial("tdn_1", Target.ALL, END)))
        .isInstanceOf(NotFoundException.class);
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void queriesFilterAndPage() {
    add(
        acme,
        token(ACME, 1),
        token(ACME, 2, "bob", "hall", Environment.PRODUCTION, END.plusSeconds(1)),
        token(ACME, 3, "ada", "attic", Environment.PRODUCTION, AT.plusSeconds(1)),
        token(ACME, 4));

    assertThat(list(acme, LedgerQuery.all().of("ada"))).hasSize(3);
    assertThat(list(acme, LedgerQuery.all().of("ada").in("hall"))).hasSize(2);
    assertThat(list(acme, LedgerQuery.all().in("attic"))).hasSize(1);
    assertThat(list(acme, LedgerQuery.all().liveAt(AT.plusSeconds(1)))).hasSize(3);
    assertThat(list(acme, LedgerQuery.all().issuedBy(AT.minusMillis(1)))).isEmpty();
    assertThat(list(acme, LedgerQuery.all().issuedBy(AT))).hasSize(4);
    assertThat(ledger().count(acme, ISSUER, LedgerQuery.all().of("ada").liveAt(AT))).isEqualTo(3);
    assertThat(ledger().lastExpiry(acme, ISSUER, LedgerQuery.all())).contains(END.plusSeconds(1));
    assertThat(ledger().lastExpiry(acme, ISSUER, LedgerQuery.all().of("eve"))).isEmpty();

    List<LedgerEntry> first = ledger().list(acme, ISSUER, LedgerQuery.all(), null, 3);
    assertThat(first).extracting(LedgerEntry::id).isSorted();
    assertThat(ledger().list(acme, ISSUER, LedgerQuery.all(), first.get(2).id(), 3))
        .extracting(LedgerEntry::id)
        .containsExactly(token(ACME, 4).id());
  }

  @Test
  void onlyEnvironmentsInReachAreSeen() {
    TenantContext test = acme.within(Set.of(Environment.DEVELOPMENT, Environment.STAGING));
    add(
        acme,
        token(ACME, 1),
        token(ACME, 2, "ada", "hall", Environment.DEVELOPMENT, END.plusSeconds(5)));
    deny(acme, denial("tdn_1", Target.SUBJECT, END));

    assertThat(list(test, LedgerQuery.all()))
        .extracting(LedgerEntry::environment)
        .containsExactly(Environment.DEVELOPMENT);
    assertThat(ledger().find(test, ISSUER, token(ACME, 1).id())).isEmpty();
    assertThat(ledger().count(test, ISSUER, LedgerQuery.all())).isOne();
    assertThat(denials(test)).isEmpty();
    assertThat(ledger().lift(test, "tdn_1", samples.event(ACME, "x"))).isFalse();
    assertThat(ledger().extend(test, "tdn_1", END.plusSeconds(1))).isFalse();
    assertThat(denials(acme)).hasSize(1);
  }

  @Test
  void anotherTenantsTokensAndDenialsAreNotThere() {
    add(acme, token(ACME, 1));
    add(globex, token(GLOBEX, 1), token(GLOBEX, 2));
    deny(acme, denial("tdn_1", Target.SUBJECT, END));
    deny(globex, denial("tdn_2", Target.SUBJECT, END));

    assertThat(list(acme, LedgerQuery.all())).containsExactly(token(ACME, 1));
    assertThat(ledger().find(acme, ISSUER, token(GLOBEX, 2).id())).isEmpty();
    assertThat(denials(acme)).extracting(TokenDenial::id).containsExactly("tdn_1");
    assertThat(ledger().lift(acme, "tdn_2", samples.event(ACME, "x"))).isFalse();
    assertThat(ledger().extend(acme, "tdn_2", END.plusSeconds(1))).isFalse();
    ledger().removeAll(acme);
    assertThat(denials(globex)).hasSize(1);
    assertThat(list(globex, LedgerQuery.all())).hasSize(2);
  }

  @Test
  void denialIsReadAsItWasWrittenUntilItEnds() {
    TokenDenial token = denial("tdn_1", Target.TOKEN, END);
    TokenDenial all = denial("tdn_2", Target.ALL, END.plusSeconds(1));
    deny(acme, token);
    deny(acme, all);

    assertThat(denials(acme)).containsExactly(token, all);
    assertThat(ledger().denials(acme, END, null, 10)).containsExactly(all);
    assertThat(ledger().denials(acme, AT, "tdn_1", 10)).containsExactly(all);
    assertThat(actions(acme)).containsExactly("livekit.tokens.denied", "livekit.tokens.denied");
  }

  @Test
  void eachChangeOfDenialsCountsTheRevisionOn() {
    assertThat(revision(ACME, AT)).isEmpty();
    deny(acme, denial("tdn_1", Target.SUBJECT, END));
    long first = revision(ACME, AT).orElseThrow();
    assertThat(revision(ACME, END)).as("at its end").isEmpty();
    assertThat(revision(GLOBEX, AT)).isEmpty();

    assertThat(ledger().extend(acme, "tdn_1", END.plusSeconds(60))).isTrue();
    assertThat(denials(acme))
        .containsExactly(denial("tdn_1", Target.SUBJECT, END).until(END.plusSeconds(60)));
    assertThat(revision(ACME, END).orElseThrow()).isGreaterThan(first);
    assertThat(ledger().extend(acme, "tdn_1", END)).as("never back").isFalse();
    assertThat(ledger().extend(acme, "tdn_x", END)).isFalse();

    long second = revision(ACME, AT).orElseThrow();
    assertThat(ledger().lift(acme, "tdn_1", samples.event(ACME, "lifted"))).isTrue();
    assertThat(revision(ACME, AT).orElseThrow()).isGreaterThan(second);
    assertThat(denials(acme)).isEmpty();
    assertThat(ledger().lift(acme, "tdn_1", samples.event(ACME, "lifted again"))).isFalse();
    assertThat(actions(acme)).containsExactly("livekit.tokens.denied", "lifted");
  }

  @Test
  void organizationsWithDenialsComeInPages() {
    deny(globex, denial("tdn_1", Target.ALL, END));
    deny(acme, denial("tdn_1", Target.ALL, END));

    assertThat(ledger().organizationsWithDenials(AT, null, 1))
        .extracting(Denied::organization)
        .containsExactly(ACME);
    assertThat(ledger().organizationsWithDenials(AT, "acme", 1))
        .extracting(Denied::organization)
        .containsExactly(GLOBEX);
    assertThat(ledger().organizationsWithDenials(AT, "globex", 1)).isEmpty();
  }

  @Test
  void whatEndedIsRemovedInPieces() {
    Instant early = AT.plusSeconds(1);
    add(
        acme,
        token(ACME, 1, "a", "r", Environment.PRODUCTION, early),
        token(ACME, 2, "b", "r", Environment.PRODUCTION, early),
        token(ACME, 3));
    deny(acme, denial("tdn_1", Target.ALL, early));
    deny(globex, denial("tdn_1", Target.ALL, early));
    Instant before = early.plusMillis(1);
    assertThat(ledger().organizationsWithEnded(early, null, 10)).isEmpty();
    assertThat(ledger().organizationsWithEnded(before, null, 10)).containsExactly(ACME, GLOBEX);
    assertThat(ledger().organizationsWithEnded(before, "acme", 10)).containsExactly(GLOBEX);

    assertThat(ledger().removeEnded(acme, before, 1)).isEqualTo(2);
    assertThat(ledger().removeEnded(acme, before, 1)).isEqualTo(1);
    assertThat(ledger().removeEnded(acme, before, 1)).isZero();
    assertThat(list(acme, LedgerQuery.all())).containsExactly(token(ACME, 3));
    assertThat(ledger().organizationsWithEnded(before, null, 10)).containsExactly(GLOBEX);
  }

  @Test
  void allOfAnOrganizationGoes() {
    add(acme, token(ACME, 1));
    deny(acme, denial("tdn_1", Target.ALL, END));
    long before = revision(ACME, AT).orElseThrow();

    ledger().removeAll(acme);

    assertThat(list(acme, LedgerQuery.all())).isEmpty();
    assertThat(denials(acme)).isEmpty();
    assertThat(revision(ACME, AT).orElseThrow()).isGreaterThan(before);
  }

  @Test
  void nodesDenyAtTheSameTime() {
    Race.of(
        16,
        i -> {
          deny(acme, denial("tdn_" + i, Target.SUBJECT, END.plus(Duration.ofSeconds(i))));
          return i;
        });

    assertThat(denials(acme)).hasSize(16);
    assertThat(revision(ACME, AT)).contains(16L);
  }
}
