package io.tenantkit.jdbc;

import static io.tenantkit.jdbc.TwoNodes.OPERATOR;
import static io.tenantkit.jdbc.TwoNodes.RUNS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.apikey.Rotation;
import io.tenantkit.jdbc.TwoNodes.Seen;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.OrganizationSettings;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * One JVM verifies without a pause, this one changes what it verifies. After the change was
 * acknowledged, no call that begins later than the bound accepts the key any more. How many times
 * it is done is the system property {@code tenantkit.revocation.runs}; the Maven profile {@code
 * long} makes it 1,000. Beside all of them, transactions of a host are held open that have revoked
 * keys.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TwoNodesTest {
  private static TwoNodes nodes;
  private static HeldRevocations held;

  @BeforeAll
  static void startBoth() throws Exception {
    nodes = new TwoNodes();
    held = new HeldRevocations(nodes);
  }

  @AfterAll
  static void stopBoth() {
    held.close();
    nodes.close();
  }

  @Test
  void revocation() {
    nodes.assertSeenWithinTheBound("revocation", RUNS, "REVOKED", nodes::revoke);
  }

  @Test
  void suspension() {
    nodes.assertSeenWithinTheBound(
        "suspension",
        RUNS / 2,
        "ORGANIZATION_SUSPENDED",
        subject ->
            nodes.plane().organizations().suspend(OPERATOR, subject.tenant().organization()));
  }

  @Test
  void scopesThatWereTaken() {
    nodes.assertSeenWithinTheBound(
        "scopes",
        RUNS / 2,
        "INSUFFICIENT_SCOPE",
        subject -> nodes.byHand(subject, "scopes = '[\"x:y\"]'"));
  }

  @Test
  void sqlByHand() {
    nodes.assertSeenWithinTheBound(
        "SQL by hand", RUNS / 2, "DISABLED", subject -> nodes.byHand(subject, "enabled = false"));
  }

  @Test
  void disabling() {
    nodes.assertSeenWithinTheBound(
        "disabling",
        RUNS / 4,
        "DISABLED",
        subject -> nodes.plane().apiKeys().disable(subject.tenant(), subject.id()));
  }

  @Test
  void emergencyRotation() {
    nodes.assertSeenWithinTheBound(
        "emergency rotation",
        RUNS / 4,
        "REVOKED",
        subject ->
            nodes
                .plane()
                .apiKeys()
                .rotate(subject.tenant(), subject.id(), Rotation.immediate())
                .close());
  }

  /** One more call is accepted, the one that the pool admits, and it too is within the bound. */
  @Test
  void poolOfTheOrganization() {
    OrganizationSettings settings =
        OrganizationSettings.defaults().withPool(RateLimit.of("pool", 1, Duration.ofDays(365)));
    nodes.assertSeenWithinTheBound(
        "pool",
        RUNS / 4,
        "RATE_LIMITED",
        subject ->
            nodes
                .plane()
                .organizations()
                .configure(OPERATOR, subject.tenant().organization(), settings));
  }

  @Test
  void limitsOfTheKeyByHand() {
    nodes.assertSeenWithinTheBound(
        "limits",
        RUNS / 4,
        "RATE_LIMITED",
        subject -> nodes.byHand(subject, "rate_limit = '{\"requestsPerDay\": 1}'"));
  }

  @Test
  void addressesByHand() {
    nodes.assertSeenWithinTheBound(
        "addresses",
        RUNS / 4,
        "ADDRESS_FORBIDDEN",
        subject -> nodes.byHand(subject, "allowed_addresses = '[\"203.0.113.0/24\"]'"));
  }

  @Test
  void deletionByHand() {
    nodes.assertSeenWithinTheBound(
        "deletion",
        RUNS / 4,
        "NOT_FOUND",
        subject ->
            nodes
                .database()
                .asDba(
                    "DELETE FROM tenantkit.api_keys WHERE organization_id = '"
                        + subject.name()
                        + "'"));
  }

  /** They were begun before all other tests here, so that little of their time is waited for. */
  @Test
  @Order(Integer.MAX_VALUE)
  void hostTransactionsThatCommitTenSecondsAfterTheyRevoked() {
    for (HeldRevocations.Held each : held.committed()) {
      Seen seen = nodes.refused(each.subject());
      System.out.printf(
          "%s: refused %d ms after the commit%n",
          each.what(), (seen.began() - each.committed()) / 1_000);
      assertThat(seen.why()).as(each.what()).isEqualTo(each.why());
      assertThat(each.committing() - each.changed())
          .as("%s was held", each.what())
          .isGreaterThanOrEqualTo(HeldRevocations.HOLD.toNanos() / 1_000);
      assertThat(seen.began())
          .as("%s: the last call that accepted it", each.what())
          .isBetween(
              each.changed() + HeldRevocations.HOLD.toNanos() / 2_000,
              each.committed() + TwoNodes.BOUND_MICROS);
      assertThat(seen.calls()).as("calls that accepted it").isGreaterThan(1_000);
    }
    assertThat(held.commitsMeanwhile()).as("other commits meanwhile").isGreaterThan(200);

    long all = held.committed().stream().mapToLong(each -> each.committed()).max().orElseThrow();
    Seen other = nodes.now(held.untouched());
    assertThat(other.why()).as("a key that nobody touched").isEqualTo("VALID");
    assertThat(other.began()).isGreaterThan(all);
    assertThat(other.calls()).isGreaterThan(1_000);
  }
}
