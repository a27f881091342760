package io.tenantkit.livekit.sip;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

final class DefaultLiveKitSip implements LiveKitSip {
  private static final String TRUNK = "trunk";
  private static final String RULE = "dispatch rule";
  private static final String TRUNK_ID = "sipTrunkId";
  private static final String RULE_ID = "sipDispatchRuleId";

  private final ServiceCalls calls;

  DefaultLiveKitSip(ServerCalls calls) {
    this.calls = new ServiceCalls(calls, "SIP");
  }

  @Override
  public InboundTrunk createInboundTrunk(TenantContext context, NewInboundTrunk wanted) {
    return SipJson.inbound(
        manage(
            context,
            "CreateSIPInboundTrunk",
            RequestJson.object().put("trunk", wanted.json()),
            "livekit.sip.trunk_created",
            Map.of("direction", "inbound", "name", wanted.name()),
            TRUNK));
  }

  @Override
  public InboundTrunk replaceInboundTrunk(
      TenantContext context, String trunkId, NewInboundTrunk wanted) {
    return SipJson.inbound(changeTrunk(context, "Inbound", trunkId, "replace", wanted.json()));
  }

  @Override
  public InboundTrunk updateInboundTrunk(
      TenantContext context, String trunkId, InboundTrunkChange change) {
    return SipJson.inbound(changeTrunk(context, "Inbound", trunkId, "update", change.json()));
  }

  @Override
  public InboundTrunk inboundTrunk(TenantContext context, String trunkId) {
    return SipJson.inbound(
        AnswerJson.field(
            read(context, "GetSIPInboundTrunk", about(TRUNK_ID, trunkId), TRUNK), "trunk"));
  }

  @Override
  public List<InboundTrunk> inboundTrunks(TenantContext context, TrunkFilter filter) {
    JsonNode answer = read(context, "ListSIPInboundTrunk", filter.json(), TRUNK);
    // One of those asked for that is not there is a hole in the list.
    return items(answer).map(SipJson::inbound).filter(trunk -> !trunk.id().isEmpty()).toList();
  }

  @Override
  public OutboundTrunk createOutboundTrunk(TenantContext context, NewOutboundTrunk wanted) {
    return SipJson.outbound(
        manage(
            context,
            "CreateSIPOutboundTrunk",
            RequestJson.object().put("trunk", wanted.json()),
            "livekit.sip.trunk_created",
            Map.of("direction", "outbound", "name", wanted.name()),
            TRUNK));
  }

  @Override
  public OutboundTrunk replaceOutboundTrunk(
      TenantContext context, String trunkId, NewOutboundTrunk wanted) {
    return SipJson.outbound(changeTrunk(context, "Outbound", trunkId, "replace", wanted.json()));
  }

  @Override
  public OutboundTrunk updateOutboundTrunk(
      TenantContext context, String trunkId, OutboundTrunkChange change) {
    return SipJson.outbound(changeTrunk(context, "Outbound", trunkId, "update", change.json()));
  }

  @Override
  public OutboundTrunk outboundTrunk(TenantContext context, String trunkId) {
    return SipJson.outbound(
        AnswerJson.field(
            read(context, "GetSIPOutboundTrunk", about(TRUNK_ID, trunkId), TRUNK), "trunk"));
  }

  @Override
  public List<OutboundTrunk> outboundTrunks(TenantContext context, TrunkFilter filter) {
    JsonNode answer = read(context, "ListSIPOutboundTrunk", filter.json(), TRUNK);
    return items(answer).map(SipJson::outbound).filter(trunk -> !trunk.id().isEmpty()).toList();
  }

  private JsonNode changeTrunk(
      TenantContext context, String direction, String trunkId, String how, RequestJson changed) {
    return manage(
        context,
        "UpdateSIP" + direction + "Trunk",
        about(TRUNK_ID, trunkId).put(how, changed),
        "livekit.sip.trunk_updated",
        Map.of("trunk", trunkId),
        TRUNK);
  }

  @Override
  public void deleteTrunk(TenantContext context, String trunkId) {
    manage(
        context,
        "DeleteSIPTrunk",
        about(TRUNK_ID, trunkId),
        "livekit.sip.trunk_deleted",
        Map.of("trunk", trunkId),
        TRUNK);
  }

