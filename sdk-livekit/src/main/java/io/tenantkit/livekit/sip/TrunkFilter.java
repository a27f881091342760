package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Collection;
import java.util.List;

/**
 * Which trunks to list. Immutable.
 *
 * @param ids only these
 * @param numbers only those with one of these numbers, or with any
 */
public record TrunkFilter(List<String> ids, List<String> numbers) {
  /** Checks the bounds. */
  public TrunkFilter {
    ids = SipBounds.list("ids", ids);
    numbers = SipBounds.list("numbers", numbers);
  }

  /** All. */
  public static TrunkFilter all() {
    return new TrunkFilter(List.of(), List.of());
  }

  /** Only these, at most 1,000. */
  public TrunkFilter ids(Collection<String> wanted) {
    return new TrunkFilter(List.copyOf(wanted), numbers);
  }

  /** Only those with one of these numbers, at most 1,000, or with any. */
  public TrunkFilter numbers(Collection<String> wanted) {
    return new TrunkFilter(ids, List.copyOf(wanted));
  }

  RequestJson json() {
    return RequestJson.object().list("trunkIds", ids).list("numbers", numbers);
  }

  /** The ids; no numbers. */
  @Override
  public String toString() {
    return "TrunkFilter" + ids;
  }
}
