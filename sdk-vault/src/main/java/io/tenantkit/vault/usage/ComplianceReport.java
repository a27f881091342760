package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.VaultStores;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells an auditor of an organization and a time: who used which secret, what was changed, which
 * secrets are overdue for rotation, what was unusual, which API keys never end, who has access to
 * which secret by its level, owner and teams, which keys and roles hold scopes for secrets, and
 * what departs from good policy. Who had access before follows from that and the changes, which
 * tell of everything that was shared and of every member that came and went. Read page by page and
 * handed on line by line, so a large organization needs no more memory than a small one. Holds
 * names, ids and numbers, never a secret.
 *
 * <p>Needs {@link Scopes#USAGE_READ} and {@link Scopes#AUDIT_READ}. Uses and findings are told of
 * the environments that the context reaches; changes as the trail has them. Secrets are named, and
 * overdue ones listed, when the context holds {@link Scopes#SECRETS_READ}. It is not a snapshot:
 * what is written while it is read may be in it or not. Safe for use by several threads; blocks on
 * the storage.
 */
public final class ComplianceReport {
  /** Takes lines. */
  @FunctionalInterface
  public interface Sink {
    /** One line. What it throws ends the report and reaches its caller. */
    void line(ReportLine line) throws IOException;
  }

  /** Of uses by upper modules the trail says the purpose; these are the vault's own. */
  private static final Set<String> USES = Set.of("secret.used", "secret.revealed");

  private static final int PAGE = 500;

  private final SecretVault vault;
  private final SecretUsageStore store;
  private final PlaneRuntime runtime;
  private final OverdueRotations rotations;
  private final VaultStores stores;
  private final Duration oldest;

  private ComplianceReport(SecretVault vault, OverdueRotations rotations, Duration oldest) {
    this.vault = vault;
    this.store = vault.uses().store();
    this.runtime = vault.runtime();
    this.rotations = rotations;
    this.oldest = oldest;
    this.stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
  }

  /** Reports on a vault's secrets; a value may be 90 days old without a policy of rotation. */
  public static ComplianceReport of(SecretVault vault, OverdueRotations rotations) {
    return new ComplianceReport(vault, rotations, Duration.ofDays(90));
  }

  /**
   * The same with another age that a value may reach without a policy of rotation.
   *
   * @param age more than zero
   */
  public ComplianceReport withoutPolicyUpTo(Duration age) {
    if (age.isZero() || age.isNegative()) {
      throw new InvalidInputException("age", "more than zero");
    }
    return new ComplianceReport(vault, rotations, age);
  }

  /**
   * Hands over all lines.
   *
   * @param from the first moment; uses count from the beginning of its day, UTC
   * @param until the moment after the last, later than {@code from}; the day it falls into counts
   * @throws IOException what the sink throws
   * @throws io.tenantkit.AccessDeniedException without the scopes
   */
  public void write(TenantContext context, Instant from, Instant until, Sink to)
      throws IOException {
    context.require(Scopes.USAGE_READ);
    context.require(Scopes.AUDIT_READ);
    if (!from.isBefore(until)) {
      throw new InvalidInputException("until", "later than from");
    }
    boolean named = context.scopes().covers(Scopes.SECRETS_READ);
    to.line(
        new ReportLine.Header(
            context.organization(),
            from,
            until,
            runtime.now(),
            List.copyOf(context.environments()),
            named));
    long accesses = accesses(context, from, until, named, to);
    long changes = changes(context, from, until, to);
    long overdue = named ? overdue(context, until, to) : 0;
    long unusual = unusual(context, from, until, to);
    long keys = keysWithoutExpiry(context, to);
    AccessReview review = new AccessReview(vault, stores, context);
    long entitled = named ? review.entitled(to) : 0;
    long granted = review.granted(to);
    long exceptions = review.exceptions(named, oldest, notAfterNow(until), to);
    to.line(
        new ReportLine.Totals(
            accesses, changes, overdue, unusual, keys, entitled, granted, exceptions));
  }

  /**
   * As {@link #write}, as one JSON object in ASCII: the header's members, one array for each kind
   * of line, and the totals; every member of a line is a text.
   */
  public void json(TenantContext context, Instant from, Instant until, Appendable to)
      throws IOException {
    ReportJson json = new ReportJson(to);
    write(context, from, until, json);
  }

  /** As {@link #write}, as text for people. */
  public void text(TenantContext context, Instant from, Instant until, Appendable to)
      throws IOException {
    write(context, from, until, new ReportText(to));
  }

  /**
   * As {@link #write}, for a small organization.
   *
   * @param most how many lines there may be
   * @throws InvalidInputException when there are more
   */
  public List<ReportLine> lines(TenantContext context, Instant from, Instant until, int most) {
    List<ReportLine> lines = new ArrayList<>();
    try {
      write(
          context,
          from,
          until,
          line -> {
            if (lines.size() == most) {
              throw new InvalidInputException("most", "no fewer than the report has lines");
            }
            lines.add(line);
          });
    } catch (IOException e) {
      throw new IllegalStateException("a list throws no such thing", e);
    }
    return List.copyOf(lines);
  }

  private long accesses(TenantContext context, Instant from, Instant until, boolean named, Sink to)
      throws IOException {
    Names names = named ? new Names(context) : null;
    @Nullable UseSubject after = null;
    long count = 0;
    List<ActorAccess> page;
    do {
      page = store.access(context, from, until, after, PAGE);
      for (ActorAccess access : page) {
        after = access.subject();
        Optional<String> name =
            names == null ? Optional.empty() : names.of(access.subject().secret());
        to.line(new ReportLine.Access(access, name));
        count++;
      }
    } while (page.size() == PAGE);
    return count;
  }

  /** Names by id, for ids that ascend as the vault's list does, of which one page is held. */
  private final class Names {
    private final TenantContext context;
    private Iterator<Secret> page = List.<Secret>of().iterator();
    private @Nullable PageRequest next = PageRequest.first(PAGE);
    private @Nullable Secret current;

    private Names(TenantContext context) {
      this.context = context;
    }

    private Optional<String> of(String id) {
      while (current == null || current.id().value().compareTo(id) < 0) {
        if (!page.hasNext() && !turn()) {
          return Optional.empty();
        }
        if (page.hasNext()) {
          current = page.next();
        }
      }
      return current.id().value().equals(id)
          ? Optional.of(current.ref().project() + "/" + current.ref().name())
          : Optional.empty();
    }

    private boolean turn() {
      if (next == null) {
        return false;
      }
      Page<Secret> turned = vault.list(context, next);
      page = turned.items().iterator();
      next = turned.next().map(PageRequest.first(PAGE)::after).orElse(null);
      return true;
    }
  }

  private long changes(TenantContext context, Instant from, Instant until, Sink to)
      throws IOException {
    long after = Long.MIN_VALUE;
    long count = 0;
    List<AuditRecord> page;
    do {
      page = runtime.coreStores().audit().records(context, after, PAGE);
      for (AuditRecord each : page) {
        after = each.seq();
        AuditEvent event = each.event();
        if (!event.at().isBefore(from) && event.at().isBefore(until) && !isUse(event)) {
          to.line(new ReportLine.Change(event, each.seq()));
          count++;
        }
      }
    } while (page.size() == PAGE);
    return count;
  }

  private static boolean isUse(AuditEvent event) {
    return USES.contains(event.action()) || event.details().containsKey("purpose");
  }

  private Instant notAfterNow(Instant until) {
    Instant now = runtime.now();
    return until.isBefore(now) ? until : now;
  }

  private long overdue(TenantContext context, Instant until, Sink to) throws IOException {
    Instant at = notAfterNow(until);
    long count = 0;
    @Nullable PageRequest next = PageRequest.first(PAGE);
    while (next != null) {
      Page<OverdueRotations.Rotation> page = rotations.overdue(context, at, next);
      for (OverdueRotations.Rotation rotation : page.items()) {
        to.line(new ReportLine.Overdue(rotation));
        count++;
      }
      next = page.next().map(PageRequest.first(PAGE)::after).orElse(null);
    }
    return count;
  }

  private long unusual(TenantContext context, Instant from, Instant until, Sink to)
      throws IOException {
    String after = Finding.day(from);
    long count = 0;
    List<Finding> page;
    do {
      page = store.findings(context, after, StoredSecretUsage.dayAfter(until), PAGE);
      for (Finding finding : page) {
        after = finding.id();
        to.line(new ReportLine.Unusual(finding));
        count++;
      }
    } while (page.size() == PAGE);
    return count;
  }

  private long keysWithoutExpiry(TenantContext context, Sink to) throws IOException {
    @Nullable String after = null;
    long count = 0;
    List<StoredApiKey> page;
    do {
      page = runtime.coreStores().apiKeys().list(context, after, PAGE);
      for (StoredApiKey each : page) {
        ApiKey key = each.key();
        after = key.id().value();
        if (key.expiresAt().isEmpty() && key.revocation().isEmpty() && key.enabled()) {
          to.line(
              new ReportLine.KeyWithoutExpiry(
                  key.id().value(), key.name(), key.createdBy(), key.createdAt()));
          count++;
        }
      }
    } while (page.size() == PAGE);
    return count;
  }
}
