package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.spi.LibraryProjects;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookId;
import io.tenantkit.vault.webhook.Webhooks;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Webhook endpoints without their keys, which are secrets and come behind. An endpoint is restored
 * switched off and at the end of the trail: what is restored for a rehearsal must tell no receiver
 * of it, and what happened before it was here is not told again.
 */
final class WebhooksPart implements BackupPart {
  private static final String KIND = "webhook";
  private static final int MAX_URL = 2_048;
  private static final int MAX_DESCRIPTION = 255;

  private final List<Incoming> incoming = new ArrayList<>();

  private record Incoming(
      WebhookId from, WebhookEndpoint endpoint, Optional<WebhookEndpoint> there) {

    boolean isSame() {
      return there
          .filter(
              other ->
                  other.url().equals(endpoint.url())
                      && other.description().equals(endpoint.description())
                      && other.events().equals(endpoint.events()))
          .isPresent();
    }

    SecretRef place() {
      return SecretRef.of(LibraryProjects.WEBHOOKS, Environment.PRODUCTION, endpoint.id().value());
    }
  }

  @Override
  public Set<String> kinds() {
    return Set.of(KIND);
  }

  /** Their keys are in production, whatever their events are of. */
  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    if (!run.context.environments().contains(Environment.PRODUCTION)) {
      return;
    }
    WebhookStore store = run.stores.webhooks();
    @Nullable String after = null;
    List<WebhookEndpoint> page;
    do {
      page = store.list(run.context, after, Webhooks.MAX_ENDPOINTS);
      for (WebhookEndpoint endpoint : page) {
        run.context.require(Scopes.WEBHOOKS_MANAGE);
        out.write(json(endpoint));
        run.webhooks++;
        after = endpoint.id().value();
      }
    } while (page.size() == Webhooks.MAX_ENDPOINTS);
  }

  private static ObjectNode json(WebhookEndpoint endpoint) {
    ObjectNode json =
        RecordWriter.record(KIND)
            .put("id", endpoint.id().value())
            .put("url", endpoint.url())
            .put("description", endpoint.description())
            .put("createdBy", endpoint.createdBy())
            .put("createdAt", endpoint.createdAt().toString());
    endpoint.events().patterns().forEach(json.putArray("events")::add);
    endpoint
        .secretOverlapUntil()
        .ifPresent(time -> json.put("secretOverlapUntil", time.toString()));
    return json;
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) {
    run.context.require(Scopes.WEBHOOKS_MANAGE);
    run.context.require(Environment.PRODUCTION);
    Members members = new Members(record.json());
    OrganizationId from = run.from.orElseThrow(Rejected::content);
    OrganizationId into = run.context.organization();
    WebhookId id = new WebhookId(members.text("id"));
    Instant now = run.runtime.now();
    WebhookEndpoint endpoint =
        new WebhookEndpoint(
            new WebhookId(RestoredIds.of(from, into, "whk", id.value())),
            into,
            members.shortText("url", MAX_URL),
            members.shortText("description", MAX_DESCRIPTION),
            new EventFilter(members.texts("events")),
            false,
            1,
            members.optionalTime("secretOverlapUntil"),
            members.shortText("createdBy", 255),
            members.time("createdAt"),
            now,
            new Delivery(0, 0, now, ""));
    members.requireNoMore();
    Incoming one =
        new Incoming(id, endpoint, run.stores.webhooks().find(run.context, endpoint.id()));
    if (incoming.stream().anyMatch(other -> other.endpoint().id().equals(endpoint.id()))) {
      throw Rejected.content();
    }
    if (one.there().isPresent() && !one.isSame()) {
      if (!run.skips()) {
        throw new ConflictException("a webhook of this id exists, and is not the same");
      }
    } else {
      run.places.map(
          LibraryProjects.WEBHOOKS, Environment.PRODUCTION, id.value(), endpoint.id().value());
    }
    incoming.add(one);
  }

  /** The keys are there by now, and so is what the restore itself wrote into the trail. */
  @Override
  public void last(RestoreRun run) {
    List<WebhookEndpoint> missing = new ArrayList<>();
    for (Incoming one : incoming) {
      Outcome outcome = outcome(run, one);
      if (outcome == Outcome.CREATED) {
        missing.add(one.endpoint());
      }
      run.webhooks.add(
          new RestoreReport.RestoredWebhook(
              one.endpoint().url(), one.from(), one.endpoint().id(), outcome));
    }
    if (missing.isEmpty()) {
      return;
    }
    int there = run.stores.webhooks().list(run.context, null, Webhooks.MAX_ENDPOINTS).size();
    if (there + missing.size() > Webhooks.MAX_ENDPOINTS) {
      throw new ConflictException(
          "the organization would have more than " + Webhooks.MAX_ENDPOINTS + " webhooks");
    }
    if (run.writing) {
      missing.forEach(endpoint -> create(run, endpoint));
    }
  }

  private static Outcome outcome(RestoreRun run, Incoming one) {
    if (one.there().isPresent()) {
      return one.isSame() ? Outcome.UNCHANGED : Outcome.SKIPPED;
    }
    return run.places.isRestored(one.place()) ? Outcome.CREATED : Outcome.LEFT_OUT;
  }

  private static void create(RestoreRun run, WebhookEndpoint wanted) {
    Instant now = run.runtime.now();
    long head = run.runtime.coreStores().audit().head(run.context).map(AuditHead::seq).orElse(0L);
    WebhookEndpoint endpoint =
        new WebhookEndpoint(
            wanted.id(),
            wanted.organization(),
            wanted.url(),
            wanted.description(),
            wanted.events(),
            false,
            1,
            wanted.secretOverlapUntil(),
            wanted.createdBy(),
            wanted.createdAt(),
            now,
            new Delivery(head, 0, now, ""));
    AuditEvent event =
        run.runtime
            .event(run.context, now, "webhook.restored", "webhook", endpoint.id().value())
            .with(Map.of("backup", run.fileId));
    if (!run.stores.webhooks().create(run.context, endpoint, Webhooks.MAX_ENDPOINTS, event)) {
      throw ConflictException.stale("webhook");
    }
  }
}
