package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.KeysReport;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretChange;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStatus;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.VaultKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while its threads put, promote, delete and destroy secrets, each in one
 * organization after the other, beginning with the first secret that an organization ever has. What
 * every organization holds afterwards is what it held after the last step that was acknowledged or
 * after the one that was under way, wholly: values, stages, states and trail. At how many points is
 * the system property {@code tenantkit.kill.points}; the Maven profile {@code long} makes it more.
 */
final class KilledPutTest {
  private static final int POINTS = Integer.getInteger("tenantkit.kill.points", 20);
  private static final int THREADS = 3;
  private static final Operator OPERATOR = Operator.trusted("ops", "work");
  private static final String CHECKER = "checker";

  private static final SecretRef ALPHA = SecretRef.of("app", Environment.PRODUCTION, "alpha");
  private static final SecretRef BETA = SecretRef.of("app", Environment.PRODUCTION, "beta");
  private static final SecretRef GAMMA = SecretRef.of("third", Environment.DEVELOPMENT, "gamma");
  private static final SecretRef PAIR = SecretRef.of("other", Environment.STAGING, "pair");

  /** One thing that a host does, which is acknowledged when it returns. */
  private interface Step {
    void take(ControlPlane plane, SecretVault vault, TenantContext context);
  }

  private static final List<Step> STEPS =
      List.of(
          (plane, vault, context) ->
              plane.organizations().create(OPERATOR, context.organization(), "Name"),
          (plane, vault, context) -> vault.put(context, ALPHA, plain(context, "alpha 1")),
          (plane, vault, context) -> vault.put(context, ALPHA, plain(context, "alpha 2")),
          (plane, vault, context) ->
              vault.put(
                  context,
                  PAIR,
                  NewSecret.of(
                          "pair",
                          Map.of("x", value(context, "pair x"), "y", value(context, "pair y")))
                      .described(
                          SecretDescription.of("text", List.of("one", "two"), Map.of("k", "v")))),
          (plane, vault, context) ->
              vault.put(context, ALPHA, plain(context, "alpha 3").asPending()),
          (plane, vault, context) -> vault.promote(context, ALPHA, 3),
          (plane, vault, context) -> vault.deleteVersion(context, ALPHA, 1),
          (plane, vault, context) -> vault.undeleteVersion(context, ALPHA, 1),
          (plane, vault, context) -> vault.rollBack(context, ALPHA),
          (plane, vault, context) ->
              vault.putAll(
                  context, Map.of(BETA, plain(context, "beta"), GAMMA, plain(context, "gamma"))),
          (plane, vault, context) -> vault.delete(context, BETA),
          (plane, vault, context) -> vault.undelete(context, BETA),
          (plane, vault, context) ->
              vault.update(context, ALPHA, SecretChange.none().withText("changed")),
          (plane, vault, context) -> vault.destroyVersion(context, ALPHA, 1),
          (plane, vault, context) -> vault.destroy(context, BETA));

  private static NewSecret plain(TenantContext context, String text) {
    return NewSecret.of(value(context, text));
  }

  private static SecretValue value(TenantContext context, String text) {
    return SecretValue.of(text + " of " + context.organization());
  }

  @TempDir private Path folder;

