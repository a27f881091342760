package io.tenantkit.vault.usage;

import io.tenantkit.event.Severity;
import io.tenantkit.tenant.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/**
 * Something unusual. There is one for each rule, secret, actor and day, whoever finds it how often:
 * its id follows from them.
 *
 * @param id the day and a hash of rule, secret and actor, for a new tool of that too; ids ascend by
 *     day
 * @param organization the tenant
 * @param subject who used what
 * @param rule why it is unusual, and with it how severe
 * @param at the hour in which it was
 * @param baseline what is usual, in the rule's words
 * @param observed what was seen
 * @param threshold from where on it is unusual
 */
public record Finding(
    String id,
    OrganizationId organization,
    UseSubject subject,
    AnomalyRule rule,
    Instant at,
    long baseline,
    long observed,
    long threshold) {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("uuuuMMdd", Locale.ROOT).withZone(ZoneOffset.UTC);

  public Finding {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(at, "at");
  }

  static Finding of(
      OrganizationId organization, UseSubject subject, Instant hour, AnomalyRules.Judgement why) {
    // Each part ends with a character that none of them holds.
    String text =
        String.join(
            "\n",
            why.rule().name(),
            subject.secret(),
            subject.actor().kind().name(),
            subject.actor().id(),
            // Whoever is new through two tools is new once.
            why.rule() == AnomalyRule.NEW_TOOL ? subject.tool() : "");
    return new Finding(
        day(hour) + "_" + hash(text),
        organization,
        subject,
        why.rule(),
        hour,
        why.baseline(),
        why.observed(),
        why.threshold());
  }

  /** How severe it is. */
  public Severity severity() {
    return rule.event().severity();
  }

  /** What ids of findings of that day begin with. */
  static String day(Instant at) {
    return DAY.format(at);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
