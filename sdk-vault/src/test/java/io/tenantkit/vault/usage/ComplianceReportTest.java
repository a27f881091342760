package io.tenantkit.vault.usage;

import static io.tenantkit.vault.usage.UsageHouse.ACME;
import static io.tenantkit.vault.usage.UsageHouse.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an auditor reads. */
class ComplianceReportTest {
  private static final String CANARY = "sk-CANARY-report-11aa22bb";
  private static final Instant FROM = START.minus(Duration.ofDays(1));

  private final UsageHouse house = new UsageHouse();
  private final ComplianceReport report =
      ComplianceReport.of(
          house.vault, OverdueRotations.olderThan(house.vault, Duration.ofDays(90)));

  @AfterEach
  void close() {
    house.close();
  }

  private Instant until() {
    return house.clock.instant().plusSeconds(1);
  }

  private List<ReportLine> lines(TenantContext context) {
    return report.lines(context, FROM, until(), 10_000);
  }

  private static <T extends ReportLine> List<T> of(List<ReportLine> lines, Class<T> type) {
    return lines.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Something of everything. */
  private Secret fill() {
    Secret secret = house.vault.put(house.acme, UsageHouse.ref("db"), SecretValue.of(CANARY));
    house.vault.put(house.acme, UsageHouse.ref("gone"), SecretValue.of(CANARY));
    house.plane.apiKeys().create(house.acme, NewApiKey.live("endless \"key\"\n".strip())).close();
    house
        .plane
        .apiKeys()
        .create(house.acme, NewApiKey.live("ending").lifetime(Duration.ofDays(300)))
        .close();
    house.use(house.acme, "db");
    house.use(house.acme, "gone");
    house.vault.delete(house.acme, UsageHouse.ref("gone"));
    house.later(Duration.ofDays(100));
    house.vault.put(house.acme, UsageHouse.ref("young"), SecretValue.of(CANARY));
    house.use(UsageHouse.as("eve"), "db");
    house.use(UsageHouse.as("eve"), "young");
    assertThatThrownBy(() -> house.use(UsageHouse.as("eve"), "none"))
        .isInstanceOf(NotFoundException.class);
    house.later(UsageWriter.INTERVAL);
    return secret;
  }

  @Test
  void tellsWhoUsedWhatWhatChangedWhatIsOverdueUnusualAndEndless() {
    Secret secret = fill();
    List<ReportLine> lines = lines(house.acme);

    assertThat(lines.get(0)).isInstanceOf(ReportLine.Header.class);
    assertThat(of(lines, ReportLine.Access.class))
        .extracting(
            line -> line.secretName().orElse("?"),
            line -> line.access().subject().actor().id(),
            line -> line.access().ok(),
            line -> line.access().refused())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("?", "eve", 0L, 1L),
            org.assertj.core.groups.Tuple.tuple("app/db", "ada", 1L, 0L),
            org.assertj.core.groups.Tuple.tuple("app/db", "eve", 1L, 0L),
            org.assertj.core.groups.Tuple.tuple("?", "ada", 1L, 0L),
            org.assertj.core.groups.Tuple.tuple("app/young", "eve", 1L, 0L));
    assertThat(of(lines, ReportLine.Change.class))
        .extracting(line -> line.event().action())
        .contains("secret.created", "secret.deleted", "api_key.created", "security.finding")
        .doesNotContain("secret.used", "secret.revealed");
    assertThat(of(lines, ReportLine.Overdue.class))
        .extracting(line -> line.rotation().secret().id())
        .containsExactly(secret.id());
    assertThat(of(lines, ReportLine.Unusual.class))
        .extracting(line -> line.finding().rule())
        .containsExactlyInAnyOrder(AnomalyRule.NEW_ACTOR, AnomalyRule.DORMANT_USED);
    assertThat(of(lines, ReportLine.KeyWithoutExpiry.class))
        .extracting(ReportLine.KeyWithoutExpiry::name)
        .containsExactly("endless \"key\"");
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(
            new ReportLine.Totals(
                5,
                of(lines, ReportLine.Change.class).size(),
                1,
                2,
                1,
                of(lines, ReportLine.Entitled.class).size(),
                of(lines, ReportLine.Granted.class).size(),
                of(lines, ReportLine.PolicyException.class).size()));
    assertThat(lines(house.acme)).as("the same rows, the same report").isEqualTo(lines);
    assertThat(lines.toString()).doesNotContain("CANARY");
  }

