package io.tenantkit.livekit.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.egress.EgressFilter;
import io.tenantkit.livekit.egress.FileOutput;
import io.tenantkit.livekit.egress.LiveKitEgress;
import io.tenantkit.livekit.egress.RoomCompositeEgress;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.harness.RealRedis;
import io.tenantkit.livekit.ingress.IngressChange;
import io.tenantkit.livekit.ingress.IngressFilter;
import io.tenantkit.livekit.ingress.IngressInfo;
import io.tenantkit.livekit.ingress.IngressInput;
import io.tenantkit.livekit.ingress.IngressPage;
import io.tenantkit.livekit.ingress.LiveKitIngress;
import io.tenantkit.livekit.ingress.NewIngress;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.livekit.sdk.LiveKitSdkCalls;
import io.tenantkit.livekit.sip.DispatchRule;
import io.tenantkit.livekit.sip.DispatchRuleChange;
import io.tenantkit.livekit.sip.DispatchTarget;
import io.tenantkit.livekit.sip.InboundTrunk;
import io.tenantkit.livekit.sip.InboundTrunkChange;
import io.tenantkit.livekit.sip.ListChange;
import io.tenantkit.livekit.sip.LiveKitSip;
import io.tenantkit.livekit.sip.NewDispatchRule;
import io.tenantkit.livekit.sip.NewInboundTrunk;
import io.tenantkit.livekit.sip.NewOutboundTrunk;
import io.tenantkit.livekit.sip.NewSipParticipant;
import io.tenantkit.livekit.sip.OutboundTrunk;
import io.tenantkit.livekit.sip.OutboundTrunkChange;
import io.tenantkit.livekit.sip.RuleFilter;
import io.tenantkit.livekit.sip.SipAuth;
import io.tenantkit.livekit.sip.SipEncryption;
import io.tenantkit.livekit.sip.SipTransfer;
import io.tenantkit.livekit.sip.SipTransport;
import io.tenantkit.livekit.sip.TrunkFilter;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import livekit.LivekitIngress;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Egress, ingress and telephony of two tenants, each on a real server with a Redis of its own. The
 * services that do the work (egress, ingress, SIP) are not there: what needs them fails, typed.
 */
class RealMediaTest {
  private static final String SECRET = "a-secret-of-at-least-32-characters";
  private static final String NUMBER = "+15105550123";
  private static final String INGRESS =
      """
      ingress:
        rtmp_base_url: rtmp://127.0.0.1:1935/live
        whip_base_url: http://127.0.0.1:8085/w
      """;

  private static RealRedis acmeRedis;
  private static RealRedis globexRedis;
  private static RealLiveKitServer acmeServer;
  private static RealLiveKitServer globexServer;
  private static RealLiveKitServer bareServer;
  private static RoomHouse house;
  private static LiveKitEgress egress;
  private static LiveKitIngress ingress;
  private static LiveKitSip sip;
  private static LiveKitSdkCalls sdk;
  private static TenantContext acme;
  private static TenantContext globex;
  private static TenantContext bare;

  @BeforeAll
  static void start() {
    acmeRedis = RealRedis.start();
    globexRedis = RealRedis.start();
    acmeServer = RealLiveKitServer.startWith(acmeRedis.yaml() + INGRESS);
    globexServer = RealLiveKitServer.startWith(globexRedis.yaml() + INGRESS);
    bareServer = RealLiveKitServer.start();
    // A server takes seconds to say that nobody does the work.
    house = new RoomHouse(Duration.ofSeconds(30));
    egress = LiveKitEgress.of(house.livekit);
    ingress = LiveKitIngress.of(house.livekit);
    sip = LiveKitSip.of(house.livekit);
    sdk = LiveKitSdkCalls.of(house.livekit);
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
    bare = connected("bare", bareServer);
  }

  private static TenantContext connected(String name, RealLiveKitServer server) {
    return house.connected(name, server.url(), server.apiKey(), server.apiSecret());
  }

  @AfterAll
  static void stop() {
    if (house != null) {
      house.close();
    }
    for (AutoCloseable each :
        new AutoCloseable[] {bareServer, globexServer, acmeServer, globexRedis, acmeRedis}) {
      if (each instanceof RealLiveKitServer server) {
        server.close();
      } else if (each instanceof RealRedis redis) {
        redis.close();
      }
    }
  }

