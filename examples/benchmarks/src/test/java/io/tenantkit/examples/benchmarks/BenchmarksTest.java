package io.tenantkit.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.SecretAccess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;

/** Runs each benchmark's body once, untimed, and checks what it answers, so that none rots. */
final class BenchmarksTest {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_RUNS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final String DELAY =
      "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'";
  private static final byte[] VALUE = RevealBenchmark.VALUE.getBytes(StandardCharsets.US_ASCII);

  @Test
  void verify_accepts_the_keys_and_refuses_junk() throws Exception {
    VerifyBenchmark benchmark = new VerifyBenchmark();
    benchmark.keys = 50;
    benchmark.fill();
    VerifyBenchmark.Cursor cursor = new VerifyBenchmark.Cursor();
    try {
      for (int i = 0; i < 50; i++) {
        assertThat(benchmark.cached(cursor)).isInstanceOf(Verdict.Valid.class);
        assertThat(benchmark.cachedByHand(cursor)).isNotNull();
        assertThat(benchmark.junk(cursor))
            .isInstanceOfSatisfying(
                Verdict.Refused.class,
                refused -> assertThat(refused.reasons()).containsExactly(Verdict.Reason.NOT_FOUND));
      }
      assertThat(benchmark.cachedWithTenant(cursor).organization()).isEqualTo(Fixture.ACME);
      assertThat(benchmark.cachedTwoThreads(cursor)).isInstanceOf(Verdict.Valid.class);
      assertThat(benchmark.cachedByHandTwoThreads(cursor)).isNotNull();
      assertThat(benchmark.hot()).isInstanceOf(Verdict.Valid.class);
      assertThat(benchmark.hotTwoThreads()).isInstanceOf(Verdict.Valid.class);
      assertThat(benchmark.hotByHand(cursor)).isNotNull();
      assertThat(benchmark.sha256(cursor)).hasSize(32);
      assertThat(benchmark.sha256TwoThreads(cursor)).hasSize(32);
      assertThat(benchmark.sha256Hot(cursor)).hasSize(32);
    } finally {
      benchmark.close();
    }
  }

  @Test
  void a_cached_key_is_found_without_the_storage() {
    assertThat(CachedKeyBytes.measure(10, 2)).isFinite();
  }

  @Test
  void every_mint_makes_a_token_of_the_same_claims() throws Exception {
    MintBenchmark benchmark = new MintBenchmark();
    benchmark.open();
    try {
      String issued = benchmark.issue().jwt().string(SecretAccess.get());
      String bare = ascii(benchmark.bareMint());
      String byHand = ascii(benchmark.byHand());
      String keyed = ascii(benchmark.byHandKeyed());
      String asText = benchmark.byHandAsText();
      String peer = benchmark.accessToken();
      String asked = benchmark.ask().jwt().string(SecretAccess.get());
      String durable = benchmark.issueDurable().jwt().string(SecretAccess.get());
      assertThat(benchmark.verify()).isInstanceOf(TokenVerification.Valid.class);
      assertThat(benchmark.verifyAuth0().getSubject()).isEqualTo("ada");
      for (String token : List.of(issued, asked, durable, bare, byHand, keyed, asText, peer)) {
        assertThat(benchmark.verify(token))
            .as(token)
            .isInstanceOf(TokenVerification.Valid.class);
        assertThat(signed(token)).isTrue();
      }
      assertThat(claims(bare)).isEqualTo(claims(issued)).isEqualTo(claims(byHand));
      assertThat(claims(asText)).isEqualTo(claims(byHand));
      ObjectNode theirs = claims(peer);
      theirs.remove("sip");
      assertThat(theirs).isEqualTo(claims(issued));
    } finally {
      benchmark.close();
    }
  }

  @Test
  void mints_take_turns() throws Exception {
    Turns turns = MintTurns.measure(1, 5, Optional.empty(), System.out);
    assertThat(turns.ratio("issue, in batches", "by hand").median()).isPositive();
    assertThat(turns.ratio("verify, auth0", "verify").median()).isPositive();
  }

  @Test
  void another_process_has_its_turn_beside_the_mints(@TempDir Path directory) throws Exception {
    // Stands in for Go's, of which it knows the protocol: a line asks, a line answers.
    Path other = Files.createFile(directory.resolve("mint"), OWNER_RUNS);
    Files.writeString(
        other,
        """
        #!/bin/sh
        while read -r line; do
          case "$line" in m7) echo 1000 ;; v7) echo 3000 ;; *) exit 1 ;; esac
        done
        """);
    Turns turns = MintTurns.measure(2, 7, Optional.of(other.toString()), System.out);
    assertThat(turns.median("Go")).isEqualTo(1_000);
    assertThat(turns.ratio("verify, Go", "Go").median()).isEqualTo(3);
  }

  @Test
  void every_reveal_answers_the_plaintext() throws Exception {
    RevealBenchmark benchmark = new RevealBenchmark();
    benchmark.organizations = 3;
    benchmark.seal();
    benchmark.open();
    try {
      assertThat(benchmark.use()).isEqualTo(VALUE);
      assertThat(benchmark.reveal()).isEqualTo(VALUE);
      assertThat(benchmark.envelope()).isEqualTo(VALUE);
      assertThat(benchmark.byHand()).isEqualTo(VALUE);
      assertThat(benchmark.byHandWithRow()).isEqualTo(VALUE);
      assertThat(benchmark.byHandWithoutHkdf()).isEqualTo(VALUE);
      assertThat(benchmark.tink()).isEqualTo(VALUE);
    } finally {
      benchmark.close();
    }
  }

