package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The signed record that keys were destroyed for ever: of a whole organization, or of one secret.
 * It holds names and ids, and nothing of what was erased; whoever knows the installation's public
 * key verifies it with {@link #isSigned()} alone. Immutable.
 *
 * @param id of the erasure
 * @param organization whose
 * @param secret which secret; empty when the whole organization was erased
 * @param at when, microsecond precision
 * @param actor by whom
 * @param reason why
 * @param keys the organization's keys that were destroyed or, of a secret, had wrapped its data
 *     keys
 * @param masterKeyIds every master key in use at that time: as long as one of them exists, a backup
 *     that it opens may hold what was erased
 * @param publicKey the Ed25519 key that signed, X.509 in Base64
 * @param endorsement the private key's record under a master key, by which an installation knows
 *     its own, in Base64
 * @param signature Ed25519 over {@link #signedText()}, in Base64
 */
public record Erasure(
    String id,
    OrganizationId organization,
    Optional<SecretId> secret,
    Instant at,
    Actor actor,
    String reason,
    List<ErasedKey> keys,
    List<String> masterKeyIds,
    String publicKey,
    String endorsement,
    String signature) {
  private static final String FORMAT = "tenantkit-erasure-v1";
  private static final int PARTS = 13;
  private static final String NONE = "-";

  /**
   * A key that was destroyed.
   *
   * @param keyId the organization's key
   * @param masterKeyId the master key that wrapped it
   */
  public record ErasedKey(String keyId, String masterKeyId) {}

  public Erasure {
    keys = List.copyOf(keys);
    masterKeyIds = List.copyOf(masterKeyIds);
  }

  /** What the signature is over: all parts but itself, in one line of ASCII. */
  public String signedText() {
    return String.join(
        " ",
        FORMAT,
        encoded(id),
        organization.value(),
        secret.map(each -> encoded(each.value())).orElse(NONE),
        at.toString(),
        actor.kind().name(),
        encoded(actor.id()),
        encoded(reason),
        keys.isEmpty()
            ? NONE
            : keys.stream()
                .map(key -> encoded(key.keyId()) + '@' + encoded(key.masterKeyId()))
                .collect(Collectors.joining(",")),
        masterKeyIds.isEmpty()
            ? NONE
            : masterKeyIds.stream().map(Erasure::encoded).collect(Collectors.joining(",")),
        publicKey,
        endorsement);
  }

  /** The whole record in one line of ASCII, which {@link #parse} reads. */
  public String text() {
    return signedText() + ' ' + signature;
  }

  /** The same with a signature. */
  Erasure signed(String newSignature) {
    return new Erasure(
        id,
        organization,
        secret,
        at,
        actor,
        reason,
        keys,
        masterKeyIds,
        publicKey,
        endorsement,
        newSignature);
  }

  /**
   * Reads what {@link #text()} wrote; says nothing of the signature.
   *
   * @throws InvalidInputException if it is no such text
   */
  public static Erasure parse(String text) {
    String[] parts = text.strip().split(" ", -1);
    if (parts.length != PARTS || !parts[0].equals(FORMAT)) {
      throw invalid();
    }
    try {
      return new Erasure(
          decoded(parts[1]),
          OrganizationId.of(parts[2]),
          parts[3].equals(NONE) ? Optional.empty() : Optional.of(new SecretId(decoded(parts[3]))),
          Instant.parse(parts[4]),
          new Actor(Actor.Kind.valueOf(parts[5]), decoded(parts[6])),
          decoded(parts[7]),
          list(parts[8]).stream().map(Erasure::key).toList(),
          list(parts[9]).stream().map(Erasure::decoded).toList(),
          parts[10],
          parts[11],
          parts[12]);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw invalid();
    }
  }

  private static ErasedKey key(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw invalid();
    }
    return new ErasedKey(decoded(text.substring(0, at)), decoded(text.substring(at + 1)));
  }

  private static List<String> list(String text) {
    return text.equals(NONE) ? List.of() : List.of(text.split(",", -1));
  }

  private static InvalidInputException invalid() {
    return new InvalidInputException("erasure", "the text of an erasure record");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Whether the signature is that of the record's own public key, whosever that is. */
  public boolean isSigned() {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(publicKey))));
      verifier.update(signedText().getBytes(StandardCharsets.US_ASCII));
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }
}