  @Test
  void anIngressIsMadeSeenChangedAndDeleted() {
    String id;
    String key;
    try (IngressInfo made =
        ingress.create(
            acme, NewIngress.rtmp("hall", "camera").name("studio").participant("Camera", "m"))) {
      id = made.id();
      key = made.streamKey().orElseThrow().string(SecretAccess.get());
      assertThat(id).startsWith("IN_");
      assertThat(key).isNotEmpty();
      assertThat(made.url().orElseThrow().value().string(SecretAccess.get()))
          .isEqualTo("rtmp://127.0.0.1:1935/live");
      assertThat(made.reusable()).isTrue();
      assertThat(made.state().status()).isEqualTo(IngressInfo.Status.INACTIVE);
    }
    try (IngressInfo changed =
            ingress.update(
                acme, id, IngressChange.none().name("other").into("desk", "cam").enabled(false));
        IngressInfo read = ingress.get(acme, id);
        IngressPage inDesk = ingress.list(acme, IngressFilter.all().room("desk"));
        IngressPage inHall = ingress.list(acme, IngressFilter.all().room("hall"))) {
      assertThat(changed.name()).isEqualTo("other");
      assertThat(read.room()).isEqualTo("desk");
      assertThat(read.identity()).isEqualTo("cam");
      assertThat(read.participantName()).isEqualTo("Camera");
      assertThat(read.enabled()).isFalse();
      assertThat(read.streamKey().orElseThrow().string(SecretAccess.get())).isEqualTo(key);
      assertThat(inDesk.items()).extracting(IngressInfo::id).containsExactly(id);
      assertThat(inHall.items()).isEmpty();
    }
    try (IngressInfo whip = ingress.create(acme, NewIngress.whip("desk", "browser"))) {
      assertThat(whip.input()).isEqualTo(IngressInput.WHIP);
      ingress.delete(acme, whip.id());
    }
    ingress.delete(acme, id);
    for (ThrowingCallable gone :
        List.<ThrowingCallable>of(
            () -> ingress.get(acme, id),
            () -> ingress.delete(acme, id),
            () -> ingress.update(acme, id, IngressChange.none().name("x")))) {
      assertThatThrownBy(gone)
          .isInstanceOf(NotFoundException.class)
          .hasMessage("ingress not found");
    }
    assertThat(house.actions(acme))
        .contains("livekit.ingress.created", "livekit.ingress.updated", "livekit.ingress.deleted");
    assertThat(house.trail(acme)).doesNotContain(key);
  }

  @Test
  void trunksAreMadeSeenChangedAndDeleted() {
    SipAuth auth = new SipAuth("acme", SecretValue.of("CANARYpassword"));
    InboundTrunk in =
        sip.createInboundTrunk(
            acme,
            NewInboundTrunk.named("in")
                .numbers(List.of(NUMBER))
                .allowedAddresses(List.of("192.0.2.0/24"))
                .auth(auth)
                .ringing(Duration.ofSeconds(20))
                .encryption(SipEncryption.ALLOW)
                .build());
    assertThat(in.id()).startsWith("ST_");
    assertThat(in.ringing()).contains(Duration.ofSeconds(20));
    assertThat(in.encryption()).isEqualTo(SipEncryption.ALLOW);
    InboundTrunk changed =
        sip.updateInboundTrunk(
            acme,
            in.id(),
            InboundTrunkChange.none()
                .name("changed")
                .numbers(ListChange.of(List.of("+15105550199"), List.of())));
    assertThat(changed.numbers()).containsExactlyInAnyOrder(NUMBER, "+15105550199");
    assertThat(changed.allowedAddresses()).containsExactly("192.0.2.0/24");
    assertThat(changed.authUsername()).contains("acme");
    assertThat(sip.inboundTrunk(acme, in.id())).isEqualTo(changed);
    InboundTrunk replaced =
        sip.replaceInboundTrunk(
            acme, in.id(), NewInboundTrunk.named("again").numbers(List.of(NUMBER)).build());
    assertThat(replaced.allowedAddresses()).isEmpty();
    assertThat(sip.inboundTrunks(acme, TrunkFilter.all().ids(List.of(in.id(), "ST_none"))))
        .containsExactly(replaced);

    OutboundTrunk out =
        sip.createOutboundTrunk(
            acme,
            NewOutboundTrunk.to("out", "sip.example", List.of(NUMBER))
                .transport(SipTransport.TLS)
                .auth(auth)
                .build());
    assertThat(
            sip.updateOutboundTrunk(
                acme,
                out.id(),
                OutboundTrunkChange.none().address("other.example").transport(SipTransport.TCP)))
        .satisfies(
            trunk -> {
              assertThat(trunk.address()).isEqualTo("other.example");
              assertThat(trunk.transport()).isEqualTo(SipTransport.TCP);
              assertThat(trunk.name()).isEqualTo("out");
            });
    assertThat(
            sip.replaceOutboundTrunk(
                    acme, out.id(), NewOutboundTrunk.to("new", "h.example", List.of("*")).build())
                .numbers())
        .containsExactly("*");
    assertThat(sip.outboundTrunk(acme, out.id()).name()).isEqualTo("new");
    assertThat(sip.outboundTrunks(acme, TrunkFilter.all()))
        .extracting(OutboundTrunk::id)
        .contains(out.id());

    sip.deleteTrunk(acme, in.id());
    sip.deleteTrunk(acme, out.id());
    for (ThrowingCallable gone :
        List.<ThrowingCallable>of(
            () -> sip.inboundTrunk(acme, in.id()),
            () -> sip.outboundTrunk(acme, out.id()),
            () -> sip.updateInboundTrunk(acme, in.id(), InboundTrunkChange.none().name("x")))) {
      assertThatThrownBy(gone).isInstanceOf(NotFoundException.class).hasMessage("trunk not found");
    }
    assertThat(house.trail(acme)).doesNotContain("CANARY").doesNotContain(NUMBER);
  }