  @Test
  void reveals_take_turns_with_the_hand() throws Exception {
    assertThat(RevealTurns.measure(2, 1, 5, System.out).ratio("reveal", "by hand").median())
        .isPositive();
  }

  @Test
  void a_miss_reads_the_key_from_postgresql() throws Exception {
    MissBenchmark benchmark = new MissBenchmark();
    benchmark.start();
    try {
      assertThat(benchmark.postgresql()).isInstanceOf(Verdict.Valid.class);
      assertThat(benchmark.postgresqlByHand()).isPositive();
    } finally {
      benchmark.stop();
    }
  }

  @Test
  void growth_is_measured_on_few_keys_and_on_more() throws Exception {
    try (GrowthLoad load = new GrowthLoad(10, 2, 100, 20)) {
      assertThat(load.measure(1, 5, System.out))
          .containsOnlyKeys("verify miss", "list page", "list by hand", "audit append");
    }
  }

  @Test
  void vault_is_measured_against_the_hand_paged_and_re_wrapped() throws Exception {
    try (VaultLoad load = new VaultLoad()) {
      load.fill(20, 120);
      assertThat(load.pages(1, 2, System.out))
          .containsKeys("list", "search: project, environment, type", "search: tag, own");
      assertThat(load.rewrap(System.out)).isPositive();
      assertThat(load.againstHand(5, 1, 5, System.out)).containsOnlyKeys("reveal", "put");
    }
  }

  @Test
  void usage_is_recorded_and_written_beside_the_calls() throws Exception {
    try (UsageLoad memory = UsageLoad.inMemory(3);
        UsageLoad postgresql = UsageLoad.onPostgresql(3)) {
      assertThat(memory.measure(1, 5, 5, System.out)).containsOnlyKeys("verify", "reveal");
      assertThat(postgresql.measure(1, 5, 5, System.out)).containsOnlyKeys("verify", "reveal");
    }
  }

  @Test
  void shared_limits_admit_in_every_way() throws Exception {
    try (SharedLimitLoad load = new SharedLimitLoad()) {
      for (SharedLimitLoad.Call call : load.contestants().values()) {
        assertThat(call.admitted(0)).isTrue();
        assertThat(call.admitted(0)).isTrue();
      }
    }
  }

  @Test
  void create_writes_to_postgresql() throws Exception {
    CreateBenchmark benchmark = new CreateBenchmark();
    CreateBenchmark.OnPostgresql state = new CreateBenchmark.OnPostgresql();
    state.start(benchmark);
    try {
      assertThat(state.ask("SHOW fsync")).isEqualTo("on");
      assertThat(state.ask("SHOW synchronous_commit")).isEqualTo("on");
      assertThat(benchmark.postgresql(state)).startsWith("ak_live_");
      assertThat(benchmark.postgresqlByHand(state)).startsWith("ak_live_");
      assertThat(state.keys()).extracting(ApiKey::name).containsExactly("by hand", "benchmark");
    } finally {
      state.stop();
    }
  }

  @Test
  void create_writes_to_h2() throws Exception {
    CreateBenchmark benchmark = new CreateBenchmark();
    CreateBenchmark.OnH2 state = new CreateBenchmark.OnH2();
    state.open();
    try {
      assertThat(state.ask(DELAY)).isEqualTo("0");
      assertThat(benchmark.h2(state)).startsWith("ak_live_");
      assertThat(benchmark.h2ByHand(state)).startsWith("ak_live_");
    } finally {
      state.close();
    }
  }

  @Test
  void the_token_services_load_is_answered_in_full() throws Exception {
    try (TokenServers servers = TokenServers.start("memory")) {
      TokenServers.Ports ports = servers.ports();
      for (int port : new int[] {ports.service(), ports.empty()}) {
        TokenServiceLoad load = new TokenServiceLoad(port, ports.keys());
        assertThat(load.run(400, Duration.ofSeconds(1)).getTotalCount()).isEqualTo(400);
      }
      TokenServiceLoad strangers = new TokenServiceLoad(ports.service(), List.of("ak_live_none"));
      assertThatThrownBy(() -> strangers.run(400, Duration.ofSeconds(1)))
          .hasMessageContaining("answered HTTP/1.1 401");
    }
  }

  @Test
  void every_ratio_is_of_benchmarks_that_exist() throws Exception {
    for (String name : Ratios.names()) {
      String[] parts = name.split("\\.", -1);
      Class<?> type =
          Class.forName(getClass().getPackageName() + "." + parts[0] + "Benchmark");
      assertThat(type.getMethods())
          .as(name)
          .anyMatch(
              method ->
                  method.getName().equals(parts[1])
                      && method.isAnnotationPresent(Benchmark.class));
    }
  }

  private static String ascii(byte[] token) {
    return new String(token, StandardCharsets.US_ASCII);
  }

  private static boolean signed(String token) throws Exception {
    int dot = token.lastIndexOf('.');
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(MintBenchmark.SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    byte[] expected = mac.doFinal(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
    return MessageDigest.isEqual(expected, Base64.getUrlDecoder().decode(token.substring(dot + 1)));
  }

  /** The claims but for the times and the id. */
  private static ObjectNode claims(String token) throws Exception {
    ObjectNode claims =
        (ObjectNode)
            new ObjectMapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    assertThat(claims.get("exp").asLong()).isGreaterThan(claims.get("nbf").asLong());
    return claims.remove(List.of("iat", "nbf", "exp", "jti"));
  }
}
