package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainHash;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;

/**
 * A row of the audit trail exactly as it is stored, so that one that somebody changed can still be
 * read and found to be wrong. Immutable.
 *
 * <p><b>The chain</b>, the same on every storage:
 *
 * <pre>
 *   hash(seq)  = SHA-256( hash(seq - 1) | UTF-8(text) )
 *   hash(0)    = SHA-256( UTF-8("tenantkit/audit/v1/" organization) )
 *   text       = seq ":" microseconds ":" field(organization) field(id) field(actor kind)
 *                field(actor id) field(action) field(target type) field(target id) field(details)
 *   field(x)   = length of x in UTF-8 bytes ":" x
 * </pre>
 *
 * <p>Numbers are decimal. The microseconds are those since 1970-01-01T00:00Z. The lengths make the
 * text injective: no two rows have one text. Details are the JSON text that the storage keeps:
 * PostgreSQL's own form of a {@code jsonb}, elsewhere the text that was written.
 *
 * @param organization whose trail
 * @param id unique in the organization
 * @param at when, microsecond precision
 * @param actorKind a name of {@link io.tenantkit.tenant.Actor.Kind}
 * @param actorId who
 * @param action what
 * @param targetType the kind of thing acted on
 * @param targetId its id
 * @param details a JSON object
 * @param seq its number in the chain; zero and below for rows from before the chain
 * @param hash its link; empty for rows from before the chain
 */
public record StoredAuditEvent(
    String organization,
    String id,
    Instant at,
    String actorKind,
    String actorId,
    String action,
    String targetType,
    String targetId,
    String details,
    long seq,
    Optional<ChainHash> hash) {
  private static final String GENESIS = "tenantkit/audit/v1/";
  private static final long MICROS = 1_000_000;

  /** The row of an event, with its details as this JSON text, not yet in the chain. */
  public static StoredAuditEvent of(AuditEvent event, String details) {
    return new StoredAuditEvent(
        event.organization().value(),
        event.id(),
        event.at(),
        event.actor().kind().name(),
        event.actor().id(),
        event.action(),
        event.targetType(),
        event.targetId(),
        details,
        0,
        Optional.empty());
  }

  /** The row of an event, with its details as {@link JsonText} writes them. */
  public static StoredAuditEvent of(AuditEvent event) {
    return of(event, JsonText.object(event.details()));
  }

  /** What the first row of an organization's chain follows. */
  public static ChainHash genesis(String organization) {
    return ChainHash.of(sha256().digest(utf8(GENESIS + organization)));
  }

  /** The link that this row must have as the one with this number, after that link. */
  public ChainHash hashAfter(ChainHash previous, long number) {
    MessageDigest digest = sha256();
    digest.update(previous.bytes());
    digest.update(text(number));
    return ChainHash.of(digest.digest());
  }

  /** The same row at its place in the chain. */
  public StoredAuditEvent chained(ChainHash previous, long number) {
    return new StoredAuditEvent(
        organization,
        id,
        at,
        actorKind,
        actorId,
        action,
        targetType,
        targetId,
        details,
        number,
        Optional.of(hashAfter(previous, number)));
  }

  /** Microseconds since 1970-01-01T00:00Z. */
  public long micros() {
    return Math.addExact(
        Math.multiplyExact(at.getEpochSecond(), MICROS), at.getNano() / (1_000_000_000 / MICROS));
  }

  private byte[] text(long number) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(256);
    text.writeBytes(utf8(number + ":" + micros() + ":"));
    for (String field :
        new String[] {
          organization, id, actorKind, actorId, action, targetType, targetId, details
        }) {
      byte[] bytes = utf8(field);
      text.writeBytes(utf8(bytes.length + ":"));
      text.writeBytes(bytes);
    }
    return text.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
