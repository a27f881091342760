package io.tenantkit.livekit.sip;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Trunks of one direction: the server has the same calls for both, under names of their own.
 *
 * @param <T> how such a trunk is told
 */
final class SipTrunks<T> {
  static final String TRUNK = "trunk";
  static final String ID = "sipTrunkId";

  private final SipCalls calls;
  private final String direction;
  private final Function<JsonNode, T> told;
  private final Function<T, String> id;

  private SipTrunks(
      SipCalls calls, String direction, Function<JsonNode, T> told, Function<T, String> id) {
    this.calls = calls;
    this.direction = direction;
    this.told = told;
    this.id = id;
  }

  static SipTrunks<InboundTrunk> inbound(SipCalls calls) {
    return new SipTrunks<>(calls, "Inbound", SipJson::inbound, InboundTrunk::id);
  }

  static SipTrunks<OutboundTrunk> outbound(SipCalls calls) {
    return new SipTrunks<>(calls, "Outbound", SipJson::outbound, OutboundTrunk::id);
  }

  T create(TenantContext context, String name, RequestJson wanted) {
    return told.apply(
        calls.manage(
            context,
            method("Create"),
            RequestJson.object().put("trunk", wanted),
            "livekit.sip.trunk_created",
            Map.of("direction", direction.toLowerCase(Locale.ROOT), "name", name),
            TRUNK));
  }

  T replace(TenantContext context, String trunkId, RequestJson wanted) {
    return change(context, trunkId, "replace", wanted);
  }

  T update(TenantContext context, String trunkId, RequestJson change) {
    return change(context, trunkId, "update", change);
  }

  private T change(TenantContext context, String trunkId, String how, RequestJson changed) {
    return told.apply(
        calls.manage(
            context,
            method("Update"),
            SipCalls.about(ID, trunkId).put(how, changed),
            "livekit.sip.trunk_updated",
            Map.of("trunk", trunkId),
            TRUNK));
  }

  T get(TenantContext context, String trunkId) {
    RequestJson request = SipCalls.about(ID, trunkId);
    return told.apply(
        AnswerJson.field(calls.read(context, method("Get"), request, TRUNK), "trunk"));
  }

  List<T> list(TenantContext context, TrunkFilter filter) {
    JsonNode answer = calls.read(context, method("List"), filter.json(), TRUNK);
    // One of those asked for that is not there is a hole in the list.
    return SipCalls.items(answer).map(told).filter(trunk -> !id.apply(trunk).isEmpty()).toList();
  }

  private String method(String what) {
    return what + "SIP" + direction + "Trunk";
  }
}
