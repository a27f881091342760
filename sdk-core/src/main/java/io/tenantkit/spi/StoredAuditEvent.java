package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

  /** What most rows have room in. */
  private static final int TEXT_ROOM = 384;

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
    return ChainHash.of(digest().digest(utf8(GENESIS + organization)));
  }

  /** The link that this row must have as the one with this number, after that link. */
  public ChainHash hashAfter(ChainHash previous, long number) {
    return ChainHash.of(link(digest(), previous.bytes(), text(number)));
  }

  /**
   * The link that a row with this {@link #text} has after that link: 32 bytes each.
   *
   * @param digest one that {@link #digest} made, used again and again by one thread at a time
   */
  public static byte[] link(MessageDigest digest, byte[] previous, byte[] text) {
    digest.update(previous);
    return digest.digest(text);
  }

  /** A digest of the chain's kind. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
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
    return micros(at);
  }

  private static long micros(Instant at) {
    return Math.addExact(
        Math.multiplyExact(at.getEpochSecond(), MICROS), at.getNano() / (1_000_000_000 / MICROS));
  }

  /** What the chain hashes of this row as the one with this number. {@link #ofText} reads it. */
  public byte[] text(long number) {
    return head(number, at, organization, id, actorKind, actorId, action, targetType, targetId)
        .field(details)
        .toBytes();
  }

  /** The {@link #text(long)} of the row that {@link #of(AuditEvent)} makes of this event. */
  public static byte[] text(AuditEvent event, long number) {
    return head(
            number,
            event.at(),
            event.organization().value(),
            event.id(),
            event.actor().kind().name(),
            event.actor().id(),
            event.action(),
            event.targetType(),
            event.targetId())
        .jsonField(event.details())
        .toBytes();
  }

  /** All but the details. */
  private static ByteText head(long number, Instant at, String... fields) {
    ByteText text = new ByteText(TEXT_ROOM);
    text.number(number).put(':').number(micros(at)).put(':');
    for (String field : fields) {
      text.field(field);
    }
    return text;
  }

  /** The row with this {@link #text} and link. */
  public static StoredAuditEvent ofText(byte[] text, ChainHash hash) {
    Reader reader = new Reader(text);
    long seq = Long.parseLong(reader.upToColon());
    long micros = Long.parseLong(reader.upToColon());
    return new StoredAuditEvent(
        reader.field(),
        reader.field(),
        Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
        reader.field(),
        reader.field(),
        reader.field(),
        reader.field(),
        reader.field(),
        reader.field(),
        seq,
        Optional.of(hash));
  }

  /** Reads the parts of a text one after the other. */
  private static final class Reader {
    private final byte[] text;
    private int at;

    Reader(byte[] text) {
      this.text = text;
    }

    String upToColon() {
      int from = at;
      while (text[at] != ':') {
        at++;
      }
      return new String(text, from, at++ - from, StandardCharsets.US_ASCII);
    }

    String field() {
      int length = Integer.parseInt(upToColon());
      at += length;
      return new String(text, at - length, length, StandardCharsets.UTF_8);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
