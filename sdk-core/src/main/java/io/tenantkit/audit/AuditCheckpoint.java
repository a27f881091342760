package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in an organization's audit chain, signed with a key that the database never sees. Kept
 * outside of the database, it proves later what the trail was up to there: a trail that was cut and
 * its head set back, or computed anew, does not agree with it. Immutable; not secret.
 *
 * <p>Its text is one line of ASCII: {@code tenantkit-audit-v1}, organization, {@code head} or
 * {@code anchor}, number, link, microseconds since 1970, number of the key, and the HMAC-SHA-256 of
 * all before it in hexadecimal, with dots between.
 *
 * @param organization whose chain
 * @param kind what it stands for
 * @param seq the event's number, 1 or above
 * @param hash the event's link
 * @param at when it was signed, microsecond precision
 * @param keyNumber which key signed, from 1
 * @param signature 64 hexadecimal digits
 */
public record AuditCheckpoint(
    OrganizationId organization,
    Kind kind,
    long seq,
    ChainHash hash,
    Instant at,
    int keyNumber,
    String signature) {
  private static final String PREFIX = "tenantkit-audit-v1";
  private static final int MAX_TEXT = 600;
  private static final Pattern TEXT =
      Pattern.compile(
          PREFIX
              + "\\.([a-z0-9][a-z0-9_-]{0,254})\\.(head|anchor)\\.([1-9][0-9]{0,18})\\.([0-9a-f]{64})"
              + "\\.(0|-?[1-9][0-9]{0,18})\\.([1-9][0-9]{0,9})\\.([0-9a-f]{64})");

  /** What a checkpoint stands for; signed with it, so that none passes for the other. */
  public enum Kind {
    /** The last event there was. */
    HEAD,
    /** The last event that was pruned: the chain goes on after it. */
    ANCHOR;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public AuditCheckpoint {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(hash, "hash");
    if (seq < 1 || keyNumber < 1 || !at.equals(at.truncatedTo(ChronoUnit.MICROS))) {
      throw invalid();
    }
    // The same bound and digits as a link.
    signature = new ChainHash(signature).hex();
  }

  /**
   * Reads the text form; nothing may stand before or behind. Whether it is genuine, {@link
   * AuditLog#verify(io.tenantkit.tenant.TenantContext, AuditCheckpoint)} tells.
   *
   * @throws InvalidInputException when it is none
   */
  public static AuditCheckpoint parse(String text) {
    Matcher parts = TEXT.matcher(text.length() > MAX_TEXT ? "" : text);
    if (!parts.matches()) {
      throw invalid();
    }
    try {
      return new AuditCheckpoint(
          OrganizationId.of(parts.group(1)),
          parts.group(2).equals("head") ? Kind.HEAD : Kind.ANCHOR,
          Long.parseLong(parts.group(3)),
          new ChainHash(parts.group(4)),
          Instant.EPOCH.plus(Long.parseLong(parts.group(5)), ChronoUnit.MICROS),
          Integer.parseInt(parts.group(6)),
          parts.group(7));
    } catch (NumberFormatException e) {
      throw invalid();
    }
  }

  /** The text form. */
  public String text() {
    return signedText(organization, kind, seq, hash, at, keyNumber) + "." + signature;
  }

  /** The bytes that are signed. */
  byte[] message() {
    return signedText(organization, kind, seq, hash, at, keyNumber)
        .getBytes(StandardCharsets.US_ASCII);
  }

  byte[] signatureBytes() {
    return HexFormat.of().parseHex(signature);
  }

  /** The text before the signature. */
  static String signedText(
      OrganizationId organization, Kind kind, long seq, ChainHash hash, Instant at, int keyNumber) {
    return String.join(
        ".",
        PREFIX,
        organization.value(),
        kind.word(),
        Long.toString(seq),
        hash.hex(),
        Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, at)),
        Integer.toString(keyNumber));
  }

  /** The text form. */
  @Override
  public String toString() {
    return text();
  }

  private static InvalidInputException invalid() {
    return new InvalidInputException("checkpoint", "the text of a checkpoint");
  }
}
