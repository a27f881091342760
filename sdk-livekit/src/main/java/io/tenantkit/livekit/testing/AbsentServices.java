package io.tenantkit.livekit.testing;

import com.google.protobuf.Empty;
import java.util.List;

/**
 * What a server that stands alone does not have: it asks for the grant, and then says that it lacks
 * Redis.
 */
final class AbsentServices {
  private AbsentServices() {}

  static void register(Twirp twirp) {
    absent(
        twirp,
        "Egress",
        "roomRecord",
        "egress",
        List.of(
            "StartRoomCompositeEgress",
            "StartWebEgress",
            "StartParticipantEgress",
            "StartTrackCompositeEgress",
            "StartTrackEgress",
            "UpdateLayout",
            "UpdateStream",
            "ListEgress",
            "StopEgress"));
    absent(
        twirp,
        "Ingress",
        "ingressAdmin",
        "ingress",
        List.of("CreateIngress", "UpdateIngress", "ListIngress", "DeleteIngress"));
    absent(
        twirp,
        "SIP",
        "sip.admin",
        "sip",
        List.of(
            "ListSIPTrunk",
            "CreateSIPInboundTrunk",
            "CreateSIPOutboundTrunk",
            "UpdateSIPInboundTrunk",
            "UpdateSIPOutboundTrunk",
            "GetSIPInboundTrunk",
            "GetSIPOutboundTrunk",
            "ListSIPInboundTrunk",
            "ListSIPOutboundTrunk",
            "DeleteSIPTrunk",
            "CreateSIPDispatchRule",
            "UpdateSIPDispatchRule",
            "ListSIPDispatchRule",
            "DeleteSIPDispatchRule"));
    absent(twirp, "SIP", "sip.call", "sip", List.of("CreateSIPParticipant"));
  }

  private static void absent(
      Twirp twirp, String service, String grant, String what, List<String> methods) {
    for (String method : methods) {
      twirp.add(
          service,
          method,
          Empty.getDefaultInstance(),
          (request, grants) -> {
            if (grants
                .filter(held -> held.may(grant) || held.services().contains(grant))
                .isEmpty()) {
              throw Fault.denied();
            }
            throw Fault.inner("internal", what + " not connected (redis required)");
          });
    }
  }
}
