package io.tenantkit.livekit.sip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.SipStatus;
import io.tenantkit.livekit.harness.ProtocolFields;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import livekit.LivekitSip;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent and read of telephony, held to LiveKit's own messages by Google's reader. */
class SipMessagesTest {
  private static final String NUMBER = "+15105550123";
  private static final SipAuth AUTH = new SipAuth("acme", SecretValue.of("CANARYpassword"));
  private static final SipHeaders HEADERS =
      SipHeaders.sending(Map.of("X-One", "1"))
          .toAttributes(Map.of("X-Two", "two"))
          .fromAttributes(Map.of("three", "X-Three"))
          .include(SipHeaders.Include.SIP_X_HEADERS);

  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final LiveKitSip sip = LiveKitSip.of(house.livekit);
  private final TenantContext acme =
      house.connected("acme", server.url(), "APIacme", "a-secret-of-at-least-32-characters");

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  private <M extends Message.Builder> M sent(M message) throws Exception {
    JsonFormat.parser().merge(server.lastBody(), message);
    return message;
  }

  private static NewInboundTrunk inbound() {
    return NewInboundTrunk.named("in")
        .metadata("m")
        .numbers(List.of(NUMBER))
        .allowedAddresses(List.of("192.0.2.0/24"))
        .allowedNumbers(List.of("+44123"))
        .auth(AUTH)
        .headers(HEADERS)
        .ringing(Duration.ofMillis(20_500))
        .longest(Duration.ofHours(1))
        .noiseCancelled(true)
        .encryption(SipEncryption.REQUIRE)
        .build();
  }

  private static NewOutboundTrunk outbound() {
    return NewOutboundTrunk.to("out", "sip.example:5061", List.of(NUMBER))
        .metadata("m")
        .country("DE")
        .fromHost("acme.example")
        .transport(SipTransport.TLS)
        .auth(AUTH)
        .headers(HEADERS)
        .encryption(SipEncryption.ALLOW)
        .build();
  }

  private static NewDispatchRule rule() {
    return NewDispatchRule.named("rule", DispatchTarget.room("desk").pin(SecretValue.of("4711")))
        .trunks(List.of("ST_1"))
        .callers(List.of("+44123"))
        .called(List.of(NUMBER))
        .numberHidden(true)
        .metadata("m")
        .attributes(Map.of("a", "1"))
        .roomPreset("large")
        .roomConfig(RoomConfig.withAgents(RoomAgent.named("bridge")))
        .noiseCancelled(true)
        .encryption(SipEncryption.ALLOW)
        .build();
  }

