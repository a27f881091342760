package io.tenantkit.livekit.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.JsonFormat;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.harness.ProtocolFields;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import livekit.LivekitIngress;
import livekit.LivekitModels;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent and read of ingress, held to LiveKit's own messages by Google's reader. */
class IngressMessagesTest {
  private static final IngressAudio SOUND =
      IngressAudio.of(new IngressAudio.Options(96_000, 2, true)).as("mic", TrackSource.MICROPHONE);
  private static final IngressVideo PICTURES =
      IngressVideo.of(
              new IngressVideo.Options(
                  IngressVideo.Codec.VP8,
                  25,
                  List.of(
                      new IngressVideo.Layer(IngressVideo.Quality.HIGH, 1_280, 720, 2_000_000),
                      new IngressVideo.Layer(IngressVideo.Quality.LOW, 320, 180, 200_000))))
          .as("cam", TrackSource.CAMERA);

  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final LiveKitIngress ingress = LiveKitIngress.of(house.livekit);
  private final TenantContext acme =
      house.connected("acme", server.url(), "APIacme", "a-secret-of-at-least-32-characters");

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  @Test
  void allThatCanBeSaidIsSent() throws Exception {
    ingress
        .create(
            acme,
            NewIngress.whip("desk", "camera")
                .name("studio")
                .participant("Camera", "CANARYmetadata")
                .transcoding(true)
                .audio(SOUND)
                .video(PICTURES)
                .disabled())
        .close();
    LivekitIngress.CreateIngressRequest.Builder read =
        LivekitIngress.CreateIngressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), read);

    assertThat(server.paths()).containsExactly("/twirp/livekit.Ingress/CreateIngress");
    assertThat(read.getInputType()).isEqualTo(LivekitIngress.IngressInput.WHIP_INPUT);
    assertThat(read.getRoomName()).isEqualTo("desk");
    assertThat(read.getParticipantIdentity()).isEqualTo("camera");
    assertThat(read.getEnableTranscoding()).isTrue();
    assertThat(read.hasEnabled()).isTrue();
    assertThat(read.getEnabled()).isFalse();
    assertThat(read.getAudio().getOptions().getAudioCodec())
        .isEqualTo(LivekitModels.AudioCodec.OPUS);
    assertThat(read.getAudio().getSource()).isEqualTo(LivekitModels.TrackSource.MICROPHONE);
    assertThat(read.getVideo().getOptions().getLayers(0).getQuality())
        .isEqualTo(LivekitModels.VideoQuality.HIGH);
    assertThat(ProtocolFields.unsaid(read.build()))
        .filteredOn(field -> !field.startsWith("VideoLayer."))
        .containsExactly("CreateIngressRequest.url");
    assertThat(server.lastClaims()).contains("\"video\":{\"ingressAdmin\":true}}");
    assertThat(house.trail(acme)).contains("livekit.ingress.created").doesNotContain("CANARY");
  }

  @Test
  void theOtherInputsAndPresetsAreSent() throws Exception {
    ingress
        .create(
            acme,
            NewIngress.from(SecretUrl.of("https://u:CANARY@media.example/a.m3u8"), "desk", "tv")
                .audio(IngressAudio.of(IngressAudio.Preset.OPUS_MONO_64KBS))
                .video(IngressVideo.of(IngressVideo.Preset.H264_540P_25FPS_2_LAYERS_HIGH_MOTION)))
        .close();
    LivekitIngress.CreateIngressRequest.Builder read =
        LivekitIngress.CreateIngressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), read);
    assertThat(read.getInputType()).isEqualTo(LivekitIngress.IngressInput.URL_INPUT);
    assertThat(read.getUrl()).isEqualTo("https://u:CANARY@media.example/a.m3u8");
    assertThat(read.hasEnabled()).isFalse();
    assertThat(read.getAudio().getPreset())
        .isEqualTo(LivekitIngress.IngressAudioEncodingPreset.OPUS_MONO_64KBS);
    assertThat(read.getVideo().getPreset())
        .isEqualTo(LivekitIngress.IngressVideoEncodingPreset.H264_540P_25FPS_2_LAYERS_HIGH_MOTION);
    assertThat(house.trail(acme)).doesNotContain("CANARY");

    ingress
        .update(
            acme,
            "IN_1",
            IngressChange.none()
                .name("n")
                .into("hall", "cam")
                .participantName("Cam")
                .media(SOUND, PICTURES)
                .enabled(true))
        .close();
    LivekitIngress.UpdateIngressRequest.Builder update =
        LivekitIngress.UpdateIngressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), update);
    assertThat(update.getIngressId()).isEqualTo("IN_1");
    assertThat(ProtocolFields.unsaid(update.build()))
        .filteredOn(field -> field.startsWith("UpdateIngressRequest"))
        .containsExactly(
            "UpdateIngressRequest.enable_transcoding", "UpdateIngressRequest.participant_metadata");

    ingress.list(acme, IngressFilter.all().room("desk").after("next")).close();
    LivekitIngress.ListIngressRequest.Builder list = LivekitIngress.ListIngressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), list);
    assertThat(list.getRoomName()).isEqualTo("desk");
    assertThat(list.getPageToken().getToken()).isEqualTo("next");

    ingress.delete(acme, "IN_1");
    LivekitIngress.DeleteIngressRequest.Builder delete =
        LivekitIngress.DeleteIngressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), delete);
    assertThat(delete.getIngressId()).isEqualTo("IN_1");
  }

  private static LivekitIngress.IngressInfo told() {
    return LivekitIngress.IngressInfo.newBuilder()
        .setIngressId("IN_1")
        .setName("studio")
        .setStreamKey("CANARYkey")
        .setUrl("rtmp://ingress.example/live")
        .setInputType(LivekitIngress.IngressInput.RTMP_INPUT)
        .setRoomName("desk")
        .setParticipantIdentity("camera")
        .setParticipantName("Camera")
        .setReusable(true)
        .setEnabled(false)
        .setState(
            LivekitIngress.IngressState.newBuilder()
                .setStatus(LivekitIngress.IngressState.Status.ENDPOINT_ERROR)
                .setError("bad CANARY")
                .setStartedAt(1_700_000_000_000_000_000L)
                .addTracks(LivekitModels.TrackInfo.newBuilder().setSid("TR_1")))
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAServerTellsIsReadInBothForms(boolean protocolsNames) throws Exception {
    JsonFormat.Printer printer = JsonFormat.printer();
    if (protocolsNames) {
      printer = printer.preservingProtoFieldNames();
    }
    String list =
        printer.print(
            LivekitIngress.ListIngressResponse.newBuilder()
                .addItems(told().toBuilder().setIngressId("IN_0"))
                .addItems(told()));
    server.otherwise(200, list);

    IngressInfo found = ingress.get(acme, "IN_1");
    assertThat(found.id()).isEqualTo("IN_1");
    assertThat(found.input()).isEqualTo(IngressInput.RTMP);
    assertThat(found.streamKey().orElseThrow().string(SecretAccess.get())).isEqualTo("CANARYkey");
    assertThat(found.url().orElseThrow()).hasToString("rtmp://ingress.example/…");
    assertThat(found.room()).isEqualTo("desk");
    assertThat(found.reusable()).isTrue();
    assertThat(found.enabled()).isFalse();
    assertThat(found.state().status()).isEqualTo(IngressInfo.Status.ERROR);
    assertThat(found.state().startedAt()).contains(Instant.ofEpochSecond(1_700_000_000L));
    assertThat(found.state().trackSids()).containsExactly("TR_1");
    assertThat(found).hasToString("IngressInfo[IN_1, RTMP, desk, ERROR]");
    found.close();
    assertThatThrownBy(() -> found.streamKey().orElseThrow().length())
        .as("wiped")
        .isInstanceOf(IllegalStateException.class);

    assertThatThrownBy(() -> ingress.get(acme, "IN_9")).isInstanceOf(NotFoundException.class);
    server.otherwise(404, "{\"code\":\"not_found\"}");
    assertThatThrownBy(() -> ingress.delete(acme, "IN_9"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("ingress not found");
  }

  @Test
  void whatNoServerShouldTellIsReadWithoutFailing() {
    server.otherwise(
        200,
        "{\"items\":[{\"ingress_id\":\"IN_1\",\"input_type\":\"SRT_INPUT\",\"url\":\"nonsense\","
            + "\"stream_key\":\"\\ud800\",\"state\":{\"status\":\"ENDPOINT_RESTING\"}},7,null]}");
    try (IngressPage page = ingress.list(acme, IngressFilter.all())) {
      IngressInfo first = page.items().get(0);
      assertThat(first.input()).isEqualTo(IngressInput.UNKNOWN);
      assertThat(first.url()).isEmpty();
      assertThat(first.streamKey()).isEmpty();
      assertThat(first.enabled()).as("as servers before the field was there").isTrue();
      assertThat(first.state().status()).isEqualTo(IngressInfo.Status.UNKNOWN);
    }
  }

  @Test
  void keysAreForThoseAloneWhoMayMakeThem() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("livekit:read", "livekit:create-session"));
    for (ThrowingCallable refused :
        List.<ThrowingCallable>of(
            () -> ingress.create(reader, NewIngress.rtmp("r", "i")).close(),
            () -> ingress.update(reader, "IN_1", IngressChange.none()).close(),
            () -> ingress.list(reader, IngressFilter.all()).close(),
            () -> ingress.get(reader, "IN_1").close(),
            () -> ingress.delete(reader, "IN_1"))) {
      assertThatThrownBy(refused).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(server.called()).isEmpty();
  }

  @Test
  void itIsBounded() {
    refused("url", () -> NewIngress.from(SecretUrl.of("file:///x/y"), "r", "i"));
    refused("url", () -> NewIngress.from(SecretUrl.of("rtmp://h/x"), "r", "i"));
    refused("room", () -> NewIngress.rtmp("", "i"));
    refused("identity", () -> NewIngress.whip("r", "i".repeat(257)));
    refused("transcoding", () -> NewIngress.rtmp("r", "i").transcoding(false));
    refused("enabled", () -> NewIngress.from(SecretUrl.of("https://h/x"), "r", "i").disabled());
    refused("participantMetadata", () -> NewIngress.rtmp("r", "i").participant("", big()));
    refused("bitrate", () -> new IngressAudio.Options(-1, 1, false));
    refused("channels", () -> new IngressAudio.Options(1, 3, false));
    refused("layers", () -> new IngressVideo.Options(IngressVideo.Codec.VP8, 1, List.of()));
    refused(
        "options",
        () ->
            new IngressAudio(
                Optional.empty(),
                Optional.empty(),
                Optional.of(IngressAudio.Preset.OPUS_MONO_64KBS),
                Optional.of(new IngressAudio.Options(0, 0, false))));
    refused("ingressId", () -> ingress.get(acme, "x\u0000"));
    assertThat(NewIngress.rtmp("r", "i").participant("CANARY", "CANARY").toString())
        .doesNotContain("CANARY");
    assertThat(server.called()).isEmpty();
  }

  private static String big() {
    return "m".repeat((512 << 10) + 1);
  }

  private static void refused(String property, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo(property));
  }
}
