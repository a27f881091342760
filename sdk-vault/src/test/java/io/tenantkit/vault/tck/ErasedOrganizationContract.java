package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.spi.ReceivedEvent;
import io.tenantkit.spi.ReceivedEventStore.Taken;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.ErasureStore.StoredErasure;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of an organization that was erased nothing comes in again, whatever other nodes are at. */
public abstract class ErasedOrganizationContract extends VaultContract {
  private static final Instant NOW = Samples.NOW;
  private static final Instant LATER = NOW.plusSeconds(600);
  private static final int ROUNDS = 8;
  private static final int MOST_WRITES = 20_000;

  private ErasureStore erasures;

  @BeforeEach
  final void openErasures() {
    erasures = harness.storage().stores(VaultStores.class).orElseThrow().erasures();
  }

  private void erase(TenantContext context) {
    StoredErasure erasure = new StoredErasure(context.organization(), "ers_1", "", NOW, "text");
    erasures.eraseOrganization(context, erasure, samples.event(context.organization(), "erased"));
    stores.tokenLedger().removeAll(context);
  }

  private LedgerEntry token(TenantContext context, int number) {
    return new LedgerEntry(
        context.organization(),
        "livekit",
        Environment.PRODUCTION,
        String.format(Locale.ROOT, "tok_%026d", number),
        "ada",
        "hall",
        "standard",
        "roomJoin",
        NOW,
        LATER,
        Actor.host("contract"));
  }

  /** A batch of two, as a node writes them that has not heard of the erasure. */
  private boolean append(TenantContext context, int number) {
    OrganizationId organization = context.organization();
    return stores
        .tokenLedger()
        .append(
            context,
            List.of(token(context, 2 * number), token(context, 2 * number + 1)),
            List.of(samples.event(organization, "issued"), samples.event(organization, "issued")));
  }

  private Taken take(TenantContext context, String id) {
    Presence.Place hall = new Presence.Place(Environment.PRODUCTION, "RM_1", "hall");
    Presence.Who ada = new Presence.Who(hall, "PA_" + id, "ada", "standard");
    return stores
        .receivedEvents()
        .take(
            context,
            new ReceivedEvent("livekit", id, NOW, Optional.empty()),
            Optional.of(new PresenceChange.Joined(ada, NOW)));
  }

  private void deny(TenantContext context, String id) {
    TokenDenial denial =
        new TokenDenial(
            id,
            "livekit",
            Environment.PRODUCTION,
            TokenDenial.Target.SUBJECT,
            "",
            "ada",
            "hall",
            NOW,
            LATER,
            LATER,
            Actor.host("contract"),
            "left");
    stores.tokenLedger().deny(context, denial, samples.event(context.organization(), "denied"));
  }

  private static void assertErased(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED));
  }

  private void assertNothingIsThere(TenantContext context) {
    assertThat(stores.tokenLedger().count(context, "livekit", LedgerQuery.all())).isZero();
    assertThat(stores.tokenLedger().denials(context, Instant.EPOCH, null, 10)).isEmpty();
    assertThat(stores.presences().unsettled(context, false, null, 10)).isEmpty();
    assertThat(stores.receivedEvents().forget(context, LATER, 10)).isZero();
  }

  @Test
  void whatWasUnderWayIsRefusedAfterTheErasure() {
    assertThat(append(acme, 1)).isTrue();
    assertThat(take(acme, "EV_1")).isEqualTo(Taken.YOURS);
    deny(acme, "tdn_1");

    erase(acme);

    assertNothingIsThere(acme);
    List<String> before = actions(acme);
    assertErased(() -> append(acme, 1));
    assertErased(() -> append(acme, 2));
    assertErased(() -> take(acme, "EV_1"));
    assertErased(() -> take(acme, "EV_2"));
    assertErased(() -> deny(acme, "tdn_2"));
    assertNothingIsThere(acme);
    assertThat(actions(acme)).isEqualTo(before);
    assertThat(append(globex, 1)).isTrue();
    assertThat(take(globex, "EV_1")).isEqualTo(Taken.YOURS);
    deny(globex, "tdn_1");
  }

  @Test
  void nothingStaysOfWhatIsWrittenDuringTheErasure() {
    for (int round = 0; round < ROUNDS; round++) {
      OrganizationId id = OrganizationId.of("erased-" + round);
      addOrganization(id);
      TenantContext context = TenantContext.trusted(id, "contract");
      CountDownLatch writing = new CountDownLatch(Race.THREADS - 1);
      Race.of(
          Race.THREADS,
          i -> {
            if (i == 0) {
              Race.await(writing);
              erase(context);
            } else {
              writeUntilErased(context, i, writing);
            }
            return true;
          });
      assertNothingIsThere(context);
    }
  }

  /** Tokens or events, by the number of the one who writes. */
  private void writeUntilErased(TenantContext context, int writer, CountDownLatch writing) {
    for (int each = 0; each < MOST_WRITES; each++) {
      int number = writer * MOST_WRITES + each;
      try {
        if (writer % 2 == 0) {
          append(context, number);
        } else {
          take(context, "EV_" + number);
        }
      } catch (TenantkitException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED);
        return;
      }
      writing.countDown();
    }
    fail("the organization was erased, and its rows are taken still");
  }
}
