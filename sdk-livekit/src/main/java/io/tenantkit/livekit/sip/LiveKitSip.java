package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

/**
 * Telephony of each tenant's own LiveKit server, in the context's environment: trunks to telephone
 * providers, rules that take calls into rooms, and calls out of them. The server needs LiveKit's
 * SIP service beside it. Each call is signed with the tenant's credentials by a token of a minute
 * that grants this call and no more, and leaves an event in the audit trail before they are used.
 *
 * <p>Passwords and pins go to the server in the body of the call and nowhere else; none is ever in
 * an answer. Telephone numbers are in answers, and in no event or text but for their last digits.
 *
 * <p>Reading needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}, all else {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. Throws what {@link
 * io.tenantkit.livekit.room.LiveKitRooms} throws; {@link io.tenantkit.NotFoundException} when there
 * is no such trunk, rule or participant. A server that is not connected to a SIP service answers
 * with {@link io.tenantkit.livekit.ServerFailure#FAILED}. Refused inside a joined transaction. Safe
 * for use by several threads; blocks on the storage and on the server.
 */
public interface LiveKitSip {

  /** Telephony of the tenants that are connected there. */
  static LiveKitSip of(LiveKit livekit) {
    return new DefaultLiveKitSip(livekit.calls());
  }

  /** The telephony of the one server that a token reaches which somebody else signed. */
  static LiveKitSip of(PresignedLiveKit server) {
    return new DefaultLiveKitSip(server.calls());
  }

  /** Makes a trunk on which calls come in. */
  InboundTrunk createInboundTrunk(TenantContext context, NewInboundTrunk wanted);

  /** Puts other settings in the place of all that a trunk has. */
  InboundTrunk replaceInboundTrunk(TenantContext context, String trunkId, NewInboundTrunk wanted);

  /** Changes some settings of a trunk. */
  InboundTrunk updateInboundTrunk(TenantContext context, String trunkId, InboundTrunkChange change);

  /** One trunk on which calls come in. */
  InboundTrunk inboundTrunk(TenantContext context, String trunkId);

  /** Trunks on which calls come in. */
  List<InboundTrunk> inboundTrunks(TenantContext context, TrunkFilter filter);

  /** Makes a trunk on which calls go out. */
  OutboundTrunk createOutboundTrunk(TenantContext context, NewOutboundTrunk wanted);

  /** Puts other settings in the place of all that a trunk has. */
  OutboundTrunk replaceOutboundTrunk(
      TenantContext context, String trunkId, NewOutboundTrunk wanted);

  /** Changes some settings of a trunk. */
  OutboundTrunk updateOutboundTrunk(
      TenantContext context, String trunkId, OutboundTrunkChange change);

  /** One trunk on which calls go out. */
  OutboundTrunk outboundTrunk(TenantContext context, String trunkId);

  /** Trunks on which calls go out. */
  List<OutboundTrunk> outboundTrunks(TenantContext context, TrunkFilter filter);

  /** Deletes a trunk of either kind. Of one that is not there, a server says nothing. */
  void deleteTrunk(TenantContext context, String trunkId);

  /** Makes a rule that takes calls into rooms. */
  DispatchRule createDispatchRule(TenantContext context, NewDispatchRule wanted);

  /** Puts other settings in the place of all that a rule has. */
  DispatchRule replaceDispatchRule(TenantContext context, String ruleId, NewDispatchRule wanted);

  /** Changes some settings of a rule. */
  DispatchRule updateDispatchRule(TenantContext context, String ruleId, DispatchRuleChange change);

  /** Rules that take calls into rooms. */
  List<DispatchRule> dispatchRules(TenantContext context, RuleFilter filter);

  /** Deletes a rule. */
  void deleteDispatchRule(TenantContext context, String ruleId);

  /**
   * Calls somebody, who is then in the room. Unless it is told to wait, it returns when the call
   * has begun. When the time is over, the call may go on: its end comes as an event of the
   * server's.
   *
   * @throws io.tenantkit.livekit.LiveKitException with {@link
   *     io.tenantkit.livekit.ServerFailure#CALL_FAILED} and a {@link
   *     io.tenantkit.livekit.LiveKitException#sipStatus} when nobody took it
   * @throws io.tenantkit.vault.egress.EgressException with {@link
   *     io.tenantkit.vault.egress.EgressFailure#TIMEOUT} when the time is over, and {@link
   *     io.tenantkit.vault.egress.EgressFailure#BUSY} when an eighth of all calls that may be under
   *     way are this organization's waiting ones
   */
  SipParticipant createParticipant(TenantContext context, NewSipParticipant wanted);

  /**
   * Sends somebody who is on the telephone to another number, out of the room; returns when the
   * other end took it.
   *
   * @throws io.tenantkit.livekit.LiveKitException as {@link #createParticipant}
   */
  void transferParticipant(TenantContext context, SipTransfer transfer);
}
