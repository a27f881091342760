package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.examples.benchmarks.Turns.Quartiles;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStatus;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretsRewrap;
import io.tenantkit.vault.VaultKeys;
import java.io.IOException;
import java.io.PrintStream;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The vault on PostgreSQL, one thread, nothing waits for the disk: put and reveal against {@link
 * HandVault}, pages of lists and searches of an organization with many secrets and of one with few,
 * and how many secrets a second come under another key of their organization.
 */
public final class VaultLoad implements AutoCloseable {
  private static final List<Environment> ENVIRONMENTS = List.of(Environment.values());
  private static final int FEW = 1_000;
  private static final int MANY = 100_000;
  private static final int BATCH = 100;
  private static final int PAGE = 50;
  private static final int WALK = 1_000;

  /** Each of so many owns its part of the secrets, which are private. */
  private static final int OWNERS = 10;

  private static final int TAGS = 20;
  private static final int TYPES = 4;
  private static final OrganizationId LARGE = Fixture.ACME;
  private static final OrganizationId SMALL = OrganizationId.of("small");
  private static final OrganizationId HAND = OrganizationId.of("hand");

  private final Postgres postgres;
  private final ControlPlane plane;
  private final SecretVault vault;
  private final HandVault hand;
  private final Random random = new Random(1);

  VaultLoad() throws IOException, SQLException, GeneralSecurityException {
    postgres = Postgres.start("off");
    plane = Fixture.still(postgres.storage());
    for (OrganizationId organization : List.of(SMALL, HAND)) {
      plane
          .organizations()
          .create(Operator.trusted("benchmark", "measuring"), organization, organization.value());
    }
    vault = SecretVault.of(plane);
    hand = new HandVault(postgres.application(), HAND);
  }

  private static TenantContext all(OrganizationId organization) {
    return TenantContext.trusted(organization, "benchmark");
  }

  /** Who sees one of {@value #OWNERS} secrets. */
  private static TenantContext owner(OrganizationId organization, int number) {
    return TenantContext.trusted(organization, new Actor(Actor.Kind.USER, "user-" + number))
        .limitedTo(ScopeSet.of("secrets:read", "secrets:write", "secrets:use"));
  }

  /** Puts so many secrets, of all kinds that searches tell apart. */
  void fill(OrganizationId organization, int count) {
    for (int from = 0; from < count; from += BATCH) {
      Map<SecretRef, NewSecret> batch = new LinkedHashMap<>();
      try (SecretValue value = SecretValue.of(RevealBenchmark.VALUE)) {
        for (int i = from; i < Math.min(from + BATCH, count); i++) {
          batch.put(
              ref(i),
              NewSecret.of("type-" + i % TYPES, Map.of("value", value))
                  .described(
                      SecretDescription.none()
                          .withTags(List.of("tag-" + i % TAGS, "half-" + i % 2))));
        }
        vault.putAll(owner(organization, from / BATCH % OWNERS), batch);
      }
    }
  }

  /** By tens in three environments, by hundreds in ten projects. */
  private static SecretRef ref(int number) {
    return SecretRef.of(
        "load-" + number / 100 % 10,
        ENVIRONMENTS.get(number / 10 % ENVIRONMENTS.size()),
        "secret-" + number);
  }

  private static SecretRef plain(int number) {
    return SecretRef.of("load", Environment.PRODUCTION, "secret-" + number);
  }

  /** What a server that has run for a while has done by itself. */
  void analyze() throws SQLException {
    try (Connection connection = postgres.dba();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM ANALYZE");
    }
  }