  @Test
  void trunksWithAllThatCanBeSaid() throws Exception {
    sip.createInboundTrunk(acme, inbound());
    LivekitSip.CreateSIPInboundTrunkRequest in =
        sent(LivekitSip.CreateSIPInboundTrunkRequest.newBuilder()).build();
    assertThat(in.getTrunk().getNumbersList()).containsExactly(NUMBER);
    assertThat(in.getTrunk().getAuthPassword()).isEqualTo("CANARYpassword");
    assertThat(in.getTrunk().getRingingTimeout()).isEqualTo(Durations.fromMillis(20_500));
    assertThat(in.getTrunk().getMaxCallDuration()).isEqualTo(Durations.fromHours(1));
    assertThat(in.getTrunk().getMediaEncryption())
        .isEqualTo(LivekitSip.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE);
    assertThat(in.getTrunk().getHeadersToAttributesMap()).isEqualTo(Map.of("X-Two", "two"));
    assertThat(ProtocolFields.unsaid(in))
        .filteredOn(field -> field.startsWith("SIP"))
        .containsExactly(
            "SIPInboundTrunkInfo.created_at",
            "SIPInboundTrunkInfo.sip_trunk_id",
            "SIPInboundTrunkInfo.updated_at");
    assertThat(server.lastClaims()).contains("\"sip\":{\"admin\":true}");

    sip.createOutboundTrunk(acme, outbound());
    LivekitSip.CreateSIPOutboundTrunkRequest out =
        sent(LivekitSip.CreateSIPOutboundTrunkRequest.newBuilder()).build();
    assertThat(out.getTrunk().getAddress()).isEqualTo("sip.example:5061");
    assertThat(out.getTrunk().getTransport()).isEqualTo(LivekitSip.SIPTransport.SIP_TRANSPORT_TLS);
    assertThat(ProtocolFields.unsaid(out))
        .filteredOn(field -> field.startsWith("SIP"))
        .containsExactly(
            "SIPOutboundTrunkInfo.created_at",
            "SIPOutboundTrunkInfo.sip_trunk_id",
            "SIPOutboundTrunkInfo.updated_at");

    sip.replaceInboundTrunk(acme, "ST_1", inbound());
    assertThat(sent(LivekitSip.UpdateSIPInboundTrunkRequest.newBuilder()).getReplace().getName())
        .isEqualTo("in");
    sip.replaceOutboundTrunk(acme, "ST_1", outbound());
    assertThat(sent(LivekitSip.UpdateSIPOutboundTrunkRequest.newBuilder()).getReplace().getName())
        .isEqualTo("out");
    sip.updateInboundTrunk(
        acme,
        "ST_1",
        InboundTrunkChange.none()
            .name("n")
            .metadata("")
            .numbers(ListChange.set(List.of()))
            .allowedAddresses(ListChange.of(List.of("192.0.2.1"), List.of("192.0.2.0/24")))
            .allowedNumbers(ListChange.set(List.of(NUMBER)))
            .auth(AUTH)
            .encryption(SipEncryption.DISABLE));
    LivekitSip.SIPInboundTrunkUpdate change =
        sent(LivekitSip.UpdateSIPInboundTrunkRequest.newBuilder()).getUpdate();
    assertThat(change.getNumbers().getClear()).isTrue();
    assertThat(change.hasMetadata()).as("made empty").isTrue();
    assertThat(change.getAllowedAddresses().getRemove(0)).isEqualTo("192.0.2.0/24");
    assertThat(change.hasMediaEncryption()).isTrue();
    assertThat(ProtocolFields.unsaid(change))
        .filteredOn(field -> field.startsWith("SIP"))
        .isEmpty();
    sip.updateOutboundTrunk(
        acme,
        "ST_1",
        OutboundTrunkChange.none()
            .name("n")
            .metadata("m")
            .address("other.example")
            .transport(SipTransport.TCP)
            .numbers(ListChange.set(List.of(NUMBER)))
            .auth(AUTH)
            .encryption(SipEncryption.ALLOW));
    assertThat(
            ProtocolFields.unsaid(
                sent(LivekitSip.UpdateSIPOutboundTrunkRequest.newBuilder()).getUpdate()))
        .filteredOn(field -> field.startsWith("SIP"))
        .containsExactly(
            "SIPOutboundTrunkUpdate.destination_country", "SIPOutboundTrunkUpdate.from_host");

    sip.inboundTrunks(acme, TrunkFilter.all().ids(List.of("ST_1")).numbers(List.of(NUMBER)));
    assertThat(sent(LivekitSip.ListSIPInboundTrunkRequest.newBuilder()).getNumbers(0))
        .isEqualTo(NUMBER);
    sip.outboundTrunks(acme, TrunkFilter.all().ids(List.of("ST_1")));
    assertThat(sent(LivekitSip.ListSIPOutboundTrunkRequest.newBuilder()).getTrunkIds(0))
        .isEqualTo("ST_1");
    sip.inboundTrunk(acme, "ST_1");
    assertThat(sent(LivekitSip.GetSIPInboundTrunkRequest.newBuilder()).getSipTrunkId())
        .isEqualTo("ST_1");
    sip.outboundTrunk(acme, "ST_1");
    assertThat(sent(LivekitSip.GetSIPOutboundTrunkRequest.newBuilder()).getSipTrunkId())
        .isEqualTo("ST_1");
    sip.deleteTrunk(acme, "ST_1");
    assertThat(sent(LivekitSip.DeleteSIPTrunkRequest.newBuilder()).getSipTrunkId())
        .isEqualTo("ST_1");
    assertThat(house.trail(acme)).doesNotContain("CANARY").doesNotContain(NUMBER);
  }

