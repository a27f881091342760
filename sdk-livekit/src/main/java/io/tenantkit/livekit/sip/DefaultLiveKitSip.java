package io.tenantkit.livekit.sip;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;

final class DefaultLiveKitSip implements LiveKitSip {
  private static final String RULE = "dispatch rule";
  private static final String RULE_ID = "sipDispatchRuleId";

  private final ServiceCalls service;
  private final SipCalls calls;
  private final SipTrunks<InboundTrunk> inbound;
  private final SipTrunks<OutboundTrunk> outbound;

  DefaultLiveKitSip(ServerCalls servers) {
    this.service = new ServiceCalls(servers, "SIP");
    this.calls = new SipCalls(service);
    this.inbound = SipTrunks.inbound(calls);
    this.outbound = SipTrunks.outbound(calls);
  }

  @Override
  public InboundTrunk createInboundTrunk(TenantContext context, NewInboundTrunk wanted) {
    return inbound.create(context, wanted.name(), wanted.json());
  }

  @Override
  public InboundTrunk replaceInboundTrunk(
      TenantContext context, String trunkId, NewInboundTrunk wanted) {
    return inbound.replace(context, trunkId, wanted.json());
  }

  @Override
  public InboundTrunk updateInboundTrunk(
      TenantContext context, String trunkId, InboundTrunkChange change) {
    return inbound.update(context, trunkId, change.json());
  }

  @Override
  public InboundTrunk inboundTrunk(TenantContext context, String trunkId) {
    return inbound.get(context, trunkId);
  }

  @Override
  public List<InboundTrunk> inboundTrunks(TenantContext context, TrunkFilter filter) {
    return inbound.list(context, filter);
  }

  @Override
  public OutboundTrunk createOutboundTrunk(TenantContext context, NewOutboundTrunk wanted) {
    return outbound.create(context, wanted.name(), wanted.json());
  }

  @Override
  public OutboundTrunk replaceOutboundTrunk(
      TenantContext context, String trunkId, NewOutboundTrunk wanted) {
    return outbound.replace(context, trunkId, wanted.json());
  }

  @Override
  public OutboundTrunk updateOutboundTrunk(
      TenantContext context, String trunkId, OutboundTrunkChange change) {
    return outbound.update(context, trunkId, change.json());
  }

  @Override
  public OutboundTrunk outboundTrunk(TenantContext context, String trunkId) {
    return outbound.get(context, trunkId);
  }

  @Override
  public List<OutboundTrunk> outboundTrunks(TenantContext context, TrunkFilter filter) {
    return outbound.list(context, filter);
  }

  @Override
  public void deleteTrunk(TenantContext context, String trunkId) {
    calls.manage(
        context,
        "DeleteSIPTrunk",
        SipCalls.about(SipTrunks.ID, trunkId),
        "livekit.sip.trunk_deleted",
        Map.of("trunk", trunkId),
        SipTrunks.TRUNK);
  }

  @Override
  public DispatchRule createDispatchRule(TenantContext context, NewDispatchRule wanted) {
    return SipJson.rule(
        calls.manage(
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
        calls.manage(
            context,
            "UpdateSIPDispatchRule",
            SipCalls.about(RULE_ID, ruleId).put(how, changed),
            "livekit.sip.rule_updated",
            Map.of("rule", ruleId),
            RULE));
  }

  @Override
  public List<DispatchRule> dispatchRules(TenantContext context, RuleFilter filter) {
    JsonNode answer = calls.read(context, "ListSIPDispatchRule", filter.json(), RULE);
    return SipCalls.items(answer).map(SipJson::rule).filter(rule -> !rule.id().isEmpty()).toList();
  }

  @Override
  public void deleteDispatchRule(TenantContext context, String ruleId) {
    calls.manage(
        context,
        "DeleteSIPDispatchRule",
        SipCalls.about(RULE_ID, ruleId),
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
        service.call(
            context,
            "CreateSIPParticipant",
            ApiToken.of(ServiceCalls.CALLER).grant(ServiceGrant.SIP_CALL),
            wanted.json(),
            purpose,
            SipTrunks.TRUNK,
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
    service.call(
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
}
