package io.tenantkit.seed;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads a seed: all of it, or none. */
final class SeedParser {
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int MAX_DEPTH = 8;
  private static final int MAX_ORGANIZATIONS = 1_000;
  private static final int MAX_KEYS = 100;
  private static final long MAX_REQUESTS = 1_000_000_000;
  private static final StrictJson JSON = StrictJson.bounded(MAX_BYTES, MAX_DEPTH);

  private static final Set<String> ORGANIZATION = Set.of("id", "name", "metadata");
  private static final Set<String> METADATA = Set.of("description", "tier", "apiKeys");
  private static final Set<String> KEY =
      Set.of("name", "description", "scopes", "rateLimit", "keyHash");
  private static final Set<String> RATE_LIMIT = Set.of("requestsPerMinute", "requestsPerHour");

  private final KeyMode mode;
  private final Set<OrganizationId> ids = new HashSet<>();
  private final Set<KeyHash> hashes = new HashSet<>();

  private SeedParser(KeyMode mode) {
    this.mode = mode;
  }

  static SeedPlan parse(String json, KeyMode mode) {
    JsonNode root;
    try {
      root = JSON.parse(json.getBytes(StandardCharsets.UTF_8));
    } catch (MalformedJsonException e) {
      throw new InvalidInputException(
          e.path().isEmpty() ? "/" : e.path(),
          "JSON of at most 1 MiB, eight levels deep, no name twice in one object");
    }
    return new SeedParser(mode).plan(root);
  }

  private SeedPlan plan(JsonNode root) {
    if (!root.isArray()) {
      return new SeedPlan(List.of(organization(SeedObject.of(root, "", ORGANIZATION))));
    }
    if (root.size() > MAX_ORGANIZATIONS) {
      throw new InvalidInputException("/", "at most " + MAX_ORGANIZATIONS + " organizations");
    }
    List<SeedPlan.Organization> organizations = new ArrayList<>();
    for (int i = 0; i < root.size(); i++) {
      organizations.add(organization(SeedObject.of(root.get(i), "/" + i, ORGANIZATION)));
    }
    return new SeedPlan(organizations);
  }

  private SeedPlan.Organization organization(SeedObject json) {
    OrganizationId id = json.required("id", OrganizationId::of);
    if (!ids.add(id)) {
      throw json.refused("id", "each organization once");
    }
    String name = json.required("name", text -> Texts.require("name", text, 255));
    SeedObject metadata = json.object("metadata", METADATA);
    OrganizationSettings defaults = OrganizationSettings.defaults();
    OrganizationSettings planned = metadata.text("tier", defaults::withPlan).orElse(defaults);
    OrganizationSettings settings =
        metadata
            .text("description", text -> planned.withMetadata(Map.of("description", text)))
            .orElse(planned);
    Set<String> names = new HashSet<>();
    return new SeedPlan.Organization(
        id, name, settings, metadata.objects("apiKeys", MAX_KEYS, KEY, key -> key(key, names)));
  }

  private SeedPlan.Key key(SeedObject json, Set<String> names) {
    NewApiKey named =
        json.required(
            "name", text -> mode == KeyMode.LIVE ? NewApiKey.live(text) : NewApiKey.test(text));
    if (!names.add(named.name())) {
      throw json.refused("name", "each key of an organization once");
    }
    NewApiKey described = json.text("description", named::description).orElse(named);
    List<Scope> scopes = json.texts("scopes", ScopeSet.MAX_SIZE, Scope::of);
    KeyGrants grants = KeyGrants.none().withScopes(ScopeSet.of(scopes)).withLimits(limits(json));
    Optional<KeyHash> hash = json.text("keyHash", KeyHash::parse);
    if (hash.isPresent() && !hashes.add(hash.get())) {
      throw json.refused("keyHash", "each key once");
    }
    return new SeedPlan.Key(described.granting(grants), hash);
  }

  private static List<RateLimit> limits(SeedObject key) {
    SeedObject json = key.object("rateLimit", RATE_LIMIT);
    List<RateLimit> limits = new ArrayList<>();
    add(limits, json, "requestsPerMinute", n -> RateLimit.of("minute", n, Duration.ofMinutes(1)));
    add(limits, json, "requestsPerHour", n -> RateLimit.of("hour", n, Duration.ofHours(1)));
    return limits;
  }

  private static void add(
      List<RateLimit> limits, SeedObject json, String field, Function<Long, RateLimit> limit) {
    json.count(field, MAX_REQUESTS)
        .ifPresent(count -> limits.add(json.placed(field, () -> limit.apply(count))));
  }
}