  @Test
  void rulesWithAllThatCanBeSaid() throws Exception {
    sip.createDispatchRule(acme, rule());
    LivekitSip.SIPDispatchRuleInfo read =
        sent(LivekitSip.CreateSIPDispatchRuleRequest.newBuilder()).getDispatchRule();
    assertThat(read.getRule().getDispatchRuleDirect().getRoomName()).isEqualTo("desk");
    assertThat(read.getRule().getDispatchRuleDirect().getPin()).isEqualTo("4711");
    assertThat(read.getRoomConfig().getAgents(0).getAgentName()).isEqualTo("bridge");
    assertThat(read.getInboundNumbersList()).containsExactly("+44123");
    assertThat(read.getNumbersList()).containsExactly(NUMBER);
    assertThat(ProtocolFields.unsaid(read))
        .filteredOn(field -> field.startsWith("SIP"))
        .containsExactly(
            "SIPDispatchRuleInfo.created_at",
            "SIPDispatchRuleInfo.sip_dispatch_rule_id",
            "SIPDispatchRuleInfo.updated_at");

    sip.replaceDispatchRule(
        acme,
        "SDR_1",
        NewDispatchRule.named("r", DispatchTarget.roomPerCaller("call-").random(false)).build());
    assertThat(
            sent(LivekitSip.UpdateSIPDispatchRuleRequest.newBuilder())
                .getReplace()
                .getRule()
                .getDispatchRuleIndividual()
                .getNoRandomness())
        .isTrue();
    sip.updateDispatchRule(
        acme,
        "SDR_1",
        DispatchRuleChange.none()
            .name("n")
            .target(DispatchTarget.roomPerCallee("to-").random(true))
            .trunks(ListChange.of(List.of("ST_2"), List.of()))
            .metadata("m")
            .attributes(Map.of("a", "2")));
    LivekitSip.SIPDispatchRuleUpdate update =
        sent(LivekitSip.UpdateSIPDispatchRuleRequest.newBuilder()).getUpdate();
    assertThat(update.getRule().getDispatchRuleCallee().getRandomize()).isTrue();
    assertThat(update.getTrunkIds().getAdd(0)).isEqualTo("ST_2");

    sip.dispatchRules(acme, RuleFilter.all().ids(List.of("SDR_1")).trunks(List.of("ST_1")));
    LivekitSip.ListSIPDispatchRuleRequest.Builder list =
        sent(LivekitSip.ListSIPDispatchRuleRequest.newBuilder());
    assertThat(list.getDispatchRuleIds(0) + list.getTrunkIds(0)).isEqualTo("SDR_1ST_1");
    sip.deleteDispatchRule(acme, "SDR_1");
    assertThat(sent(LivekitSip.DeleteSIPDispatchRuleRequest.newBuilder()).getSipDispatchRuleId())
        .isEqualTo("SDR_1");
    assertThat(house.trail(acme)).doesNotContain("4711").doesNotContain(NUMBER);
  }

