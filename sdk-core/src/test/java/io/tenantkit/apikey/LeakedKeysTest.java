package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.LeakAssessment.Label;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditSettings;
import io.tenantkit.audit.AuditTrail;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakedKeysTest extends ApiKeyTestBase {
  private static final String URL = "https://github.com/octocat/Hello-World/blob/1/foo.txt";

  private final ReportSigner signer = new ReportSigner("secp256r1");
  private final List<Event> events = new CopyOnWriteArrayList<>();

  private ControlPlane node;
  private ApiKeys room;

  @BeforeEach
  final void openNode() {
    node =
        ControlPlane.builder(storage, masterKeys())
            .clock(clock)
            .listener(events::add)
            .manualMaintenance()
            .build();
    room =
        new ApiKeys(
            node.runtime(),
            new AuditTrail(node.runtime(), AuditSettings.DEFAULT).failures(),
            Duration.ofDays(7));
  }

  @AfterEach
  final void closeNode() {
    node.close();
  }

  @Test
  void leakedKeyIsRevokedInItsOwnOrganizationAuditedAndTold() {
    IssuedApiKey leaked = create("flows:read");
    IssuedApiKey other = keys.create(globex, NewApiKey.live("other"));
    assertValid(room.manager().verify(VerifyRequest.of(text(leaked))));
    clock.tick(Duration.ofMillis(1));
    Instant later = START.plusMillis(1);

    List<LeakAssessment> assessed = report(match(text(leaked)));

    assertThat(assessed).extracting(LeakAssessment::label).containsExactly(Label.TRUE_POSITIVE);
    assertRefused(room.manager().verify(VerifyRequest.of(text(leaked))), Verdict.Reason.REVOKED);
    assertValid(room.manager().verify(VerifyRequest.of(text(other))));
    assertThat(keys.get(acme, leaked.key().id()).revocation())
        .hasValueSatisfying(
            end -> {
              assertThat(end.reason()).isEqualTo("reported as leaked by a scanner");
              assertThat(end.at()).isEqualTo(later);
            });

    AuditEvent audit = trail(acme).get(1);
    assertThat(audit.action()).isEqualTo("api_key.revoked");
    assertThat(audit.actor()).isEqualTo(new Actor(Actor.Kind.SYSTEM, "leak-report"));
    assertThat(audit.targetId()).isEqualTo(leaked.key().id().value());
    assertThat(audit.details())
        .isEqualTo(
            Map.of("reason", "reported as leaked by a scanner", "source", "commit", "url", URL));
    assertThat(delivered())
        .containsExactly(
            Event.of(
                EventType.KEY_LEAKED,
                later,
                ACME,
                leaked.key().id().value(),
                Map.of("source", "commit", "url", URL)));
    assertThat(actions(globex)).containsExactly("api_key.created");
  }

  @Test
  void scannerIsToldByHashWhichTokensWereKeys() {
    IssuedApiKey leaked = create();
    String unknown = "some_other_token";

    HttpAnswer answer = HttpAnswer.feedback(report(match(unknown), match(text(leaked))));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).containsEntry("Content-Type", "application/json");
    assertThat(answer.body())
        .isEqualTo(
            "[{\"token_hash\":\""
                + hash(unknown).hex()
                + "\",\"token_type\":\"tenantkit_key\",\"label\":\"false_positive\"},"
                + "{\"token_hash\":\""
                + hash(text(leaked)).hex()
                + "\",\"token_type\":\"tenantkit_key\",\"label\":\"true_positive\"}]")
        .doesNotContain(text(leaked), unknown);
    assertThat(report(match(text(leaked))).toString())
        .doesNotContain(text(leaked), hash(text(leaked)).hex());
  }

  @Test
  void switchedOffExpiredAndReplacedKeysAreRevokedToo() {
    IssuedApiKey disabled = create();
    keys.disable(acme, disabled.key().id());
    IssuedApiKey expired =
        keys.create(acme, NewApiKey.live("short").lifetime(Duration.ofSeconds(1)));
    IssuedApiKey old = create();
    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofDays(1)));
    clock.tick(Duration.ofSeconds(2));
    plane.organizations().suspend(operator, ACME);

    assertThat(report(match(text(disabled)), match(text(expired)), match(text(old))))
        .extracting(LeakAssessment::label)
        .containsOnly(Label.TRUE_POSITIVE);

    for (IssuedApiKey each : List.of(disabled, expired, old)) {
      assertThat(keys.get(acme, each.key().id()).revocation()).isPresent();
    }
    assertThat(keys.get(acme, next.key().id()).revocation())
        .as("the successor did not leak")
        .isEmpty();
  }

  @Test
  void unknownTokensLeaveNoTrace() {
    int lookups = storage.lookups();
    String key = text(create());
    String badChecksum = key.substring(0, key.length() - 1) + (key.endsWith("x") ? "y" : "x");
    String foreign = "x".repeat(513);

    List<LeakAssessment> assessed =
        report(match(badChecksum), match(foreign), match("pat_1"), match("ak_live_"));

    assertThat(assessed)
        .extracting(LeakAssessment::label)
        .containsExactly(
            Label.FALSE_POSITIVE, Label.FALSE_POSITIVE, Label.FALSE_POSITIVE, Label.FALSE_POSITIVE);
    assertThat(storage.lookups()).as("a wrong checksum needs no look-up").isEqualTo(lookups + 2);
    assertThat(actions(acme)).containsExactly("api_key.created");
    assertThat(delivered()).isEmpty();
  }

  @Test
  void replayIsHarmless() {
    IssuedApiKey leaked = create();
    IssuedApiKey revoked = create();
    keys.revoke(acme, revoked.key().id(), "mine");
    String report = array(match(text(leaked)), match(text(leaked)), match(text(revoked)));

    List<LeakAssessment> first = take(report);
    clock.tick(Duration.ofSeconds(5));

    assertThat(take(report)).isEqualTo(first);
    assertThat(first).extracting(LeakAssessment::label).containsOnly(Label.TRUE_POSITIVE);
    assertThat(actions(acme))
        .containsExactlyInAnyOrder(
            "api_key.created", "api_key.created", "api_key.revoked", "api_key.revoked");
    assertThat(delivered()).hasSize(1);
    assertThat(keys.get(acme, revoked.key().id()).revocation())
        .hasValueSatisfying(end -> assertThat(end.reason()).isEqualTo("mine"));
  }

  @Test
  void nothingIsReadBeforeTheSignatureHolds() {
    IssuedApiKey leaked = create();
    byte[] body = array(match(text(leaked))).getBytes(StandardCharsets.UTF_8);
    ReportSigner stranger = new ReportSigner("secp256r1");

    assertThatThrownBy(
            () -> room.leakedKeys().report(signer.signature(), stranger.headers(body), body))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageNotContaining(text(leaked));
    byte[] broken = "[{".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> room.leakedKeys().report(signer.signature(), name -> null, broken))
        .isInstanceOf(AccessDeniedException.class);

    assertValid(verify(leaked));
    assertThat(storage.lookups()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "{}",
        "\"KEY\"",
        "[",
        "[{\"token\":\"KEY\"}",
        "[{\"token\":\"KEY\"}]]",
        "[{\"token\":\"KEY\"}][]",
        "[{\"token\":\"KEY\"},]",
        "[{\"token\":\"KEY\",\"token\":\"KEY\"}]",
        "[{\"token\":\"KEY\",\"url\":\"a\",\"url\":\"b\"}]",
        "[{\"token\":\"KEY\\x\"}]",
        "[{'token':'KEY'}]",
        "[{\"token\":\"KEY\"}, NaN]",
        "/**/[{\"token\":\"KEY\"}]",
        "[{\"token\":\"KEY\"}, [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]",
        "[{\"token\":\"KEY\"}, 1e99999999999999999999999999999999999999999999999999999999999999999]",
      })
  void malformedReportIsRefusedWholeAndRepeatsNothing(String report) {
    IssuedApiKey leaked = create();

    assertThatThrownBy(() -> take(report.replace("KEY", text(leaked))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("report: a JSON array of at most 10,000 objects, in at most 4 MiB")
        .hasNoCause();
    assertValid(verify(leaked));
  }

  @Test
  void boundsAreExact() {
    String full =
        IntStream.range(0, LeakedKeys.MAX_MATCHES)
            .mapToObj(i -> match("t" + i))
            .collect(Collectors.joining(",", "[", "]"));
    assertThat(take(full)).hasSize(LeakedKeys.MAX_MATCHES);

    String more = full.substring(0, full.length() - 1) + ",0]";
    assertThatThrownBy(() -> take(more)).isInstanceOf(InvalidInputException.class);
    String huge = "[" + " ".repeat(LeakedKeys.MAX_BODY - 1) + "]";
    assertThat(take("[" + " ".repeat(LeakedKeys.MAX_BODY - 2) + "]")).isEmpty();
    assertThatThrownBy(() -> take(huge)).isInstanceOf(InvalidInputException.class);
    assertThat(take("[{\"token\":\"" + "x".repeat(4_000_000) + "\"}]"))
        .extracting(LeakAssessment::label)
        .containsExactly(Label.FALSE_POSITIVE);
  }

  @Test
  void matchesWithoutTokenArePassedOverAndDoNotStopTheRest() {
    IssuedApiKey leaked = create();
    String odd =
        "[1,null,\"x\",[{\"token\":\"no\"}],{},{\"token\":null},{\"token\":7},{\"token\":\"\"},"
            + "{\"token\":{\"token\":\"no\"}},{\"Token\":\"no\"},"
            + match(text(leaked))
            + "]";

    assertThat(take(odd)).extracting(LeakAssessment::label).containsExactly(Label.TRUE_POSITIVE);
    assertThat(keys.get(acme, leaked.key().id()).revocation()).isPresent();
  }

  @Test
  void hostileFieldsReachNeitherEventsNorTrail() {
    IssuedApiKey a = create();
    IssuedApiKey b = create();
    IssuedApiKey c = create();
    IssuedApiKey bystander = create();
    List<LeakAssessment> assessed =
        take(
            array(
                match(text(a), text(a), "https://x.example/?key=" + text(a), "a\\nb"),
                match(text(b), "t\\r\\n", "https://x.example/a\\u0000b", text(b)),
                match(
                    text(c),
                    "y".repeat(256),
                    "https://x.example/" + text(bystander),
                    "z".repeat(65)),
                match(text(bystander), "", "https://u:p@x.example/p?token=1#f", "Gist_content")));

    assertThat(assessed)
        .extracting(LeakAssessment::tokenType)
        .containsExactly("unknown", "unknown", "unknown", "unknown");
    List<Event> told = delivered();
    assertThat(told)
        .extracting(Event::details)
        .containsExactly(
            Map.of("source", "unknown"),
            Map.of("source", "unknown"),
            Map.of("source", "unknown"),
            Map.of("source", "gist_content", "url", "https://u:p@x.example/p"));
    String all = told.toString() + plane.audit().list(acme, PageRequest.first(100));
    for (IssuedApiKey each : List.of(a, b, c, bystander)) {
      assertThat(all).doesNotContain(text(each));
    }
  }

  @Test
  void oneFailureDoesNotStopTheRestAndIsThrownAtTheEnd() {
    IssuedApiKey first = create();
    IssuedApiKey second = create();
    AtomicInteger reads = new AtomicInteger();
    storage.afterRead(
        () -> {
          if (reads.getAndIncrement() == 0) {
            throw new StorageException(ErrorCode.STORAGE_BUSY, "deadlock");
          }
        });
    String report = array(match(text(first)), match(text(second)));

    assertThatThrownBy(() -> take(report)).isInstanceOf(StorageException.class);
    assertThat(keys.get(acme, first.key().id()).revocation()).isEmpty();
    assertThat(keys.get(acme, second.key().id()).revocation()).isPresent();

    assertThat(take(report)).hasSize(2);
    assertThat(keys.get(acme, first.key().id()).revocation()).isPresent();
  }

  @Test
  void databaseThatIsDownIsAskedThreeTimesAndNotForEachMatch() {
    int before = storage.lookups();
    storage.failing(true);
    String report =
        IntStream.range(0, 100)
            .mapToObj(i -> match("t" + i))
            .collect(Collectors.joining(",", "[", "]"));

    assertThatThrownBy(() -> take(report))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(HttpAnswer.of(e).status()).isEqualTo(503));
    assertThat(storage.lookups()).isEqualTo(before + 3);
    storage.failing(false);
  }

  @Test
  void closedControlPlaneTakesNoReport() {
    node.close();

    assertThatThrownBy(() -> report(match("x")))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void keyThatChangesMeanwhileIsReadAgain() {
    IssuedApiKey leaked = create();
    AtomicInteger updates = new AtomicInteger();
    storage.beforeUpdate(
        () -> {
          if (updates.getAndIncrement() == 0) {
            keys.disable(acme, leaked.key().id());
          }
        });

    assertThat(report(match(text(leaked)))).hasSize(1);
    assertThat(keys.get(acme, leaked.key().id()).revocation()).isPresent();
    assertThat(updates).as("once in vain, the other's, and once more").hasValue(3);
  }

  @Test
  void keyThatNeverStandsStillIsReportedAsStaleAndMayBeRepeated() {
    IssuedApiKey leaked = create();
    AtomicInteger depth = new AtomicInteger();
    storage.beforeUpdate(
        () -> {
          if (depth.getAndIncrement() == 0) {
            ApiKey now = keys.get(acme, leaked.key().id());
            if (now.enabled()) {
              keys.disable(acme, now.id());
            } else {
              keys.enable(acme, now.id());
            }
            depth.set(0);
          }
        });

    assertThatThrownBy(() -> report(match(text(leaked))))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code().retryable()).isTrue());
    storage.beforeUpdate(() -> {});
    assertThat(report(match(text(leaked)))).hasSize(1);
    assertThat(keys.get(acme, leaked.key().id()).revocation()).isPresent();
  }

  /** Reports of one key from many threads, while others switch it off and on. */
  @Test
  void racingReportsAndChangesRevokeOnceAndForEver() throws Exception {
    for (int round = 0; round < 5; round++) {
      IssuedApiKey leaked = create();
      String report = array(match(text(leaked)));
      int threads = 8;
      CountDownLatch start = new CountDownLatch(1);
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      List<Future<?>> done =
          IntStream.range(0, threads)
              .<Future<?>>mapToObj(
                  i ->
                      pool.submit(
                          () -> {
                            start.await();
                            if (i % 2 == 0) {
                              return take(report);
                            }
                            return changes(leaked);
                          }))
              .toList();
      start.countDown();
      for (Future<?> each : done) {
        finish(each);
      }
      pool.shutdown();
      String id = leaked.key().id().value();
      assertThat(trail(acme).stream().filter(event -> event.targetId().equals(id)))
          .extracting(AuditEvent::action)
          .containsOnlyOnce("api_key.revoked");
      assertThat(delivered().stream().filter(event -> event.subject().equals(id))).hasSize(1);
      assertRefusedForEver(leaked);
    }
  }

  private void assertRefusedForEver(IssuedApiKey leaked) {
    assertThat(room.manager().verify(VerifyRequest.of(text(leaked))))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.reasons()).contains(Verdict.Reason.REVOKED));
  }

  private int changes(IssuedApiKey leaked) {
    int made = 0;
    for (int i = 0; i < 10; i++) {
      try {
        keys.disable(acme, leaked.key().id());
        keys.enable(acme, leaked.key().id());
        made++;
      } catch (TenantkitException e) {
        // Stale or revoked meanwhile, which is what this is about.
        assertThat(e.code()).isIn(ErrorCode.STALE_VERSION, ErrorCode.CONFLICT);
      }
    }
    return made;
  }

  private static void finish(Future<?> each) throws InterruptedException, ExecutionException {
    assertThat(each.get()).isNotNull();
  }

  /**
   * A tenant's own context gives no way to it: it needs the scanner's signature and nothing else.
   */
  @Test
  void reportNeedsNoScopeOfAnyTenant() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("api-keys:read"));
    IssuedApiKey leaked = create();

    report(match(text(leaked)));

    assertThat(room.manager().get(reader, leaked.key().id()).revocation()).isPresent();
    assertThat(reader.scopes().covers(Scopes.API_KEYS_WRITE)).isFalse();
  }

  private List<Event> delivered() {
    node.runtime().events().deliver();
    return events.stream().filter(event -> event.type() == EventType.KEY_LEAKED).toList();
  }

  private List<LeakAssessment> report(String... matches) {
    return take(array(matches));
  }

  private List<LeakAssessment> take(String report) {
    byte[] body = report.getBytes(StandardCharsets.UTF_8);
    return room.leakedKeys().report(signer.signature(), signer.headers(body), body);
  }

  private static String array(String... matches) {
    return "[" + String.join(",", matches) + "]";
  }

  private static String match(String token) {
    return match(token, "tenantkit_key", URL, "commit");
  }

  private static String match(String token, String type, String url, String source) {
    return "{\"token\":\""
        + token
        + "\",\"type\":\""
        + type
        + "\",\"url\":\""
        + url
        + "\",\"source\":\""
        + source
        + "\"}";
  }

  private static KeyHash hash(String text) {
    return Samples.hash(text);
  }
}
