package io.tenantkit.vault.usage;

import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.Role;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.Teams;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.LibraryProjects;
import io.tenantkit.vault.spi.StoredRotation;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.usage.ReportLine.PolicyException;
import io.tenantkit.vault.usage.ReportLine.PolicyException.Rule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of a compliance report that looks at what is there instead of at what happened: whom
 * secrets are for, what reaches them, and what departs from good policy. For one report.
 */
final class AccessReview {
  private static final int PAGE = 500;

  /** Behind all that can be due. */
  private static final Instant EVER = Instant.parse("9999-12-31T00:00:00Z");

  private static final List<Scope> OF_SECRETS =
      List.of(Scopes.SECRETS_READ, Scopes.SECRETS_USE, Scopes.SECRETS_WRITE, Scopes.SECRETS_MANAGE);
  private static final Set<AccessLevel> FOR_ALL =
      EnumSet.of(AccessLevel.PUBLIC, AccessLevel.AUTHENTICATED, AccessLevel.ENTERPRISE);

  private final SecretVault vault;
  private final PlaneRuntime runtime;
  private final VaultStores stores;
  private final TenantContext context;
  private final Instant now;
  private final Map<TeamId, Optional<ReportLine.TeamShare>> teams = new HashMap<>();

  AccessReview(SecretVault vault, VaultStores stores, TenantContext context) {
    this.vault = vault;
    this.runtime = vault.runtime();
    this.stores = stores;
    this.context = context;
    this.now = runtime.now();
  }

  private interface Each<T> {
    /** Returns how many lines it made. */
    long line(T one) throws IOException;
  }

  private long secrets(Each<Secret> each) throws IOException {
    long lines = 0;
    @Nullable PageRequest next = PageRequest.first(PAGE);
    while (next != null) {
      var page = vault.list(context, next);
      for (Secret secret : page.items()) {
        lines += each.line(secret);
      }
      next = page.next().map(PageRequest.first(PAGE)::after).orElse(null);
    }
    return lines;
  }

  /** Keys that work and reach one of the environments in reach. */
  private long keys(Each<ApiKey> each) throws IOException {
    long lines = 0;
    @Nullable String after = null;
    List<StoredApiKey> page;
    do {
      page = runtime.coreStores().apiKeys().list(context, after, PAGE);
      for (StoredApiKey row : page) {
        ApiKey key = row.key();
        after = key.id().value();
        boolean works = key.enabled() && key.revocation().isEmpty() && !key.expired(now);
        if (works && !reached(key).isEmpty()) {
          lines += each.line(key);
        }
      }
    } while (page.size() == PAGE);
    return lines;
  }

  private List<Environment> reached(ApiKey key) {
    return key.mode().environments().stream().filter(context.environments()::contains).toList();
  }

  long entitled(ComplianceReport.Sink to) throws IOException {
    return secrets(
        secret -> {
          List<ReportLine.TeamShare> shared =
              secret.access() == AccessLevel.TEAM
                  ? stores.secrets().teams(context, secret.id()).stream()
                      .map(this::team)
                      .flatMap(Optional::stream)
                      .toList()
                  : List.of();
          to.line(
              new ReportLine.Entitled(
                  secret.id(), secret.ref(), secret.access(), secret.owner(), shared));
          return 1;
        });
  }

  private Optional<ReportLine.TeamShare> team(TeamId id) {
    return teams.computeIfAbsent(id, this::read);
  }

  private Optional<ReportLine.TeamShare> read(TeamId id) {
    boolean named = context.scopes().covers(Scopes.TEAMS_READ);
    Optional<Team> team = runtime.coreStores().teams().find(context, id);
    return team.map(
        found ->
            new ReportLine.TeamShare(
                id,
                named ? Optional.of(found.name()) : Optional.empty(),
                runtime.coreStores().teams().members(context, id, Teams.MAX_MEMBERS).size()));
  }

  long granted(ComplianceReport.Sink to) throws IOException {
    long lines =
        keys(
            key -> {
              List<String> held = held(key.scopes());
              if (held.isEmpty()) {
                return 0;
              }
              to.line(
                  new ReportLine.Granted(
                      ReportLine.Granted.Kind.API_KEY,
                      key.id().value(),
                      key.name(),
                      key.createdBy(),
                      reached(key),
                      held));
              return 1;
            });
    for (Role role : Role.values()) {
      List<String> held = held(role.scopes());
      if (!held.isEmpty()) {
        to.line(
            new ReportLine.Granted(
                ReportLine.Granted.Kind.ROLE,
                role.lowerCaseName(),
                role.lowerCaseName(),
                "",
                List.copyOf(context.environments()),
                held));
        lines++;
      }
    }
    return lines;
  }

  private static List<String> held(ScopeSet scopes) {
    return OF_SECRETS.stream().filter(scopes::covers).map(Scope::toString).toList();
  }