  @Test
  void aCallWithAllThatCanBeSaid() throws Exception {
    server.otherwise(
        200,
        "{\"participant_id\":\"PA_1\",\"participant_identity\":\"sip_+15105550123\","
            + "\"room_name\":\"desk\",\"sip_call_id\":\"SCL_1\"}");
    SipParticipant called =
        sip.createParticipant(
            acme,
            NewSipParticipant.call("ST_1", NUMBER, "desk")
                .from("+49301234")
                .identity("customer")
                .name("Customer")
                .metadata("m")
                .attributes(Map.of("a", "1"))
                .dtmf("1ww2#")
                .dialtone(true)
                .numberHidden(true)
                .headers(HEADERS)
                .ringing(Duration.ofSeconds(25))
                .longest(Duration.ofMinutes(30))
                .noiseCancelled(true)
                .encryption(SipEncryption.ALLOW)
                .waitUntilAnswered()
                .displayName("Acme")
                .build());
    LivekitSip.CreateSIPParticipantRequest read =
        sent(LivekitSip.CreateSIPParticipantRequest.newBuilder()).build();

    assertThat(called.callId()).isEqualTo("SCL_1");
    assertThat(called.toString()).isEqualTo("SipParticipant[SCL_1 in desk]");
    assertThat(read.getSipCallTo()).isEqualTo(NUMBER);
    assertThat(read.getWaitUntilAnswered()).isTrue();
    assertThat(read.getHeadersMap()).isEqualTo(Map.of("X-One", "1"));
    assertThat(ProtocolFields.unsaid(read))
        .filteredOn(field -> field.startsWith("CreateSIP"))
        .containsExactly(
            "CreateSIPParticipantRequest.destination", "CreateSIPParticipantRequest.trunk");
    assertThat(server.lastClaims()).contains("\"sip\":{\"call\":true}").doesNotContain("admin");

    sip.createParticipant(
        acme,
        NewSipParticipant.call(
                new SipProvider(
                    "sip.example",
                    SipTransport.UDP,
                    Optional.of(AUTH),
                    Optional.of("DE"),
                    Optional.of("acme.example")),
                NUMBER,
                "desk")
            .from("+49301234")
            .headers(HEADERS)
            .displayName("")
            .build());
    LivekitSip.CreateSIPParticipantRequest direct =
        sent(LivekitSip.CreateSIPParticipantRequest.newBuilder()).build();
    assertThat(direct.getTrunk().getAuthPassword()).isEqualTo("CANARYpassword");
    assertThat(direct.hasDisplayName()).as("none shall be shown").isTrue();
    assertThat(ProtocolFields.unsaid(direct))
        .filteredOn(field -> field.startsWith("SIPOutboundConfig"))
        .isEmpty();

    sip.transferParticipant(
        acme,
        SipTransfer.of("desk", "customer", "tel:" + NUMBER)
            .withDialtone()
            .headers(Map.of("X-One", "1"))
            .ringing(Duration.ofSeconds(20)));
    LivekitSip.TransferSIPParticipantRequest transfer =
        sent(LivekitSip.TransferSIPParticipantRequest.newBuilder()).build();
    assertThat(transfer.getTransferTo()).isEqualTo("tel:" + NUMBER);
    assertThat(ProtocolFields.unsaid(transfer))
        .filteredOn(field -> field.startsWith("Transfer"))
        .isEmpty();
    assertThat(server.lastClaims())
        .contains("\"video\":{\"room\":\"desk\",\"roomAdmin\":true}", "\"sip\":{\"call\":true}");
    assertThat(house.trail(acme))
        .contains("livekit.sip.called", "livekit.sip.transferred", "…23")
        .doesNotContain("CANARY")
        .doesNotContain(NUMBER)
        .doesNotContain("+49301234");
  }

  /** A new trunk leaves out what it would be anyway; a change back to that is said. */
  @Test
  void whatIsSoAnywayIsSaidOfChangesAlone() {
    sip.createInboundTrunk(
        acme,
        NewInboundTrunk.named("in")
            .numbers(List.of(NUMBER))
            .encryption(SipEncryption.REQUIRE)
            .encryption(SipEncryption.DISABLE)
            .build());
    assertThat(server.lastBody()).doesNotContain("mediaEncryption");
    sip.createOutboundTrunk(
        acme,
        NewOutboundTrunk.to("out", "sip.example", List.of("*"))
            .transport(SipTransport.TLS)
            .transport(SipTransport.AUTO)
            .build());
    assertThat(server.lastBody()).doesNotContain("transport").doesNotContain("mediaEncryption");

    sip.updateInboundTrunk(
        acme, "ST_1", InboundTrunkChange.none().encryption(SipEncryption.DISABLE));
    assertThat(server.lastBody()).contains("SIP_MEDIA_ENCRYPT_DISABLE").doesNotContain("name");
    sip.updateOutboundTrunk(acme, "ST_2", OutboundTrunkChange.none().transport(SipTransport.AUTO));
    assertThat(server.lastBody()).contains("SIP_TRANSPORT_AUTO").doesNotContain("name");
  }