  @Test
  void jsonIsOneObjectAndTextIsForPeople() throws IOException {
    fill();
    StringBuilder json = new StringBuilder();
    report.json(house.acme, FROM, until(), json);
    JsonNode tree = JsonMapper.builder().build().readTree(json.toString());
    assertThat(tree.get("organization").asText()).isEqualTo("acme");
    assertThat(tree.get("accesses")).hasSize(5);
    assertThat(tree.get("overdueRotations")).hasSize(1);
    assertThat(tree.get("unusual")).hasSize(2);
    assertThat(tree.get("keysWithoutExpiry").get(0).get("name").asText())
        .isEqualTo("endless \"key\"");
    assertThat(tree.get("totals").get("accesses").asText()).isEqualTo("5");
    assertThat(json.chars()).allMatch(c -> c == '\n' || (c >= ' ' && c <= '~'));

    StringBuilder text = new StringBuilder();
    report.text(house.acme, FROM, until(), text);
    assertThat(text)
        .contains("Compliance report of acme", "Who used what", "app/db", "What was unusual")
        .contains("API keys without an end", "Totals");
    assertThat(json.toString() + text).doesNotContain("CANARY");
  }

  @Test
  void anEmptyOrganizationHasAReportToo() throws IOException {
    StringBuilder json = new StringBuilder();
    report.json(house.globex, FROM, until(), json);
    JsonNode tree = JsonMapper.builder().build().readTree(json.toString());
    for (String array : List.of("accesses", "overdueRotations", "unusual", "keysWithoutExpiry")) {
      assertThat(tree.get(array)).as(array).isEmpty();
    }
    assertThat(tree.get("changes")).hasSize(1);
  }

  @Test
  void anotherTenantAndAnotherEnvironmentAreNotInIt() {
    fill();
    assertThat(lines(house.globex).toString()).doesNotContain("id=eve", "id=ada", "app/");
    List<ReportLine> staging = lines(house.acme.within(Set.of(Environment.STAGING)));
    assertThat(of(staging, ReportLine.Access.class)).isEmpty();
    assertThat(of(staging, ReportLine.Unusual.class)).isEmpty();
    assertThat(of(staging, ReportLine.Overdue.class)).isEmpty();
  }

  @Test
  void needsBothScopesAndNamesSecretsOnlyToWhoMayListThem() {
    fill();
    for (String scope : List.of("usage:read", "audit:read")) {
      assertThatThrownBy(() -> lines(house.acme.limitedTo(ScopeSet.of(scope, "secrets:read"))))
          .isInstanceOf(AccessDeniedException.class);
    }
    List<ReportLine> lines = lines(house.acme.limitedTo(ScopeSet.of("usage:read", "audit:read")));
    assertThat(of(lines, ReportLine.Access.class))
        .hasSize(5)
        .allMatch(line -> line.secretName().isEmpty());
    assertThat(of(lines, ReportLine.Overdue.class)).isEmpty();
    assertThat(of(lines, ReportLine.Header.class).get(0).secretsNamed()).isFalse();
    assertThatThrownBy(() -> report.lines(house.acme, FROM, FROM, 10))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> report.lines(house.acme, FROM, until(), 3))
        .isInstanceOf(InvalidInputException.class);
  }

  /** Several pages of everything, each line once and in order. */
  @Test
  void aLargeOrganizationIsReadByPages() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 1_203; i++) {
      ids.add(house.put("secret-" + i).id().value());
    }
    SecretUses uses = house.vault.uses();
    for (int i = 0; i < ids.size(); i += 2) {
      uses.count(
          ACME,
          ids.get(i),
          Environment.PRODUCTION,
          new Actor(Actor.Kind.USER, "user-" + i),
          "",
          UseOutcome.OK,
          house.clock.millis(),
          null);
    }
    house.later(Duration.ofDays(91));

    List<ReportLine> lines = lines(house.acme);
    List<ReportLine.Access> accesses = of(lines, ReportLine.Access.class);
    assertThat(accesses).hasSize(602);
    assertThat(accesses)
        .extracting(line -> line.access().subject().secret())
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(accesses).allMatch(line -> line.secretName().isPresent());
    assertThat(of(lines, ReportLine.Overdue.class)).hasSize(1_203);
    assertThat(of(lines, ReportLine.Change.class).size()).isGreaterThan(1_203);
    assertThat(Optional.of(lines.get(lines.size() - 1)).map(Object::getClass))
        .contains(ReportLine.Totals.class);
  }
}
