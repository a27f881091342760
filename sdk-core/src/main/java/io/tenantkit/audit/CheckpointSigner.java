package io.tenantkit.audit;

import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Signs heads that moved. What came since the last signature is verified first: a chain that was
 * tampered with is reported, not signed. Several nodes may do so at once; the storage takes one
 * signature of each head, and only the node that gave it tells the host.
 */
final class CheckpointSigner {
  private static final int PAGE = 1_000;
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.audit");

  private final PlaneRuntime runtime;
  private final AuditCheckpointStore store;
  private final AuditKeys keys;
  private final ChainVerifier verifier;

  CheckpointSigner(PlaneRuntime runtime, AuditKeys keys, ChainVerifier verifier) {
    this.runtime = runtime;
    this.store = runtime.coreStores().auditCheckpoints();
    this.keys = keys;
    this.verifier = verifier;
  }

  /** Signs every head that moved. One that cannot be signed does not hide the others. */
  void signDue(Instant now) {
    keys.rewrap();
    EachOrganization each = new EachOrganization();
    @Nullable OrganizationId after = null;
    List<OrganizationId> page;
    do {
      page = store.unsigned(after, PAGE);
      for (OrganizationId organization : page) {
        after = organization;
        each.attempt(() -> sign(organization, now));
      }
    } while (page.size() == PAGE);
    each.end();
  }

  /** Signs one organization's head, unless it is signed already; its newest checkpoint. */
  Optional<AuditCheckpoint> sign(OrganizationId organization, Instant now) {
    TenantContext context = TenantContext.trusted(organization, ACTOR);
    ChainVerification found = verifier.verifyUnsigned(context);
    if (found instanceof Intact intact && intact.events() > 0) {
      Instant at = now.truncatedTo(ChronoUnit.MICROS);
      AuditCheckpoint head =
          keys.sign(organization, AuditCheckpoint.Kind.HEAD, intact.seq(), intact.hash(), at);
      if (store.insert(context, head)) {
        publish(EventType.AUDIT_CHECKPOINT, at, organization, Map.of("checkpoint", head.text()));
      }
    } else if (found instanceof Broken broken) {
      publish(
          EventType.AUDIT_CHAIN_BROKEN,
          now.truncatedTo(ChronoUnit.MICROS),
          organization,
          Map.of("kind", broken.kind().name(), "seq", Long.toString(broken.seq())));
      return Optional.empty();
    }
    // Whoever was faster with this head need not have been one of us.
    return store.newest(context, AuditCheckpoint.Kind.HEAD).filter(keys::isGenuine);
  }

  private void publish(
      EventType type, Instant at, OrganizationId organization, Map<String, String> details) {
    runtime.events().publish(Event.of(type, at, organization, organization.value(), details));
  }
}