  @Override
  public DispatchRule createDispatchRule(TenantContext context, NewDispatchRule wanted) {
    return SipJson.rule(
        manage(
            context,
            "CreateSIPDispatchRule",
            RequestJson.object().put("dispatchRule", wanted.json()),
            "livekit.sip.rule_created",
            Map.of("name", wanted.name(), "room", wanted.target().room()),
            RULE));
  }

  @Override
  public DispatchRule replaceDispatchRule(
      TenantContext context, String ruleId, NewDispatchRule wanted) {
    return changeRule(context, ruleId, "replace", wanted.json());
  }

  @Override
  public DispatchRule updateDispatchRule(
      TenantContext context, String ruleId, DispatchRuleChange change) {
    return changeRule(context, ruleId, "update", change.json());
  }

  private DispatchRule changeRule(
      TenantContext context, String ruleId, String how, RequestJson changed) {
    return SipJson.rule(
        manage(
            context,
            "UpdateSIPDispatchRule",
            about(RULE_ID, ruleId).put(how, changed),
            "livekit.sip.rule_updated",
            Map.of("rule", ruleId),
            RULE));
  }

  @Override
  public List<DispatchRule> dispatchRules(TenantContext context, RuleFilter filter) {
    JsonNode answer = read(context, "ListSIPDispatchRule", filter.json(), RULE);
    return items(answer).map(SipJson::rule).filter(rule -> !rule.id().isEmpty()).toList();
  }

  @Override
  public void deleteDispatchRule(TenantContext context, String ruleId) {
    manage(
        context,
        "DeleteSIPDispatchRule",
        about(RULE_ID, ruleId),
        "livekit.sip.rule_deleted",
        Map.of("rule", ruleId),
        RULE);
  }

  @Override
  public SipParticipant createParticipant(TenantContext context, NewSipParticipant wanted) {
    context.require(Scopes.LIVEKIT_ADMIN);
    Purpose purpose =
        new Purpose(
            "livekit.sip.called",
            "call somebody into a LiveKit room",
            Map.of("room", wanted.room(), "to", SipBounds.masked(wanted.to())));
    return SipJson.participant(
        calls.call(
            context,
            "CreateSIPParticipant",
            ApiToken.of(ServiceCalls.CALLER).grant(ServiceGrant.SIP_CALL),
            wanted.json(),
            purpose,
            TRUNK,
            Optional.of(wanted.patience())));
  }

  @Override
  public void transferParticipant(TenantContext context, SipTransfer transfer) {
    context.require(Scopes.LIVEKIT_ADMIN);
    Purpose purpose =
        new Purpose(
            "livekit.sip.transferred",
            "transfer a call of a LiveKit room",
            Map.of("room", transfer.room(), "to", SipBounds.masked(transfer.to())));
    calls.call(
        context,
        "TransferSIPParticipant",
        ApiToken.inRoom(transfer.room(), ServiceCalls.CALLER)
            .grant(VideoPermission.ROOM_ADMIN)
            .grant(ServiceGrant.SIP_CALL),
        transfer.json(),
        purpose,
        "participant",
        Optional.of(transfer.patience()));
  }

  private static Stream<JsonNode> items(JsonNode answer) {
    return AnswerJson.list(AnswerJson.field(answer, "items"), item -> item).stream();
  }

  private static RequestJson about(String name, String id) {
    return RequestJson.object().text(name, RequestTexts.name(name, id, SipBounds.MAX_NAME));
  }

  private JsonNode read(TenantContext context, String method, RequestJson request, String sought) {
    context.require(Scopes.LIVEKIT_READ);
    Purpose purpose = new Purpose("livekit.sip.listed", "see LiveKit telephony", Map.of());
    return admin(context, method, request, purpose, sought);
  }

  private JsonNode manage(
      TenantContext context,
      String method,
      RequestJson request,
      String action,
      Map<String, String> about,
      String sought) {
    context.require(Scopes.LIVEKIT_ADMIN);
    return admin(
        context, method, request, new Purpose(action, "manage LiveKit telephony", about), sought);
  }

  private JsonNode admin(
      TenantContext context, String method, RequestJson request, Purpose purpose, String sought) {
    ApiToken token = ApiToken.of(ServiceCalls.CALLER).grant(ServiceGrant.SIP_ADMIN);
    return calls.call(context, method, token, request, purpose, sought);
  }
}
