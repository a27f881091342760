package io.tenantkit.livekit;

import io.tenantkit.livekit.egress.AliOssStorage;
import io.tenantkit.livekit.egress.AzureStorage;
import io.tenantkit.livekit.egress.EgressWebhook;
import io.tenantkit.livekit.egress.FileOutput;
import io.tenantkit.livekit.egress.GoogleStorage;
import io.tenantkit.livekit.egress.ImagesOutput;
import io.tenantkit.livekit.egress.LiveKitEgress;
import io.tenantkit.livekit.egress.ParticipantEgress;
import io.tenantkit.livekit.egress.RoomCompositeEgress;
import io.tenantkit.livekit.egress.S3Storage;
import io.tenantkit.livekit.egress.SegmentsOutput;
import io.tenantkit.livekit.egress.StreamOutput;
import io.tenantkit.livekit.egress.TrackCompositeEgress;
import io.tenantkit.livekit.egress.TrackEgress;
import io.tenantkit.livekit.egress.WebEgress;
import io.tenantkit.livekit.egress.WebSocketOutput;
import io.tenantkit.livekit.ingress.IngressInfo;
import io.tenantkit.livekit.ingress.IngressInput;
import io.tenantkit.livekit.ingress.IngressPage;
import io.tenantkit.livekit.ingress.LiveKitIngress;
import io.tenantkit.livekit.ingress.NewIngress;
import io.tenantkit.livekit.sdk.LiveKitSdkCalls;
import io.tenantkit.livekit.sip.DispatchRuleChange;
import io.tenantkit.livekit.sip.DispatchTarget;
import io.tenantkit.livekit.sip.InboundTrunkChange;
import io.tenantkit.livekit.sip.LiveKitSip;
import io.tenantkit.livekit.sip.NewDispatchRule;
import io.tenantkit.livekit.sip.NewInboundTrunk;
import io.tenantkit.livekit.sip.NewOutboundTrunk;
import io.tenantkit.livekit.sip.NewSipParticipant;
import io.tenantkit.livekit.sip.OutboundTrunkChange;
import io.tenantkit.livekit.sip.SipAuth;
import io.tenantkit.livekit.sip.SipProvider;
import io.tenantkit.livekit.spi.CallBody;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.Purpose;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What goes to a tenant's server with a secret in it, and what comes from there: one of each. */
final class MediaWithSecrets {
  private MediaWithSecrets() {}

  static List<Object> all(LiveKit livekit, String text) {
    SecretValue secret = SecretValue.of(text);
    List<Object> all = new ArrayList<>(egress(secret, text));
    all.addAll(ingress(secret, text));
    all.addAll(sip(secret));
    RequestJson json = RequestJson.object().secret("s", secret);
    CallBody body = json.body();
    all.addAll(
        List.of(
            json,
            body,
            new ServerCall(
                "S", "M", ApiToken.of("x"), body, Purpose.of("print it"), Optional.empty()),
            new ServiceCalls(livekit.calls(), "Egress"),
            LiveKitEgress.of(livekit),
            LiveKitIngress.of(livekit),
            LiveKitSip.of(livekit),
            LiveKitSdkCalls.of(livekit)));
    return all;
  }

  private static List<Object> egress(SecretValue secret, String text) {
    SecretUrl url = SecretUrl.of("https://h.example/" + text);
    SecretUrl rtmp = SecretUrl.of("rtmp://h.example/" + text);
    S3Storage.Role role = new S3Storage.Role("arn", Optional.of(secret));
    S3Storage s3 = S3Storage.of("b", "r", secret, secret).session(secret).as(role).at(url);
    EgressWebhook webhook = new EgressWebhook(url, "APIkey");
    FileOutput file = FileOutput.of("f").in(s3);
    SegmentsOutput segments = SegmentsOutput.of("s").in(new GoogleStorage("b", secret));
    ImagesOutput images =
        ImagesOutput.of("i", Duration.ofSeconds(1)).in(new AzureStorage("c", "a", secret));
    StreamOutput stream = StreamOutput.rtmp(rtmp);
    RoomCompositeEgress composite =
        RoomCompositeEgress.of("r").page(url).to(file, segments, images, stream).telling(webhook);
    WebSocketOutput socket = new WebSocketOutput(SecretUrl.of("wss://h.example/" + text));
    return List.of(
        url,
        role,
        s3,
        new AliOssStorage("b", "r", secret, secret, Optional.of(url)),
        webhook,
        file,
        segments,
        segments.storage().orElseThrow(),
        images,
        images.storage().orElseThrow(),
        stream,
        socket,
        composite,
        composite.delivery(),
        ParticipantEgress.of("r", "i").to(file, stream),
        TrackCompositeEgress.audio("r", "t").to(file, stream),
        TrackEgress.toWebSocket("r", "t", socket.url()),
        WebEgress.of(url).to(file, stream));
  }

  private static List<Object> ingress(SecretValue secret, String text) {
    SecretUrl url = SecretUrl.of("https://h.example/" + text);
    IngressInfo.State state =
        new IngressInfo.State(
            IngressInfo.Status.INACTIVE, "", "", Optional.empty(), Optional.empty(), List.of());
    IngressInfo info =
        new IngressInfo(
            "IN_1",
            "",
            IngressInput.RTMP,
            Optional.of(url),
            Optional.of(secret),
            "r",
            "i",
            "",
            "",
            true,
            true,
            state);
    return List.of(
        NewIngress.from(url, "r", "i"), info, new IngressPage(List.of(info), Optional.empty()));
  }

  private static List<Object> sip(SecretValue secret) {
    SipAuth auth = new SipAuth("u", secret);
    NewInboundTrunk.Builder inbound = NewInboundTrunk.named("n").auth(auth);
    NewOutboundTrunk.Builder outbound =
        NewOutboundTrunk.to("n", "h.example", List.of("1")).auth(auth);
    DispatchTarget target = DispatchTarget.room("r").pin(SecretValue.of("4711"));
    NewDispatchRule.Builder rule = NewDispatchRule.named("n", target);
    SipProvider provider = SipProvider.of("h.example", auth);
    NewSipParticipant.Builder participant = NewSipParticipant.call(provider, "1", "r");
    return List.of(
        auth,
        inbound,
        inbound.build(),
        InboundTrunkChange.none().auth(auth),
        outbound,
        outbound.build(),
        OutboundTrunkChange.none().auth(auth),
        target,
        rule,
        rule.build(),
        DispatchRuleChange.none().target(target),
        provider,
        participant,
        participant.build());
  }
}