  /**
   * What departs from policy.
   *
   * @param named whether the caller may list secrets
   * @param oldest how old a value may become without a policy that will rotate it
   * @param at how old is asked of this time
   */
  long exceptions(boolean named, Duration oldest, Instant at, ComplianceReport.Sink to)
      throws IOException {
    long lines = 0;
    if (named) {
      Policies policies = new Policies();
      lines += secrets(secret -> withoutRotation(secret, policies, oldest, at, to));
      lines += secrets(secret -> forAll(secret, to));
    }
    lines +=
        keys(
            key ->
                key.expiresAt().isPresent()
                    ? 0
                    : exception(Rule.KEY_WITHOUT_EXPIRY, key, "it works for ever", to));
    lines +=
        keys(
            key ->
                key.grants().addresses().isAnywhere()
                    ? exception(Rule.KEY_WITHOUT_ADDRESSES, key, "it works from everywhere", to)
                    : 0);
    lines +=
        keys(
            key ->
                key.grants().limits().isEmpty() && key.grants().credits().isEmpty()
                    ? exception(Rule.KEY_WITHOUT_LIMITS, key, "it has no limit of its own", to)
                    : 0);
    boolean seesAll =
        context.scopes().covers(Scopes.SECRETS_MANAGE)
            && context.environments().size() == Environment.values().length;
    return named && seesAll ? lines + plan(to) : lines;
  }

  private static long exception(Rule rule, ApiKey key, String why, ComplianceReport.Sink to)
      throws IOException {
    to.line(
        new PolicyException(rule, "api_key", key.id().value(), key.name(), Optional.empty(), why));
    return 1;
  }

  private static long exception(Rule rule, Secret secret, String why, ComplianceReport.Sink to)
      throws IOException {
    to.line(
        new PolicyException(
            rule,
            "secret",
            secret.id().value(),
            secret.ref().project() + "/" + secret.ref().name(),
            Optional.of(secret.ref().environment()),
            why));
    return 1;
  }

  private long withoutRotation(
      Secret secret, Policies policies, Duration oldest, Instant at, ComplianceReport.Sink to)
      throws IOException {
    if (secret.currentVersion() == 0
        || secret.createdAt().plus(oldest).isAfter(at)
        || policies.has(secret)) {
      return 0;
    }
    Instant since =
        stores.secrets().versions(context, secret.id()).stream()
            .filter(version -> version.number() == secret.currentVersion())
            .map(SecretVersion::createdAt)
            .findFirst()
            .orElse(secret.createdAt());
    if (since.plus(oldest).isAfter(at)) {
      return 0;
    }
    return exception(
        Rule.SECRET_WITHOUT_ROTATION,
        secret,
        "in force since " + since + ", more than " + oldest.toDays() + " days, without a policy",
        to);
  }

  /** Ids with a policy that has a time to come, which ascend as the vault's list does. */
  private final class Policies {
    private List<StoredRotation> page = List.of();
    private int at;
    private @Nullable String after;
    private boolean ended;

    boolean has(Secret secret) {
      String id = secret.id().value();
      while (true) {
        if (at == page.size()) {
          if (ended) {
            return false;
          }
          page = stores.rotations().list(context, EVER, after, PAGE);
          at = 0;
          ended = page.size() < PAGE;
          if (page.isEmpty()) {
            return false;
          }
          after = page.get(page.size() - 1).secret().value();
        }
        int order = page.get(at).secret().value().compareTo(id);
        if (order >= 0) {
          return order == 0;
        }
        at++;
      }
    }
  }

  private static long forAll(Secret secret, ComplianceReport.Sink to) throws IOException {
    // A LiveKit server is for every participant: the library puts it so.
    if (secret.ref().environment() != Environment.PRODUCTION
        || !FOR_ALL.contains(secret.access())
        || secret.ref().project().equals(LibraryProjects.LIVEKIT)) {
      return 0;
    }
    return exception(
        Rule.PRODUCTION_SECRET_FOR_ALL,
        secret,
        "its level is " + secret.access().name() + ", owned by " + secret.owner().id(),
        to);
  }

  private long plan(ComplianceReport.Sink to) throws IOException {
    String plan =
        runtime
            .coreStores()
            .organizations()
            .find(context)
            .map(found -> found.settings().plan())
            .orElse("");
    PlanLimits limits = runtime.plans().limits(plan);
    if (limits.isUnlimited()) {
      return 0;
    }
    Set<String> projects = new HashSet<>();
    Set<Environment> environments = EnumSet.noneOf(Environment.class);
    long count = 0;
    @Nullable String after = null;
    List<Secret> page;
    do {
      page = stores.secrets().listAll(context, after, PAGE);
      for (Secret secret : page) {
        after = secret.id().value();
        count++;
        if (!LibraryProjects.contains(secret.ref().project())) {
          projects.add(secret.ref().project());
          environments.add(secret.ref().environment());
        }
      }
    } while (page.size() == PAGE);
    return beyond(plan, "secrets", count, limits.secrets(), to)
        + beyond(plan, "projects", projects.size(), limits.projects(), to)
        + beyond(plan, "environments", environments.size(), limits.environments(), to);
  }

  private long beyond(String plan, String what, long there, int bound, ComplianceReport.Sink to)
      throws IOException {
    if (there <= bound) {
      return 0;
    }
    to.line(
        new PolicyException(
            Rule.PLAN_EXCEEDED,
            "organization",
            context.organization().value(),
            plan,
            Optional.empty(),
            there + " " + what + " of " + bound));
    return 1;
  }
}
