package io.tenantkit.audit;

import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.JsonText;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes a trail as NDJSON; {@link AuditLog#export} says what a line holds. */
final class AuditExport {
  private static final int PAGE = 1_000;

  private final AuditStore events;
  private final AuditCheckpointStore checkpoints;

  AuditExport(CoreStores stores) {
    this.events = stores.audit();
    this.checkpoints = stores.auditCheckpoints();
  }

  long write(TenantContext context, long afterSeq, long throughSeq, Appendable to)
      throws IOException {
    Optional<ChainHash> previous = Optional.empty();
    long previousSeq = Long.MIN_VALUE;
    long written = 0;
    long from = afterSeq;
    List<StoredAuditEvent> page;
    do {
      page = events.rows(context, from, PAGE);
      for (StoredAuditEvent row : page) {
        if (row.seq() > throughSeq) {
          return written;
        }
        if (row.hash().isPresent() && previousSeq != row.seq() - 1) {
          previous = before(context, row.seq());
        }
        to.append(line(row, previous.orElse(null))).append('\n');
        previous = row.hash();
        previousSeq = row.seq();
        from = row.seq();
        written++;
      }
    } while (!page.isEmpty());
    return written;
  }

  /** The link before the first row: of the row before, of the anchor, or of the beginning. */
  private Optional<ChainHash> before(TenantContext context, long seq) {
    if (seq == 1) {
      return Optional.of(StoredAuditEvent.genesis(context.organization().value()));
    }
    return events.rows(context, seq - 2, 1).stream()
        .filter(row -> row.seq() == seq - 1)
        .findFirst()
        .map(StoredAuditEvent::hash)
        .orElseGet(
            () ->
                checkpoints
                    .newest(context, AuditCheckpoint.Kind.ANCHOR)
                    .filter(anchor -> anchor.seq() == seq - 1)
                    .map(AuditCheckpoint::hash));
  }

  private static StringBuilder line(StoredAuditEvent row, @Nullable ChainHash previous) {
    StringBuilder line = new StringBuilder(512).append("{\"seq\":").append(row.seq());
    hash(line, "previous", previous);
    hash(line, "hash", row.hash().orElse(null));
    text(line, "organization", row.organization());
    text(line, "id", row.id());
    line.append(",\"micros\":").append(row.micros());
    text(line, "at", row.at().toString());
    text(line, "actor_kind", row.actorKind());
    text(line, "actor_id", row.actorId());
    text(line, "action", row.action());
    text(line, "target_type", row.targetType());
    text(line, "target_id", row.targetId());
    text(line, "details", row.details());
    return line.append('}');
  }

  private static void hash(StringBuilder line, String name, @Nullable ChainHash hash) {
    if (hash == null) {
      line.append(",\"").append(name).append("\":null");
    } else {
      text(line, name, hash.hex());
    }
  }

  private static void text(StringBuilder line, String name, String value) {
    line.append(",\"").append(name).append("\":");
    JsonText.quote(line, value);
  }
}