  /** Else a busy customer would be told as a server that refuses its credentials or is full. */
  @ParameterizedTest
  @CsvSource({
    "486, resource_exhausted",
    "403, permission_denied",
    "404, not_found",
    "408, deadline_exceeded",
    "503, unavailable",
    "603, permission_denied",
    "407, unauthenticated"
  })
  void howACallEndedIsAboutTheCall(int code, String twirp) {
    server.otherwise(
        500,
        "{\"code\":\""
            + twirp
            + "\",\"msg\":\"sip status "
            + code
            + ": CANARY\",\"meta\":{\"sip_status_code\":\""
            + code
            + "\",\"sip_status\":\"CANARY\",\"error_details\":\"CANARY\"}}");
    assertThatThrownBy(
            () ->
                sip.createParticipant(acme, NewSipParticipant.call("ST_1", NUMBER, "desk").build()))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> {
              assertThat(error.failure()).isEqualTo(ServerFailure.CALL_FAILED);
              assertThat(error.code()).isEqualTo(ErrorCode.LIVEKIT_FAILED);
              assertThat(error.sipStatus()).contains(new SipStatus(code));
            })
        .hasMessage("the telephone call failed: SIP status " + code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"99", "700", "-486", "x", "99999999999", "[486]"})
  void noStatusIsNone(String code) {
    server.otherwise(
        500,
        "{\"code\":\"unavailable\",\"meta\":{\"sip_status_code\":"
            + (code.startsWith("[") ? code : "\"" + code + "\"")
            + "}}");
    assertThatThrownBy(
            () -> sip.transferParticipant(acme, SipTransfer.of("desk", "c", "sip:a@b.example")))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> {
              assertThat(error.failure()).isEqualTo(ServerFailure.UNAVAILABLE);
              assertThat(error.sipStatus()).isEmpty();
            });
  }

  /** It takes somebody longer to come to the telephone than a server to answer. */
  @Test
  void aCallThatIsWaitedForOutlastsOtherCalls() {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch rang = new CountDownLatch(1);
    server.on("CreateSIPParticipant", 200, "{\"sip_call_id\":\"SCL_1\"}");
    server.on("ListSIPInboundTrunk", 200, "{}");
    server.onCall(
        1,
        () -> {
          rang.countDown();
          awaitUninterruptibly(taken);
        });
    server.onCall(2, () -> awaitUninterruptibly(taken));
    CompletableFuture<SipParticipant> call =
        CompletableFuture.supplyAsync(
            () ->
                sip.createParticipant(
                    acme,
                    NewSipParticipant.call("ST_1", NUMBER, "desk").waitUntilAnswered().build()));
    awaitUninterruptibly(rang);
    assertThatThrownBy(() -> sip.inboundTrunks(acme, TrunkFilter.all()))
        .isInstanceOfSatisfying(
            EgressException.class,
            error -> assertThat(error.failure()).isEqualTo(EgressFailure.TIMEOUT));
    assertThat(call).isNotDone();

    taken.countDown();
    assertThat(call.join().callId()).isEqualTo("SCL_1");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void howLongACallIsWaitedFor() {
    NewSipParticipant.Builder call = NewSipParticipant.call("ST_1", NUMBER, "desk");
    assertThat(call.build().patience()).isEqualTo(Duration.ofSeconds(40));
    assertThat(call.waitUntilAnswered().build().patience()).isEqualTo(Duration.ofSeconds(90));
    assertThat(call.ringing(Duration.ofMinutes(3)).build().patience())
        .isEqualTo(Duration.ofSeconds(190));
    assertThat(call.waitUntilAnswered(Duration.ofSeconds(5)).build().patience())
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(SipTransfer.of("r", "i", "tel:1").patience()).isEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void statusesAreTold() {
    assertThat(new SipStatus(486).isBusy()).isTrue();
    assertThat(new SipStatus(603).isDeclined()).isTrue();
    assertThat(new SipStatus(480).isUnanswered()).isTrue();
    assertThat(new SipStatus(404).isUnknownNumber()).isTrue();
    assertThat(new SipStatus(407).isRefused()).isTrue();
    assertThat(new SipStatus(503).isProviderFailure()).isTrue();
    assertThat(new SipStatus(200).isProviderFailure()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAServerTellsIsReadInBothForms(boolean protocolsNames) throws Exception {
    JsonFormat.Printer printer = JsonFormat.printer();
    if (protocolsNames) {
      printer = printer.preservingProtoFieldNames();
    }
    LivekitSip.SIPInboundTrunkInfo.Builder in = LivekitSip.SIPInboundTrunkInfo.newBuilder();
    sip.createInboundTrunk(acme, inbound());
    in.mergeFrom(sent(LivekitSip.CreateSIPInboundTrunkRequest.newBuilder()).getTrunk());
    server.otherwise(
        200,
        printer.print(
            LivekitSip.ListSIPInboundTrunkResponse.newBuilder()
                .addItems(in.setSipTrunkId("ST_1"))
                .addItems(LivekitSip.SIPInboundTrunkInfo.newBuilder())));
    assertThat(sip.inboundTrunks(acme, TrunkFilter.all()))
        .as("what is not there is left out")
        .singleElement()
        .satisfies(
            trunk -> {
              assertThat(trunk.id()).isEqualTo("ST_1");
              assertThat(trunk.numbers()).containsExactly(NUMBER);
              assertThat(trunk.authUsername()).contains("acme");
              assertThat(trunk.headers()).isEqualTo(HEADERS);
              assertThat(trunk.ringing()).contains(Duration.ofMillis(20_500));
              assertThat(trunk.longest()).contains(Duration.ofHours(1));
              assertThat(trunk.encryption()).isEqualTo(SipEncryption.REQUIRE);
              assertThat(trunk).hasToString("InboundTrunk[ST_1, in]");
            });

    sip.createOutboundTrunk(acme, outbound());
    server.otherwise(
        200,
        printer.print(
            LivekitSip.GetSIPOutboundTrunkResponse.newBuilder()
                .setTrunk(sent(LivekitSip.CreateSIPOutboundTrunkRequest.newBuilder()).getTrunk())));
    OutboundTrunk out = sip.outboundTrunk(acme, "ST_2");
    assertThat(out.address()).isEqualTo("sip.example:5061");
    assertThat(out.transport()).isEqualTo(SipTransport.TLS);
    assertThat(out.country()).contains("DE");
    assertThat(out.fromHost()).contains("acme.example");

    sip.createDispatchRule(acme, rule());
    LivekitSip.SIPDispatchRuleInfo made =
        sent(LivekitSip.CreateSIPDispatchRuleRequest.newBuilder()).getDispatchRule();
    server.otherwise(200, printer.print(made.toBuilder().setSipDispatchRuleId("SDR_1")));
    DispatchRule told = sip.createDispatchRule(acme, rule());
    assertThat(told.id()).isEqualTo("SDR_1");
    assertThat(told.kind()).isEqualTo(DispatchTarget.Kind.DIRECT);
    assertThat(told.room()).isEqualTo("desk");
    assertThat(told.pinAsked()).isTrue();
    assertThat(told.trunkIds()).containsExactly("ST_1");
    assertThat(told.callers()).containsExactly("+44123");
    assertThat(told.attributes()).containsEntry("a", "1");
    assertThat(told.toString()).doesNotContain("4711").doesNotContain("+44123");
    server.otherwise(200, "{\"rule\":{\"dispatch_rule_later\":{}}}");
    assertThat(sip.createDispatchRule(acme, rule()).kind()).isEqualTo(DispatchTarget.Kind.UNKNOWN);
  }

  @Test
  void callingNeedsTheScopeForIt() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("livekit:read"));
    TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session"));
    sip.inboundTrunks(reader, TrunkFilter.all());
    sip.dispatchRules(reader, RuleFilter.all());
    int sent = server.called().size();
    for (ThrowingCallable refused :
        List.<ThrowingCallable>of(
            () -> sip.createInboundTrunk(reader, inbound()),
            () -> sip.updateOutboundTrunk(reader, "ST_1", OutboundTrunkChange.none()),
            () -> sip.deleteTrunk(reader, "ST_1"),
            () -> sip.createDispatchRule(reader, rule()),
            () -> sip.deleteDispatchRule(reader, "SDR_1"),
            () -> sip.createParticipant(reader, NewSipParticipant.call("T", "1", "r").build()),
            () -> sip.transferParticipant(reader, SipTransfer.of("r", "i", "tel:1")),
            () -> sip.outboundTrunks(person, TrunkFilter.all()))) {
      assertThatThrownBy(refused).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(server.called()).hasSize(sent);
    server.otherwise(404, "{\"code\":\"not_found\"}");
    assertThatThrownBy(() -> sip.inboundTrunk(acme, "ST_9"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("trunk not found");
    assertThatThrownBy(() -> sip.updateDispatchRule(acme, "SDR_9", DispatchRuleChange.none()))
        .hasMessage("dispatch rule not found");
  }

  @Test
  void itIsBounded() {
    refused("numbers", () -> NewInboundTrunk.named("open to all").build());
    refused("name", () -> NewInboundTrunk.named(""));
    refused("ringing", () -> NewInboundTrunk.named("n").ringing(Duration.ofMillis(999)));
    refused("longest", () -> NewInboundTrunk.named("n").longest(Duration.ofHours(25)));
    refused("numbers", () -> NewOutboundTrunk.to("n", "h.example", List.of()));
    refused("address", () -> NewOutboundTrunk.to("n", "sip:u@h.example", List.of("1")));
    refused("address", () -> NewOutboundTrunk.to("n", "h.example;transport=tls", List.of("1")));
    refused("country", () -> NewOutboundTrunk.to("n", "h", List.of("1")).country("de"));
    refused(
        "transport",
        () -> NewOutboundTrunk.to("n", "h", List.of("1")).transport(SipTransport.UNKNOWN));
    refused("pin", () -> DispatchTarget.room("r").pin(SecretValue.of("12a")));
    refused("pin", () -> DispatchTarget.room("r").pin(SecretValue.of("")));
    refused("to", () -> NewSipParticipant.call("T", "sip:u@h.example", "r"));
    refused("to", () -> NewSipParticipant.call("T", "1\r\nX: y", "r"));
    refused("dtmf", () -> NewSipParticipant.call("T", "1", "r").dtmf("x"));
    refused("displayName", () -> NewSipParticipant.call("T", "1", "r").displayName("\""));
    refused(
        "wait",
        () -> NewSipParticipant.call("T", "1", "r").waitUntilAnswered(Duration.ofMinutes(6)));
    refused("to", () -> SipTransfer.of("r", "i", "https://h.example"));
    refused("headers", () -> SipHeaders.sending(Map.of("X\n", "1")));
    refused("sipTrunkId", () -> sip.deleteTrunk(acme, ""));
    assertThat(server.called()).isEmpty();
  }

  @Test
  void numbersAndPasswordsAreNotPrinted() {
    List<Object> all =
        List.of(
            AUTH,
            inbound(),
            outbound(),
            rule(),
            rule().target(),
            NewSipParticipant.call("T", NUMBER, "r").displayName("CANARY").build(),
            SipTransfer.of("r", "i", "tel:" + NUMBER),
            InboundTrunkChange.none().auth(AUTH).numbers(ListChange.set(List.of(NUMBER))),
            OutboundTrunkChange.none().auth(AUTH),
            ListChange.set(List.of(NUMBER)),
            TrunkFilter.all().numbers(List.of(NUMBER)),
            SipProvider.of("h.example", AUTH));
    assertThat(all.toString()).doesNotContain("CANARY").doesNotContain(NUMBER);
    assertThat(SipBounds.masked("110")).isEqualTo("…");
  }

  private static void refused(String property, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo(property));
  }
}
