package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where something goes, and how it is encoded. Immutable.
 *
 * @param outputs one to 8 to be started with
 * @param encoding how; {@link EncodingPreset#H264_720P_30} when empty
 * @param webhooks who is told of it beside the server's own webhooks, at most 4
 */
public record EgressDelivery(
    List<EgressOutput> outputs, Optional<EgressEncoding> encoding, List<EgressWebhook> webhooks) {
  /** The most outputs. */
  public static final int MAX_OUTPUTS = 8;

  /** The most webhooks. */
  public static final int MAX_WEBHOOKS = 4;

  static final EgressDelivery NONE = new EgressDelivery(List.of(), Optional.empty(), List.of());

  /** Checks the bounds and copies the lists. */
  public EgressDelivery {
    outputs = List.copyOf(outputs);
    webhooks = List.copyOf(webhooks);
    Objects.requireNonNull(encoding, "encoding");
    if (outputs.size() > MAX_OUTPUTS) {
      throw new InvalidInputException("outputs", "1 to " + MAX_OUTPUTS);
    }
    if (webhooks.size() > MAX_WEBHOOKS) {
      throw new InvalidInputException("webhooks", "at most " + MAX_WEBHOOKS);
    }
  }

  EgressDelivery to(List<EgressOutput> more) {
    List<EgressOutput> all = new ArrayList<>(outputs);
    all.addAll(more);
    return new EgressDelivery(all, encoding, webhooks);
  }

  EgressDelivery encoded(EgressEncoding wanted) {
    return new EgressDelivery(outputs, Optional.of(wanted), webhooks);
  }

  EgressDelivery telling(List<EgressWebhook> wanted) {
    return new EgressDelivery(outputs, encoding, wanted);
  }

  /** Before it is sent: nothing may be lost for want of a place to go. */
  void requireOutputs() {
    if (outputs.isEmpty()) {
      throw new InvalidInputException("outputs", "1 to " + MAX_OUTPUTS);
    }
  }
}
