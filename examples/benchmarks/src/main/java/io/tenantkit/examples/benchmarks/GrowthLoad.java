package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Whether time grows with the number of keys: a verification that reads the database, a page of a
 * list and an append to the audit trail, on two PostgreSQL servers, one with few keys and one with
 * many, each key with its row in the trail. One thread; rounds alternate between the servers, so
 * that both see the same machine. Nothing waits for the disk.
 */
public final class GrowthLoad implements AutoCloseable {
  private static final int SMALL_KEYS = 1_000;
  private static final int SMALL_ORGANIZATIONS = 10;
  private static final int LARGE_KEYS = 1_000_000;
  private static final int LARGE_ORGANIZATIONS = 10_000;
  private static final int PAGE = 50;
  private static final String FILL =
      """
      SET session_replication_role = replica;
      INSERT INTO tenantkit.organizations (id, name)
        SELECT 'organization-' || o, 'Organization ' || o FROM generate_series(0, :organizations - 1) o;
      INSERT INTO tenantkit.api_keys
          (id, organization_id, name, key_hash, key_prefix, scopes, rate_limit, created_by, mode, family_id)
        SELECT 'key_' || lpad(k::text, 26, '0'), 'organization-' || k % :organizations, 'server ' || k,
               encode(sha256(convert_to('imported-key-' || k, 'UTF8')), 'hex'), 'imported-key-', '["livekit:*"]',
               '{"requestsPerMinute": 100}', 'growth', 'LIVE', 'key_' || lpad(k::text, 26, '0')
          FROM generate_series(0, :keys - 1) k;
      INSERT INTO tenantkit.audit_events
          (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, seq, hash)
        SELECT 'organization-' || k % :organizations, 'evt_' || lpad(k::text, 26, '0'), now(), 'HOST', 'growth',
               'api_key.created', 'api_key', 'key_' || lpad(k::text, 26, '0'), 1 + k / :organizations, sha256('')
          FROM generate_series(0, :keys - 1) k;
      INSERT INTO tenantkit.audit_heads (organization_id, seq, hash)
        SELECT e.organization_id, max(e.seq), sha256('') FROM tenantkit.audit_events e GROUP BY e.organization_id;
      SET session_replication_role = origin""";

  private static final String LIST =
      """
      SELECT set_config('app.organization_id', ?, true);
      SELECT * FROM tenantkit.api_keys WHERE organization_id = ? AND id > '' ORDER BY id LIMIT ?""";

  /** Every page into the server's memory, by way of the indexes that the calls use. */
  private static final String WARM =
      """
      SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
      SELECT count(name) FROM (SELECT name FROM tenantkit.api_keys ORDER BY key_hash) k;
      SELECT count(name) FROM (SELECT name FROM tenantkit.api_keys ORDER BY organization_id, id) k;
      SELECT count(action) FROM (SELECT action FROM tenantkit.audit_events ORDER BY organization_id, id) e;
      SELECT count(action) FROM (SELECT action FROM tenantkit.audit_events ORDER BY organization_id, seq) e;
      SELECT count(name) FROM (SELECT name FROM tenantkit.organizations ORDER BY id) o;
      SELECT count(hash) FROM (SELECT hash FROM tenantkit.audit_heads ORDER BY organization_id) h""";

  /** One call on the key of this number. */
  interface Call {
    void run(int key);
  }

  /** A server with so many keys. */
  static final class Side implements AutoCloseable {
    private final int keys;
    private final Postgres postgres;
    private final ControlPlane plane;
    private final TenantContext[] contexts;
    private final Random random = new Random(1);

    Side(int keys, int organizations) throws IOException, SQLException {
      this.keys = keys;
      this.postgres = Postgres.start("off");
      try (Connection connection = postgres.dba();
          Statement statement = connection.createStatement()) {
        statement.execute(
            FILL.replace(":organizations", Integer.toString(organizations))
                .replace(":keys", Integer.toString(keys)));
        statement.execute("VACUUM ANALYZE");
        statement.execute(WARM);
      }
      this.plane = Fixture.still(postgres.storage(), Duration.ZERO);
      this.contexts = new TenantContext[organizations];
      Arrays.setAll(
          contexts,
          i -> TenantContext.trusted(OrganizationId.of("organization-" + i), "growth"));
    }

