package io.tenantkit.vault.webhook;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.spi.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a receiver gets of one event: names and ids, as the audit trail has them, in ASCII JSON of
 * at most {@value #MAX_LENGTH} characters.
 *
 * @param id the event's id, the same for each attempt
 * @param type the event's action
 * @param payload JSON
 */
record WebhookMessage(String id, String type, String payload) {
  static final int MAX_LENGTH = 32_768;

  /** What sending itself writes to the trail: told, each message would be the cause of the next. */
  private static final Set<String> NEVER_TOLD =
      Set.of(WebhookSecrets.SIGNED, DefaultWebhooks.DEAD_LETTER);

  private static final int ROOM_FOR_DETAILS = MAX_LENGTH - 8_192;

  static boolean isTold(AuditEvent event, EventFilter filter) {
    return !NEVER_TOLD.contains(event.action()) && filter.matches(event.action());
  }

  static WebhookMessage of(AuditRecord row) {
    AuditEvent event = row.event();
    StringBuilder json = new StringBuilder("{\"id\":");
    JsonText.quote(json, event.id());
    json.append(",\"type\":");
    JsonText.quote(json, event.action());
    json.append(",\"timestamp\":");
    JsonText.quote(json, event.at().toString());
    json.append(",\"organization\":");
    JsonText.quote(json, event.organization().value());
    Map<String, String> actor = new LinkedHashMap<>();
    actor.put("kind", event.actor().kind().name());
    actor.put("id", event.actor().id());
    json.append(",\"data\":{\"sequence\":").append(row.seq());
    json.append(",\"actor\":").append(JsonText.object(actor));
    json.append(",\"targetType\":");
    JsonText.quote(json, event.targetType());
    json.append(",\"targetId\":");
    JsonText.quote(json, event.targetId());
    String details = JsonText.object(event.details());
    json.append(",\"details\":");
    // Whole or not at all: half of the details would look like all of them.
    boolean fits = details.length() <= ROOM_FOR_DETAILS;
    json.append(fits ? details : "{}").append(",\"detailsLeftOut\":").append(!fits).append("}}");
    return new WebhookMessage(event.id(), event.action(), json.toString());
  }

  static WebhookMessage of(DeadLetter letter) {
    return new WebhookMessage(letter.messageId(), letter.type(), letter.payload());
  }

  byte[] bytes() {
    return payload.getBytes(StandardCharsets.US_ASCII);
  }
}