  /** Ratios of ours to the hand's, by what was done; each has so many secrets. */
  Map<String, Quartiles> againstHand(int secrets, int rounds, int calls, PrintStream out)
      throws Exception {
    TenantContext mine = all(LARGE);
    for (int i = 0; i < secrets; i++) {
      put(mine, plain(i));
      put(all(HAND), plain(i));
      hand.put(plain(i).name());
    }
    analyze();
    Turns turns =
        new Turns(true)
            .add("reveal", () -> reveal(mine, plain(random.nextInt(secrets))))
            .add("reveal by hand", () -> hand.reveal(plain(random.nextInt(secrets)).name()))
            .add("put", () -> put(mine, plain(random.nextInt(secrets))))
            .add("put by hand", () -> hand.put(plain(random.nextInt(secrets)).name()))
            .run(rounds, calls);
    turns.print("PostgreSQL, over reveal by hand", "reveal by hand", out);
    Map<String, Quartiles> ratios = new LinkedHashMap<>();
    for (String each : List.of("reveal", "put")) {
      Quartiles ratio = turns.ratio(each, each + " by hand");
      ratios.put(each, ratio);
      out.printf(
          Locale.ROOT,
          "%s / by hand, PostgreSQL: %.2f (%.2f to %.2f)%n",
          each,
          ratio.median(),
          ratio.low(),
          ratio.high());
    }
    return ratios;
  }

  private void put(TenantContext context, SecretRef ref) {
    try (SecretValue value = SecretValue.of(RevealBenchmark.VALUE)) {
      vault.put(context, ref, value);
    }
  }

  private void reveal(TenantContext context, SecretRef ref) {
    try (SecretFields fields = vault.reveal(context, ref)) {
      if (fields.value().bytes(SecretAccess.get()).length == 0) {
        throw new IllegalStateException("a secret that is there has a value");
      }
    }
  }

  /** A listing whose pages are asked for. */
  private interface Listing {
    Page<Secret> page(TenantContext context, PageRequest page);
  }

  private Map<String, Listing> listings() {
    Map<String, Listing> listings = new LinkedHashMap<>();
    listings.put("list", vault::list);
    Map<String, SecretQuery> queries = new LinkedHashMap<>();
    queries.put("all", SecretQuery.all());
    queries.put("project", SecretQuery.all().inProject("load-3"));
    queries.put("environment", SecretQuery.all().in(Environment.PRODUCTION));
    queries.put("tag", SecretQuery.all().tagged("tag-7"));
    queries.put("two tags", SecretQuery.all().tagged("tag-7", "half-1"));
    queries.put("type", SecretQuery.all().ofType("type-2"));
    queries.put("status", SecretQuery.all().with(SecretStatus.ACTIVE));
    queries.put(
        "project, environment, type",
        SecretQuery.all().inProject("load-3").in(Environment.STAGING).ofType("type-2"));
    queries.put("name", SecretQuery.all().named("secret-7"));
    queries.forEach(
        (name, query) ->
            listings.put(
                "search: " + name, (context, page) -> vault.search(context, query, page)));
    return listings;
  }

  /**
   * Pages at the end and in the middle of each listing over its first page, and the first page of
   * many secrets over that of few, as one who sees all and as one who sees a tenth: ratios by what
   * was listed.
   */
  Map<String, Quartiles> pages(int rounds, int calls, PrintStream out) throws Exception {
    Map<String, Quartiles> ratios = new LinkedHashMap<>();
    for (boolean all : new boolean[] {true, false}) {
      TenantContext large = all ? all(LARGE) : owner(LARGE, 3);
      TenantContext small = all ? all(SMALL) : owner(SMALL, 3);
      out.printf(
          Locale.ROOT,
          "%npages of %d, %s%n%-36s %8s %10s   %-22s %-22s %-22s%n",
          PAGE,
          all ? "who sees all" : "who sees one in " + OWNERS,
          "",
          "secrets",
          "first, µs",
          "middle / first",
          "last / first",
          "of many / of few");
      for (Map.Entry<String, Listing> each : listings().entrySet()) {
        ratios.put(
            each.getKey() + (all ? "" : ", own"),
            pages(each.getKey(), each.getValue(), large, small, rounds, calls, out));
      }
    }
    return ratios;
  }

