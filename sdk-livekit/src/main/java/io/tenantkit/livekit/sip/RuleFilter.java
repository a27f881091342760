package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Collection;
import java.util.List;

/**
 * Which rules to list. Immutable.
 *
 * @param ids only these
 * @param trunkIds only those for one of these trunks, or for all
 */
public record RuleFilter(List<String> ids, List<String> trunkIds) {
  /** Checks the bounds. */
  public RuleFilter {
    ids = SipBounds.list("ids", ids);
    trunkIds = SipBounds.list("trunkIds", trunkIds);
  }

  /** All. */
  public static RuleFilter all() {
    return new RuleFilter(List.of(), List.of());
  }

  /** Only these, at most 1,000. */
  public RuleFilter ids(Collection<String> wanted) {
    return new RuleFilter(List.copyOf(wanted), trunkIds);
  }

  /** Only those for one of these trunks, at most 1,000, or for all. */
  public RuleFilter trunks(Collection<String> wanted) {
    return new RuleFilter(ids, List.copyOf(wanted));
  }

  RequestJson json() {
    return RequestJson.object().list("dispatchRuleIds", ids).list("trunkIds", trunkIds);
  }
}
