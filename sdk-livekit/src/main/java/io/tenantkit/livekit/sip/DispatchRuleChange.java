package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What shall be otherwise of a rule; what is not said stays. Immutable.
 *
 * @param name another name, 1 to 256 bytes
 * @param target into another room
 * @param trunkIds for other trunks
 * @param metadata another text on the participants, at most 64 KiB
 * @param attributes attributes to set
 * @param encryption whether media are encrypted
 */
public record DispatchRuleChange(
    Optional<String> name,
    Optional<DispatchTarget> target,
    Optional<ListChange> trunkIds,
    Optional<String> metadata,
    Map<String, String> attributes,
    Optional<SipEncryption> encryption) {
  /** Checks the bounds. */
  public DispatchRuleChange {
    RequestTexts.name("name", name, SipBounds.MAX_NAME);
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(trunkIds, "trunkIds");
    RequestTexts.data("metadata", metadata, SipBounds.MAX_METADATA);
    attributes = RequestTexts.texts("attributes", attributes, 64, 1_024);
    encryption.ifPresent(SipJson::known);
  }

  /** Nothing, to begin with. */
  public static DispatchRuleChange none() {
    return new DispatchRuleChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  /** Called so. */
  public DispatchRuleChange name(String wanted) {
    return new DispatchRuleChange(
        Optional.of(wanted), target, trunkIds, metadata, attributes, encryption);
  }

  /** Into another room. */
  public DispatchRuleChange target(DispatchTarget wanted) {
    return new DispatchRuleChange(
        name, Optional.of(wanted), trunkIds, metadata, attributes, encryption);
  }

  /** For other trunks. */
  public DispatchRuleChange trunks(ListChange wanted) {
    return new DispatchRuleChange(
        name, target, Optional.of(wanted), metadata, attributes, encryption);
  }

  /** With this text on the participants. */
  public DispatchRuleChange metadata(String wanted) {
    return new DispatchRuleChange(
        name, target, trunkIds, Optional.of(wanted), attributes, encryption);
  }

  /** With these attributes set. */
  public DispatchRuleChange attributes(Map<String, String> wanted) {
    return new DispatchRuleChange(name, target, trunkIds, metadata, wanted, encryption);
  }

  RequestJson json() {
    RequestJson json =
        RequestJson.object()
            .text("name", name)
            .text("metadata", metadata)
            .texts("attributes", attributes)
            .text("mediaEncryption", encryption.map(SipJson::word));
    target.ifPresent(rule -> json.put("rule", rule.json()));
    trunkIds.ifPresent(change -> json.put("trunkIds", change.json()));
    return json;
  }

  /** Name and target; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "DispatchRuleChange[" + name.orElse("") + ", " + target + "]";
  }
}