  /** Of the last page over the first. */
  private static Quartiles pages(
      String name,
      Listing listing,
      TenantContext large,
      TenantContext small,
      int rounds,
      int calls,
      PrintStream out)
      throws Exception {
    List<String> cursors = new ArrayList<>();
    PageRequest next = PageRequest.first(WALK);
    Page<Secret> page = listing.page(large, next);
    int found = page.items().size();
    String last = "";
    while (page.next().isPresent()) {
      last = page.next().get();
      cursors.add(last);
      page = listing.page(large, next.after(last));
      found += page.items().size();
    }
    PageRequest first = PageRequest.first(PAGE);
    Optional<String> middle =
        cursors.isEmpty() ? Optional.empty() : Optional.of(cursors.get(cursors.size() / 2));
    // The last whole page: where fewer rows are left than a page has, there is less to do.
    PageRequest atEnd = new PageRequest(PAGE, wholePageFrom(listing, large, last));
    PageRequest atMiddle = new PageRequest(PAGE, middle);
    Turns turns =
        new Turns(true)
            .add("first", () -> listing.page(large, first))
            .add("middle", () -> listing.page(large, atMiddle))
            .add("last", () -> listing.page(large, atEnd))
            .add("few", () -> listing.page(small, first))
            .run(rounds, calls);
    out.printf(Locale.ROOT, "%-36s %,8d %10.0f  ", name, found, turns.median("first") / 1e3);
    boolean full = listing.page(small, first).items().size() == PAGE;
    for (String[] pair : new String[][] {{"middle", "first"}, {"last", "first"}, {"first", "few"}}) {
      if (pair[1].equals("few") && !full) {
        // Few has fewer such secrets than a page.
        break;
      }
      Quartiles ratio = turns.ratio(pair[0], pair[1]);
      out.printf(
          Locale.ROOT,
          " %-22s",
          String.format(
              Locale.ROOT, "%.2f (%.2f to %.2f)", ratio.median(), ratio.low(), ratio.high()));
    }
    out.println();
    return turns.ratio("last", "first");
  }

  /** The cursor of the last page that is whole, from the last place that is known. */
  private static Optional<String> wholePageFrom(Listing listing, TenantContext large, String from) {
    Optional<String> at = from.isEmpty() ? Optional.empty() : Optional.of(from);
    Optional<String> whole = at;
    Page<Secret> page = listing.page(large, new PageRequest(PAGE, at));
    while (page.next().isPresent()) {
      whole = at;
      at = page.next();
      page = listing.page(large, new PageRequest(PAGE, at));
    }
    return page.items().size() == PAGE ? at : whole;
  }

  /** Secrets a second. */
  double rewrap(PrintStream out) {
    VaultKeys keys = VaultKeys.of(vault);
    keys.rotate(all(LARGE));
    long began = System.nanoTime();
    SecretsRewrap done = keys.rewrapSecrets(all(LARGE));
    double rate = done.rewrapped() / ((System.nanoTime() - began) / 1e9);
    out.printf(
        Locale.ROOT,
        "%nre-wrapped %,d versions (failed: %d), %,.0f a second%n",
        done.rewrapped(),
        done.failed(),
        rate);
    return rate;
  }

  void fill(int few, int many) throws SQLException {
    fill(SMALL, few);
    fill(LARGE, many);
    analyze();
  }

  @Override
  public void close() throws IOException {
    plane.close();
    postgres.close();
  }

  /**
   * Runs parts of the load: {@code hand}, {@code pages}, {@code rewrap}; rounds, calls in a round,
   * and how many secrets are many.
   */
  public static void main(String[] args) throws Exception {
    List<String> parts = List.of((args.length > 0 ? args[0] : "pages,rewrap").split(",", -1));
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    int calls = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    int many = args.length > 3 ? Integer.parseInt(args[3]) : MANY;
    try (VaultLoad load = new VaultLoad()) {
      if (parts.contains("pages") || parts.contains("rewrap")) {
        load.fill(FEW, many);
      }
      if (parts.contains("pages")) {
        load.pages(rounds, calls, System.out);
      }
      if (parts.contains("rewrap")) {
        for (int i = 0; i < 3; i++) {
          load.rewrap(System.out);
        }
      }
      if (parts.contains("hand")) {
        load.againstHand(FEW, rounds, calls, System.out);
      }
    }
  }
}