  @Test
  void rulesAreMadeSeenChangedAndDeleted() {
    DispatchRule made =
        sip.createDispatchRule(
            acme,
            NewDispatchRule.named("r", DispatchTarget.room("desk").pin(SecretValue.of("4711")))
                .called(List.of(NUMBER))
                .metadata("m")
                .attributes(Map.of("a", "1"))
                .roomConfig(RoomConfig.withAgents(RoomAgent.named("bridge")))
                .build());
    assertThat(made.id()).startsWith("SDR_");
    assertThat(made.pinAsked()).isTrue();
    assertThat(made.called()).containsExactly(NUMBER);
    DispatchRule changed =
        sip.updateDispatchRule(
            acme,
            made.id(),
            DispatchRuleChange.none().name("n").target(DispatchTarget.roomPerCaller("call-")));
    assertThat(changed.kind()).isEqualTo(DispatchTarget.Kind.INDIVIDUAL);
    assertThat(changed.room()).isEqualTo("call-");
    assertThat(changed.metadata()).isEqualTo("m");
    DispatchRule replaced =
        sip.replaceDispatchRule(
            acme,
            made.id(),
            NewDispatchRule.named("again", DispatchTarget.roomPerCallee("to-"))
                .called(List.of(NUMBER))
                .build());
    assertThat(replaced.kind()).isEqualTo(DispatchTarget.Kind.CALLEE);
    assertThat(sip.dispatchRules(acme, RuleFilter.all().ids(List.of(made.id()))))
        .containsExactly(replaced);
    sip.deleteDispatchRule(acme, made.id());
    assertThatThrownBy(() -> sip.deleteDispatchRule(acme, made.id()))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("dispatch rule not found");
  }