    private TenantContext context(int key) {
      return contexts[key % contexts.length];
    }

    Map<String, Call> calls() {
      Map<String, Call> calls = new LinkedHashMap<>();
      calls.put("verify miss", this::verify);
      calls.put("list page", this::list);
      calls.put("list by hand", this::listByHand);
      calls.put("audit append", this::append);
      return calls;
    }

    private void verify(int key) {
      if (!(plane.apiKeys().verify("imported-key-" + key, ScopeQuery.none())
          instanceof Verdict.Valid)) {
        throw new IllegalStateException("a key that is there must work");
      }
    }

    private void list(int key) {
      if (plane.apiKeys().list(context(key), PageRequest.first(PAGE)).items().isEmpty()) {
        throw new IllegalStateException("every organization has keys");
      }
    }

    /** The same rows by JDBC, read and thrown away: what the database alone makes of growth. */
    private void listByHand(int key) {
      try (Connection connection = postgres.application().getConnection();
          PreparedStatement statement = connection.prepareStatement(LIST)) {
        String organization = context(key).organization().value();
        statement.setString(1, organization);
        statement.setString(2, organization);
        statement.setInt(3, PAGE + 1);
        statement.execute();
        if (!statement.getMoreResults()) {
          throw new IllegalStateException("two statements have two results");
        }
        try (ResultSet rows = statement.getResultSet()) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            for (int i = 1; i <= columns; i++) {
              rows.getString(i);
            }
          }
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    private void append(int key) {
      TenantContext context = context(key);
      AuditEvent event =
          plane
              .runtime()
              .event(context, plane.runtime().now(), "growth.measured", "api_key", "key_" + key);
      plane.runtime().coreStores().audit().append(context, event);
    }

    /** The times of so many calls on keys at random, in nanoseconds. */
    long[] times(Call call, int count) {
      long[] times = new long[count];
      for (int i = 0; i < count; i++) {
        int key = random.nextInt(keys);
        long began = System.nanoTime();
        call.run(key);
        times[i] = System.nanoTime() - began;
      }
      return times;
    }

    @Override
    public void close() throws IOException {
      plane.close();
      postgres.close();
    }
  }

  private final Side small;
  private final Side large;

  GrowthLoad(int smallKeys, int smallOrganizations, int largeKeys, int largeOrganizations)
      throws IOException, SQLException {
    small = new Side(smallKeys, smallOrganizations);
    large = new Side(largeKeys, largeOrganizations);
  }

  /** The median of many over the median of few, by the name of the call. */
  Map<String, Double> measure(int rounds, int count, PrintStream out) {
    Map<String, Double> ratios = new LinkedHashMap<>();
    Map<String, Call> few = small.calls();
    Map<String, Call> many = large.calls();
    out.printf(Locale.ROOT, "%n%-14s %12s %12s %8s%n", "median, µs", "few", "many", "ratio");
    for (Map.Entry<String, Call> each : few.entrySet()) {
      String name = each.getKey();
      Call onSmall = each.getValue();
      Call onLarge = Objects.requireNonNull(many.get(name), name);
      small.times(onSmall, count);
      large.times(onLarge, count);
      long[][] times = new long[2][rounds * count];
      for (int round = 0; round < rounds; round++) {
        System.arraycopy(small.times(onSmall, count), 0, times[0], round * count, count);
        System.arraycopy(large.times(onLarge, count), 0, times[1], round * count, count);
      }
      double before = median(times[0]);
      double after = median(times[1]);
      ratios.put(name, after / before);
      out.printf(
          Locale.ROOT, "%-14s %12.0f %12.0f %8.2f%n", name, before / 1e3, after / 1e3, after / before);
    }
    return ratios;
  }

  private static double median(long[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  @Override
  public void close() throws IOException {
    small.close();
    large.close();
  }

  /** Runs the load: rounds, and calls of each kind in a round. */
  public static void main(String[] args) throws IOException, SQLException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
    try (GrowthLoad load =
        new GrowthLoad(SMALL_KEYS, SMALL_ORGANIZATIONS, LARGE_KEYS, LARGE_ORGANIZATIONS)) {
      load.measure(rounds, count, System.out);
    }
  }
}