  @Test
  void onPostgresql() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(4);
        HikariDataSource admin = database.admin(1)) {
      killed(
          () -> {
            database.awaitChildrenGone();
            return JdbcStorage.postgresql(app).admin(admin).open();
          },
          round ->
              WriterProcess.start(
                  PostgresqlWriter.class,
                  "r" + round,
                  database.childUrl(),
                  database.roles().application(),
                  database.roles().admin()));
    }
  }

  @Test
  void onH2() throws Exception {
    Path file = folder.resolve("vault");
    killed(
        () -> JdbcStorage.h2(file).open(),
        round -> WriterProcess.start(H2Writer.class, "r" + round, file.toString()));
  }

  private interface Opening {
    JdbcStorage open();
  }

  private interface Starting {
    Process start(int round) throws IOException;
  }

  private static void killed(Opening opening, Starting starting) throws Exception {
    List<List<State>> expected = expected();
    Map<String, State> seen = new TreeMap<>();
    Random points = new Random(20261122);
    for (int round = 0; round < POINTS; round++) {
      int lines = 1 + points.nextInt(60);
      List<String> told = WriterProcess.killedAfter(lines, starting.start(round));
      assertThat(told).as("the process got to work").hasSizeGreaterThanOrEqualTo(lines);
      Map<String, Integer> acknowledged = new LinkedHashMap<>();
      for (String line : told) {
        String[] parts = line.split(" ", -1);
        acknowledged.put(parts[0], Integer.parseInt(parts[1]));
      }
      try (JdbcStorage storage = opening.open();
          ControlPlane plane = plane(storage)) {
        List<String> there = organizations(plane, "r" + round + "-");
        assertThat(there).containsAll(acknowledged.keySet());
        for (String organization : there) {
          @Nullable Integer last = acknowledged.get(organization);
          State state = state(plane, organization);
          assertThat(expected.get(last == null ? 0 : last + 1))
              .as("round %s, %s after its step %s", round, organization, last)
              .contains(state);
          seen.put(organization, state);
        }
      }
    }
    try (JdbcStorage storage = opening.open();
        ControlPlane plane = plane(storage)) {
      seen.forEach(
          (organization, state) ->
              assertThat(state(plane, organization)).as(organization).isEqualTo(state));
    }
  }

  /**
   * What may be found when step {@code i} was under way, at {@code i}: as it was before, as it is
   * afterwards, and in between what a step commits by itself.
   */
  private static List<List<State>> expected() {
    List<List<State>> expected = new ArrayList<>();
    String organization = "sample";
    TenantContext context = writer(organization);
    try (InMemoryStorage storage = InMemoryStorage.create();
        ControlPlane plane = plane(storage)) {
      SecretVault vault = SecretVault.of(plane);
      List<State> before = List.of();
      for (Step step : STEPS) {
        step.take(plane, vault, context);
        State after = state(plane, organization);
        List<State> possible = new ArrayList<>(before);
        if (after.trail().contains("organization_key.created")
            && !before.get(0).trail().contains("organization_key.created")) {
          // The organization's key is committed before the first secret that it seals.
          List<String> trail = new ArrayList<>(before.get(0).trail());
          trail.add("organization_key.created");
          possible.add(new State(before.get(0).secrets(), trail, 1));
        }
        possible.add(after);
        expected.add(possible);
        before = List.of(after);
      }
      expected.add(before);
    }
    return expected;
  }

  /**
   * What an organization holds.
   *
   * @param secrets each with its versions and what they open to
   * @param trail what was done, by all but who looks
   * @param keys how many keys it has
   */
  private record State(List<String> secrets, List<String> trail, int keys) {}

  private static State state(ControlPlane plane, String organization) {
    TenantContext context = TenantContext.trusted(OrganizationId.of(organization), CHECKER);
    SecretVault vault = SecretVault.of(plane);
    List<String> secrets = new ArrayList<>();
    for (SecretStatus status : SecretStatus.values()) {
      for (Secret secret :
          vault.search(context, SecretQuery.all().with(status), PageRequest.first(100)).items()) {
        secrets.add(
            String.join(
                    " ",
                    secret.ref().toString(),
                    secret.type(),
                    secret.description().toString(),
                    secret.stages().toString(),
                    status.toString(),
                    versions(vault, context, secret, status))
                .replace(organization, "ORGANIZATION"));
      }
    }
    secrets.sort(null);
    List<String> trail =
        plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
            .filter(event -> !event.actor().id().equals(CHECKER))
            .map(AuditEvent::action)
            .toList();
    assertThat(plane.audit().verify(context)).isInstanceOf(ChainVerification.Intact.class);
    KeysReport.OrganizationKeys keys = VaultKeys.of(vault).doctor(context);
    assertThat(keys.problems()).isEmpty();
    return new State(secrets, trail, keys.keys().size());
  }

  private static String versions(
      SecretVault vault, TenantContext context, Secret secret, SecretStatus status) {
    if (status == SecretStatus.DELETED) {
      return "";
    }
    List<String> versions = new ArrayList<>();
    for (SecretVersion version : vault.versions(context, secret.ref())) {
      Map<String, String> values = new TreeMap<>();
      if (version.state() == SecretVersion.State.ACTIVE) {
        try (SecretFields fields = vault.reveal(context, secret.ref(), version.number())) {
          fields
              .names()
              .forEach(name -> values.put(name, fields.field(name).string(SecretAccess.get())));
        }
      }
      versions.add(version.number() + " " + version.state() + " " + values);
    }
    versions.sort(null);
    return versions.toString();
  }

  private static List<String> organizations(ControlPlane plane, String prefix) {
    List<String> ids = new ArrayList<>();
    PageRequest page = PageRequest.first(100);
    while (true) {
      var found = plane.organizations().list(OPERATOR, page);
      found.items().stream().map(Organization::id).forEach(id -> ids.add(id.value()));
      if (found.next().isEmpty()) {
        return ids.stream().filter(id -> id.startsWith(prefix)).toList();
      }
      page = page.after(found.next().get());
    }
  }

  private static ControlPlane plane(Storage storage) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  private static TenantContext writer(String organization) {
    return TenantContext.trusted(OrganizationId.of(organization), "writer");
  }

  /** Killed when rows are written and the event that belongs to them waits for its chain. */
  @Test
  void nothingIsThereOfWhatWaitedForItsEvent() throws Exception {
    Cluster.Database database = Cluster.migrated();
    // The steps that one organization has behind it, whose next one is killed.
    List<Integer> done = List.of(1, 2, 3, 4, 5, 6, 9, 10, 13);
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
        ControlPlane plane = plane(storage)) {
      SecretVault vault = SecretVault.of(plane);
      Map<String, State> before = new LinkedHashMap<>();
      for (int steps : done) {
        String organization = "held-" + steps;
        IntStream.range(0, steps)
            .forEach(i -> STEPS.get(i).take(plane, vault, writer(organization)));
        before.put(organization, state(plane, organization));
      }
      List<Process> children = new ArrayList<>();
      try (HeldRow heads = new HeldRow(database, "audit_heads", "organization_id LIKE 'held-%'")) {
        for (int steps : done) {
          children.add(
              WriterProcess.start(
                  OneStep.class,
                  "held-" + steps,
                  Integer.toString(steps),
                  Cluster.url(database.name()),
                  database.roles().application(),
                  database.roles().admin()));
        }
        List<LockWaits.Waiting> waiting = heads.await(children);
        assertThat(waiting)
            .hasSize(done.size())
            .allSatisfy(each -> assertThat(each.query()).contains("audit_events"));
        for (Process child : children) {
          assertThat(child.isAlive()).isTrue();
          child.destroyForcibly().waitFor();
        }
        heads.release();
        heads.awaitEnd(waiting);
      } finally {
        children.forEach(Process::destroyForcibly);
      }
      before.forEach(
          (organization, state) ->
              assertThat(state(plane, organization)).as(organization).isEqualTo(state));
      // Nothing of them is in the way.
      for (int steps : done) {
        STEPS.get(steps).take(plane, vault, writer("held-" + steps));
      }
      assertThat(projectsWithoutSecrets(database)).isZero();
    }
  }

  private static int projectsWithoutSecrets(Cluster.Database database) throws Exception {
    try (var dba = database.dba();
        var statement = dba.createStatement();
        var found =
            statement.executeQuery(
                """
                SELECT count(*) AS n FROM tenantkit.projects p
                 WHERE NOT EXISTS (SELECT FROM tenantkit.secrets s
                                    WHERE s.organization_id = p.organization_id AND s.project_id = p.id)""")) {
      found.next();
      return found.getInt("n");
    }
  }

  /** The process that is killed, on PostgreSQL. */
  static final class PostgresqlWriter {
    private PostgresqlWriter() {}

    public static void main(String[] arguments) {
      write(
          WriterProcess.postgresql(arguments[1], arguments[2], arguments[3], THREADS),
          arguments[0]);
    }
  }

  /** The process that is killed, on H2. */
  static final class H2Writer {
    private H2Writer() {}

    public static void main(String[] arguments) {
      write(JdbcStorage.h2(Path.of(arguments[1])).open(), arguments[0]);
    }
  }

  /** The process that is killed in one step. */
  static final class OneStep {
    private OneStep() {}

    public static void main(String[] arguments) {
      ControlPlane plane =
          plane(WriterProcess.postgresql(arguments[2], arguments[3], arguments[4], 1));
      STEPS
          .get(Integer.parseInt(arguments[1]))
          .take(plane, SecretVault.of(plane), writer(arguments[0]));
    }
  }

  private static void write(JdbcStorage storage, String prefix) {
    ControlPlane plane = plane(storage);
    SecretVault vault = SecretVault.of(plane);
    IntStream.range(0, THREADS)
        .forEach(
            thread ->
                new Thread(() -> write(plane, vault, prefix + "-" + thread), "writer " + thread)
                    .start());
  }

  private static void write(ControlPlane plane, SecretVault vault, String prefix) {
    for (int i = 0; i < 100_000; i++) {
      String organization = prefix + "-" + i;
      for (int step = 0; step < STEPS.size(); step++) {
        STEPS.get(step).take(plane, vault, writer(organization));
        say(organization + " " + step);
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
