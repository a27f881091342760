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
    return ChainHash.of(link(previous.bytes(), text(number)));
  }

  /** The link that a row with this {@link #text} has after that link: 32 bytes each. */
  public static byte[] link(byte[] previous, byte[] text) {
    MessageDigest digest = sha256();
    digest.update(previous);
    digest.update(text);
    return digest.digest();
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

  /** What the chain hashes of this row as the one with this number. {@link #ofText} reads it. */
  public byte[] text(long number) {
    StringBuilder text = new StringBuilder(320);
    text.append(number).append(':').append(micros()).append(':');
    for (String field :
        new String[] {
          organization, id, actorKind, actorId, action, targetType, targetId, details
        }) {
      text.append(utf8Length(field)).append(':').append(field);
    }
    return utf8(text.toString());
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

  /** How many bytes {@link #utf8} makes of it, which for ASCII needs no copy. */
  private static int utf8Length(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > '~') {
        return utf8(text).length;
      }
    }
    return text.length();
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