  @Test
  void withoutTheServicesThatDoTheWorkItFailsTyped() {
    LiveKitRooms.of(house.livekit).create(acme, "recorded", RoomConfig.builder().build());
    assertThat(egress.list(acme, EgressFilter.all()).items()).isEmpty();
    assertThatThrownBy(() -> egress.get(acme, "EG_none")).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> egress.stop(acme, "EG_none")).isInstanceOf(NotFoundException.class);
    OutboundTrunk trunk =
        sip.createOutboundTrunk(
            acme, NewOutboundTrunk.to("dial", "sip.example", List.of(NUMBER)).build());
    // Side by side, since a server takes long to say that nobody does the work.
    Stream.<ThrowingCallable>of(
            () ->
                egress.start(acme, RoomCompositeEgress.of("recorded").to(FileOutput.mp4("r.mp4"))),
            () ->
                ingress
                    .create(
                        acme, NewIngress.from(SecretUrl.of("https://m.example/a"), "desk", "tv"))
                    .close(),
            () ->
                sip.createParticipant(
                    acme, NewSipParticipant.call(trunk.id(), NUMBER, "recorded").build()))
        .map(call -> CompletableFuture.runAsync(() -> isUnavailable(call)))
        .toList()
        .forEach(CompletableFuture::join);
    assertThatThrownBy(
            () -> egress.start(acme, RoomCompositeEgress.of("none").to(FileOutput.mp4("r.mp4"))))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("room not found");
  }

  private static void isUnavailable(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> {
              assertThat(error.failure()).isEqualTo(ServerFailure.UNAVAILABLE);
              assertThat(error.sipStatus()).isEmpty();
            });
  }

  /** A server that has no Redis, as most that are set up for a try. */
  @Test
  void aServerThatIsNotConnectedToThemSaysSo() {
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> egress.list(bare, EgressFilter.all()),
            () -> ingress.list(bare, IngressFilter.all()).close(),
            () -> ingress.create(bare, NewIngress.rtmp("r", "i")).close(),
            () -> sip.inboundTrunks(bare, TrunkFilter.all()),
            () -> sip.dispatchRules(bare, RuleFilter.all()),
            () ->
                sip.createParticipant(bare, NewSipParticipant.call("ST_1", NUMBER, "r").build()))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              LiveKitException.class,
              error -> assertThat(error.failure()).isEqualTo(ServerFailure.FAILED));
    }
  }

  @Test
  void credentialsThatTheServerDoesNotKnowAreRefused() {
    TenantContext stranger = house.connected("stranger", acmeServer.url(), "APIno", SECRET);
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> egress.list(stranger, EgressFilter.all()),
            () -> ingress.list(stranger, IngressFilter.all()),
            () -> sip.dispatchRules(stranger, RuleFilter.all()))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              LiveKitException.class,
              error -> assertThat(error.failure()).isEqualTo(ServerFailure.REFUSED));
    }
  }

  /** Ids of a tenant's ingress, trunks and rule. */
  private record Ids(String ingress, String in, String out, String rule) {}

  /** A call by another tenant that names what is not its own. */
  private interface Foreign {
    Object by(TenantContext context, Ids ids);
  }

  private static final Map<String, Foreign> CALLS = new LinkedHashMap<>();

  static {
    CALLS.put(
        "LiveKitEgress.start",
        (c, ids) -> egress.start(c, RoomCompositeEgress.of("of-acme").to(FileOutput.mp4("r"))));
    CALLS.put("LiveKitEgress.updateLayout", (c, ids) -> egress.updateLayout(c, "EG_x", "grid"));
    CALLS.put(
        "LiveKitEgress.updateStreams",
        (c, ids) ->
            egress.updateStreams(c, "EG_x", List.of(SecretUrl.of("rtmp://h/x")), List.of()));
    CALLS.put("LiveKitEgress.list", (c, ids) -> egress.list(c, EgressFilter.all().room("of-acme")));
    CALLS.put("LiveKitEgress.get", (c, ids) -> egress.get(c, "EG_x"));
    CALLS.put("LiveKitEgress.stop", (c, ids) -> egress.stop(c, "EG_x"));
    CALLS.put(
        "LiveKitIngress.create",
        (c, ids) -> ingress.create(c, NewIngress.rtmp("of-acme", "eve")).room());
    CALLS.put(
        "LiveKitIngress.update",
        (c, ids) -> ingress.update(c, ids.ingress(), IngressChange.none().name("eve")));
    CALLS.put(
        "LiveKitIngress.list",
        (c, ids) ->
            ingress.list(c, IngressFilter.all()).items().stream()
                .anyMatch(each -> each.identity().equals("ada")));
    CALLS.put("LiveKitIngress.get", (c, ids) -> ingress.get(c, ids.ingress()));
    CALLS.put("LiveKitIngress.delete", done((c, ids) -> ingress.delete(c, ids.ingress())));
    NewInboundTrunk in = NewInboundTrunk.named("x").numbers(List.of("+1999")).build();
    NewOutboundTrunk out = NewOutboundTrunk.to("x", "h.example", List.of("1")).build();
    NewDispatchRule rule =
        NewDispatchRule.named("x", DispatchTarget.room("x")).called(List.of("+1999")).build();
    CALLS.put("LiveKitSip.createInboundTrunk", (c, ids) -> createdAndGone(c, in));
    CALLS.put(
        "LiveKitSip.replaceInboundTrunk", (c, ids) -> sip.replaceInboundTrunk(c, ids.in(), in));
    CALLS.put(
        "LiveKitSip.updateInboundTrunk",
        (c, ids) -> sip.updateInboundTrunk(c, ids.in(), InboundTrunkChange.none().name("eve")));
    CALLS.put("LiveKitSip.inboundTrunk", (c, ids) -> sip.inboundTrunk(c, ids.in()));
    CALLS.put(
        "LiveKitSip.inboundTrunks",
        (c, ids) -> "" + sip.inboundTrunks(c, TrunkFilter.all().ids(List.of(ids.in()))));
    CALLS.put("LiveKitSip.createOutboundTrunk", (c, ids) -> sip.createOutboundTrunk(c, out).name());
    CALLS.put(
        "LiveKitSip.replaceOutboundTrunk", (c, ids) -> sip.replaceOutboundTrunk(c, ids.out(), out));
    CALLS.put(
        "LiveKitSip.updateOutboundTrunk",
        (c, ids) -> sip.updateOutboundTrunk(c, ids.out(), OutboundTrunkChange.none().name("eve")));
    CALLS.put("LiveKitSip.outboundTrunk", (c, ids) -> sip.outboundTrunk(c, ids.out()));
    CALLS.put(
        "LiveKitSip.outboundTrunks",
        (c, ids) -> "" + sip.outboundTrunks(c, TrunkFilter.all().ids(List.of(ids.out()))));
    CALLS.put("LiveKitSip.deleteTrunk", done((c, ids) -> sip.deleteTrunk(c, ids.in())));
    CALLS.put(
        "LiveKitSip.createDispatchRule",
        (c, ids) -> {
          DispatchRule made = sip.createDispatchRule(c, rule);
          sip.deleteDispatchRule(c, made.id());
          return made.name();
        });
    CALLS.put(
        "LiveKitSip.replaceDispatchRule", (c, ids) -> sip.replaceDispatchRule(c, ids.rule(), rule));
    CALLS.put(
        "LiveKitSip.updateDispatchRule",
        (c, ids) -> sip.updateDispatchRule(c, ids.rule(), DispatchRuleChange.none().name("eve")));
    CALLS.put(
        "LiveKitSip.dispatchRules",
        (c, ids) -> "" + sip.dispatchRules(c, RuleFilter.all().ids(List.of(ids.rule()))));
    CALLS.put(
        "LiveKitSip.deleteDispatchRule", done((c, ids) -> sip.deleteDispatchRule(c, ids.rule())));
    CALLS.put(
        "LiveKitSip.createParticipant",
        (c, ids) ->
            sip.createParticipant(c, NewSipParticipant.call(ids.out(), "1", "of-acme").build()));
    CALLS.put(
        "LiveKitSip.transferParticipant",
        done((c, ids) -> sip.transferParticipant(c, SipTransfer.of("of-acme", "ada", "tel:1"))));
    CALLS.put(
        "LiveKitSdkCalls.call",
        (c, ids) ->
            sdk.call(
                    c,
                    "Ingress",
                    "ListIngress",
                    ApiToken.of("test").grant(VideoPermission.INGRESS_ADMIN),
                    LivekitIngress.ListIngressRequest.newBuilder()
                        .setIngressId(ids.ingress())
                        .build(),
                    LivekitIngress.ListIngressResponse.parser(),
                    "look")
                .getItemsCount());
  }

  private static Object createdAndGone(TenantContext context, NewInboundTrunk wanted) {
    InboundTrunk made = sip.createInboundTrunk(context, wanted);
    sip.deleteTrunk(context, made.id());
    return made.name();
  }

  private static Foreign done(BiConsumer<TenantContext, Ids> call) {
    return (context, ids) -> {
      call.accept(context, ids);
      return "done";
    };
  }

  @Test
  void noMethodIsForgotten() {
    assertThat(
            Stream.of(
                    LiveKitEgress.class,
                    LiveKitIngress.class,
                    LiveKitSip.class,
                    LiveKitSdkCalls.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> List.of(method.getParameterTypes()).contains(TenantContext.class))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(method -> method.getDeclaringClass().getSimpleName() + "." + method.getName())
                .distinct())
        .containsExactlyInAnyOrderElementsOf(CALLS.keySet());
  }

  @Test
  void anotherTenantsThingsAreAsThoseThatAreNotThere() {
    LiveKitRooms.of(house.livekit).create(acme, "of-acme", RoomConfig.builder().build());
    Ids ids;
    try (IngressInfo made =
        ingress.create(acme, NewIngress.rtmp("of-acme", "ada").name("CANARY"))) {
      ids =
          new Ids(
              made.id(),
              sip.createInboundTrunk(
                      acme,
                      NewInboundTrunk.named("CANARY").numbers(List.of("+15105550777")).build())
                  .id(),
              sip.createOutboundTrunk(
                      acme, NewOutboundTrunk.to("CANARY", "h.example", List.of("1")).build())
                  .id(),
              sip.createDispatchRule(
                      acme,
                      NewDispatchRule.named("CANARY", DispatchTarget.room("of-acme"))
                          .called(List.of("+15105550777"))
                          .build())
                  .id());
    }

    // One after the other: both make trunks for one number, which a server refuses at once.
    List<String> known = all(ids);
    List<String> unknown = all(new Ids("IN_none", "ST_none", "ST_nil", "SDR_none"));
    assertThat(known).isEqualTo(unknown);
    assertThat(unknown.toString()).doesNotContain("CANARY");

    try (IngressInfo read = ingress.get(acme, ids.ingress())) {
      assertThat(read.name()).isEqualTo("CANARY");
    }
    assertThat(sip.inboundTrunk(acme, ids.in()).name()).isEqualTo("CANARY");
    assertThat(sip.outboundTrunk(acme, ids.out()).name()).isEqualTo("CANARY");
    assertThat(sip.dispatchRules(acme, RuleFilter.all().ids(List.of(ids.rule()))))
        .extracting(DispatchRule::name)
        .containsExactly("CANARY");
  }

  private static List<String> all(Ids ids) {
    return CALLS.entrySet().stream()
        .map(each -> each.getKey() + ": " + answer(each.getValue(), globex, ids))
        .toList();
  }

  private static String answer(Foreign call, TenantContext context, Ids ids) {
    try {
      return String.valueOf(call.by(context, ids));
    } catch (TenantkitException e) {
      return e.code() + " " + e.getMessage();
    }
  }

  /** To a server that says yes to all: each call comes with a token for itself alone. */
  @Test
  void eachCallIsGrantedWhatItNeedsAndNoMore() {
    Map<String, String> needed = new HashMap<>();
    List.of("StartRoomCompositeEgress", "UpdateLayout", "UpdateStream", "ListEgress", "StopEgress")
        .forEach(method -> needed.put(method, "{\"video\":{\"roomRecord\":true}}"));
    List.of("CreateIngress", "UpdateIngress", "ListIngress", "DeleteIngress")
        .forEach(method -> needed.put(method, "{\"video\":{\"ingressAdmin\":true}}"));
    List.of(
            "CreateSIPInboundTrunk",
            "UpdateSIPInboundTrunk",
            "GetSIPInboundTrunk",
            "ListSIPInboundTrunk",
            "CreateSIPOutboundTrunk",
            "UpdateSIPOutboundTrunk",
            "GetSIPOutboundTrunk",
            "ListSIPOutboundTrunk",
            "DeleteSIPTrunk",
            "CreateSIPDispatchRule",
            "UpdateSIPDispatchRule",
            "ListSIPDispatchRule",
            "DeleteSIPDispatchRule")
        .forEach(method -> needed.put(method, "{\"video\":{},\"sip\":{\"admin\":true}}"));
    needed.put("CreateSIPParticipant", "{\"video\":{},\"sip\":{\"call\":true}}");
    needed.put(
        "TransferSIPParticipant",
        "{\"video\":{\"room\":\"of-acme\",\"roomAdmin\":true},\"sip\":{\"call\":true}}");
    try (ScriptedServer server = new ScriptedServer()) {
      TenantContext told = house.connected("told", server.url(), "APItold", SECRET);
      Ids ids = new Ids("IN_1", "ST_1", "ST_2", "SDR_1");
      CALLS.values().forEach(call -> answer(call, told, ids));

      assertThat(server.grants())
          .allSatisfy(
              call -> {
                assertThat(call.granted()).as(call.method()).isEqualTo(needed.get(call.method()));
                assertThat(call.seconds()).as(call.method()).isBetween(1L, 60L);
              });
      assertThat(Set.copyOf(server.called())).isEqualTo(needed.keySet());
    }
  }

  /** A token that grants one service does nothing at another. */
  @Test
  void eachCallIsGrantedItsOwnServiceAlone() {
    assertThatThrownBy(
            () ->
                sdk.call(
                    acme,
                    "Ingress",
                    "ListIngress",
                    ApiToken.of("test").grant(ServiceGrant.SIP_ADMIN),
                    LivekitIngress.ListIngressRequest.getDefaultInstance(),
                    LivekitIngress.ListIngressResponse.parser(),
                    "look"))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> assertThat(error.failure()).isEqualTo(ServerFailure.REFUSED));
  }
}
