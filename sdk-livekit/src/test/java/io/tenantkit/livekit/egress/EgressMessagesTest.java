package io.tenantkit.livekit.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.harness.ProtocolFields;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import livekit.LivekitEgress;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is sent and read of egress, held to LiveKit's own messages by Google's reader, which refuses
 * what it does not know.
 */
class EgressMessagesTest {
  private static final SecretUrl RTMP = SecretUrl.of("rtmps://live.example/app/CANARYkey");
  private static final SecretUrl PAGE = SecretUrl.of("https://page.example/?token=CANARYpage");
  private static final EgressWebhook HOOK =
      new EgressWebhook(SecretUrl.of("https://hook.example/CANARYhook"), "APIkey");
  private static final EncodingOptions ADVANCED =
      EncodingOptions.defaults()
          .picture(1_280, 720, 25)
          .audio(EncodingOptions.AudioCodec.AAC, 96, 48_000)
          .video(EncodingOptions.VideoCodec.H264_HIGH, 2_500, 2.5);

  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final LiveKitEgress egress = LiveKitEgress.of(house.livekit);
  private final TenantContext acme =
      house.connected("acme", server.url(), "APIacme", "a-secret-of-at-least-32-characters");

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  private <M extends Message.Builder> M sent(NewEgress wanted, M message) throws Exception {
    egress.start(acme, wanted);
    JsonFormat.parser().merge(server.lastBody(), message);
    return message;
  }

  private static S3Storage s3() {
    return S3Storage.of("bucket", "eu", SecretValue.of("AKCANARY"), SecretValue.of("SKCANARY\"\\"))
        .at(SecretUrl.of("https://s3.example"))
        .session(SecretValue.of("STCANARY"))
        .as(new S3Storage.Role("arn:role", Optional.of(SecretValue.of("XCANARY"))))
        .metadata(Map.of("k", "v"));
  }

  private static SegmentsOutput segments() {
    return SegmentsOutput.of("seg")
        .playlist("list.m3u8")
        .livePlaylist("live.m3u8")
        .segment(Duration.ofSeconds(6))
        .withTimestamps()
        .withoutManifest()
        .in(new GoogleStorage("gbucket", SecretValue.of("{\"private_key\":\"GCANARY\\n\"}")));
  }

  private static ImagesOutput images() {
    return ImagesOutput.of("img", Duration.ofSeconds(5))
        .size(640, 360)
        .suffix(ImagesOutput.Suffix.TIMESTAMP)
        .withoutManifest()
        .in(new AzureStorage("box", "account", SecretValue.of("AZCANARY")));
  }

  @Test
  void aRoomWithAllThatCanBeSaid() throws Exception {
    LivekitEgress.RoomCompositeEgressRequest read =
        sent(
                RoomCompositeEgress.of("desk")
                    .layout("grid")
                    .withAudioOnly()
                    .mixing(RoomCompositeEgress.AudioMixing.DUAL_CHANNEL_AGENT)
                    .page(PAGE)
                    .to(FileOutput.mp4("r/{room_name}.mp4").withoutManifest().in(s3()))
                    .to(StreamOutput.rtmp(RTMP), segments(), images())
                    .encoded(ADVANCED)
                    .telling(HOOK),
                LivekitEgress.RoomCompositeEgressRequest.newBuilder())
            .build();

    assertThat(server.paths()).containsExactly("/twirp/livekit.Egress/StartRoomCompositeEgress");
    assertThat(read.getRoomName()).isEqualTo("desk");
    assertThat(read.getLayout()).isEqualTo("grid");
    assertThat(read.getAudioOnly()).isTrue();
    assertThat(read.getAudioMixing()).isEqualTo(LivekitEgress.AudioMixing.DUAL_CHANNEL_AGENT);
    assertThat(read.getCustomBaseUrl()).isEqualTo("https://page.example/?token=CANARYpage");
    LivekitEgress.EncodedFileOutput file = read.getFileOutputs(0);
    assertThat(file.getFileType()).isEqualTo(LivekitEgress.EncodedFileType.MP4);
    assertThat(file.getFilepath()).isEqualTo("r/{room_name}.mp4");
    assertThat(file.getS3().getSecret()).isEqualTo("SKCANARY\"\\");
    assertThat(file.getS3().getAssumeRoleExternalId()).isEqualTo("XCANARY");
    assertThat(file.getS3().getMetadataMap()).isEqualTo(Map.of("k", "v"));
    assertThat(read.getStreamOutputs(0).getProtocol()).isEqualTo(LivekitEgress.StreamProtocol.RTMP);
    assertThat(read.getStreamOutputs(0).getUrls(0)).isEqualTo("rtmps://live.example/app/CANARYkey");
    assertThat(read.getSegmentOutputs(0).getSegmentDuration()).isEqualTo(6);
    assertThat(read.getSegmentOutputs(0).getFilenameSuffix())
        .isEqualTo(LivekitEgress.SegmentedFileSuffix.TIMESTAMP);
    assertThat(read.getSegmentOutputs(0).getGcp().getCredentials())
        .isEqualTo("{\"private_key\":\"GCANARY\\n\"}");
    assertThat(read.getImageOutputs(0).getCaptureInterval()).isEqualTo(5);
    assertThat(read.getImageOutputs(0).getFilenameSuffix())
        .isEqualTo(LivekitEgress.ImageFileSuffix.IMAGE_SUFFIX_TIMESTAMP);
    assertThat(read.getImageOutputs(0).getAzure().getAccountKey()).isEqualTo("AZCANARY");
    assertThat(read.getAdvanced().getKeyFrameInterval()).isEqualTo(2.5);
    assertThat(read.getWebhooks(0).getSigningKey()).isEqualTo("APIkey");
    // What the protocol has and cannot be said: other choices of a oneof, and what is left aside
    // because LiveKit itself has only one value for it, or has put something else in its place.
    assertThat(ProtocolFields.unsaid(read))
        .containsExactlyInAnyOrder(
            "RoomCompositeEgressRequest.video_only",
            "EncodingOptions.depth",
            "S3Upload.proxy",
            "S3Upload.tagging",
            "S3Upload.content_disposition",
            "GCPUpload.proxy",
            "ImageOutput.image_codec",
            "WebhookConfig.filter_params");
  }

  @Test
  void theOtherKindsWithAllThatCanBeSaid() throws Exception {
    AliOssStorage ali =
        new AliOssStorage(
            "obucket",
            "cn",
            SecretValue.of("AACANARY"),
            SecretValue.of("ASCANARY"),
            Optional.of(SecretUrl.of("https://oss.example")));
    LivekitEgress.ParticipantEgressRequest participant =
        sent(
                ParticipantEgress.of("desk", "ada")
                    .withScreenShare()
                    .to(FileOutput.of("p").in(ali), StreamOutput.rtmp(RTMP), segments(), images())
                    .encoded(EncodingPreset.PORTRAIT_H264_1080P_60)
                    .telling(HOOK),
                LivekitEgress.ParticipantEgressRequest.newBuilder())
            .build();
    assertThat(participant.getIdentity()).isEqualTo("ada");
    assertThat(participant.getPreset())
        .isEqualTo(LivekitEgress.EncodingOptionsPreset.PORTRAIT_H264_1080P_60);
    assertThat(participant.getFileOutputs(0).getAliOSS().getSecret()).isEqualTo("ASCANARY");
    assertThat(ProtocolFields.unsaid(participant))
        .filteredOn(field -> field.startsWith("ParticipantEgressRequest"))
        .isEmpty();

    LivekitEgress.TrackCompositeEgressRequest tracks =
        sent(
                TrackCompositeEgress.of("desk", "TR_a", "TR_v")
                    .to(FileOutput.ogg("t.ogg"), StreamOutput.srt(SecretUrl.of("srt://s.example")))
                    .to(segments(), images())
                    .encoded(ADVANCED)
                    .telling(HOOK),
                LivekitEgress.TrackCompositeEgressRequest.newBuilder())
            .build();
    assertThat(tracks.getAudioTrackId()).isEqualTo("TR_a");
    assertThat(tracks.getVideoTrackId()).isEqualTo("TR_v");
    assertThat(tracks.getStreamOutputs(0).getProtocol())
        .isEqualTo(LivekitEgress.StreamProtocol.SRT);
    assertThat(ProtocolFields.unsaid(tracks))
        .filteredOn(field -> field.startsWith("TrackCompositeEgressRequest"))
        .isEmpty();

    LivekitEgress.WebEgressRequest web =
        sent(
                WebEgress.of(PAGE)
                    .withVideoOnly()
                    .awaitingStartSignal()
                    .to(FileOutput.mp3("w.mp3"), StreamOutput.rtmp(RTMP), segments(), images())
                    .encoded(EncodingPreset.H264_1080P_60)
                    .telling(HOOK),
                LivekitEgress.WebEgressRequest.newBuilder())
            .build();
    assertThat(web.getUrl()).isEqualTo("https://page.example/?token=CANARYpage");
    assertThat(ProtocolFields.unsaid(web))
        .filteredOn(field -> field.startsWith("WebEgressRequest"))
        .containsExactly("WebEgressRequest.audio_only");

    LivekitEgress.TrackEgressRequest track =
        sent(
                TrackEgress.toFile("desk", "TR_a", FileOutput.of("t").withoutManifest().in(ali))
                    .telling(HOOK),
                LivekitEgress.TrackEgressRequest.newBuilder())
            .build();
    assertThat(track.getFile().getFilepath()).isEqualTo("t");
    assertThat(track.getFile().getAliOSS().getAccessKey()).isEqualTo("AACANARY");
    LivekitEgress.TrackEgressRequest socket =
        sent(
                TrackEgress.toWebSocket("desk", "TR_a", SecretUrl.of("wss://w.example/CANARYws")),
                LivekitEgress.TrackEgressRequest.newBuilder())
            .build();
    assertThat(socket.getWebsocketUrl()).isEqualTo("wss://w.example/CANARYws");
    assertThat(server.called())
        .containsExactly(
            "StartParticipantEgress",
            "StartTrackCompositeEgress",
            "StartWebEgress",
            "StartTrackEgress",
            "StartTrackEgress");
    assertThat(house.trail(acme))
        .as("what goes to the server alone")
        .doesNotContain("CANARY")
        .contains("livekit.egress.started");
  }

  private static Class<?>[] kinds(List<?> all) {
    return all.stream().map(Object::getClass).toArray(Class<?>[]::new);
  }

  /** A kind that is added to the language is missed here. */
  @Test
  void everyKindOfOutputStorageAndEncodingReachesTheServer() throws Exception {
    List<EgressOutput> outputs =
        List.of(FileOutput.of("f").in(s3()), StreamOutput.rtmp(RTMP), segments(), images());
    assertThat(EgressOutput.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(kinds(outputs));
    Set<String> sentAs = new HashSet<>();
    for (EgressOutput output : outputs) {
      LivekitEgress.WebEgressRequest read =
          sent(WebEgress.of(PAGE).to(output), LivekitEgress.WebEgressRequest.newBuilder()).build();
      read.getAllFields().keySet().forEach(field -> sentAs.add(field.getName()));
    }
    assertThat(sentAs)
        .contains("file_outputs", "stream_outputs", "segment_outputs", "image_outputs");

    List<EgressStorage> storages =
        List.of(
            s3(),
            new GoogleStorage("b", SecretValue.of("{}")),
            new AzureStorage("b", "a", SecretValue.of("k")),
            new AliOssStorage(
                "b", "cn", SecretValue.of("k"), SecretValue.of("s"), Optional.empty()));
    assertThat(EgressStorage.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(kinds(storages));
    Set<LivekitEgress.EncodedFileOutput.OutputCase> stored = new HashSet<>();
    for (EgressStorage storage : storages) {
      stored.add(
          sent(
                  WebEgress.of(PAGE).to(FileOutput.mp4("f").in(storage)),
                  LivekitEgress.WebEgressRequest.newBuilder())
              .getFileOutputs(0)
              .getOutputCase());
    }
    assertThat(stored)
        .hasSize(4)
        .doesNotContain(LivekitEgress.EncodedFileOutput.OutputCase.OUTPUT_NOT_SET);

    List<EgressEncoding> encodings = List.of(EncodingPreset.H264_1080P_60, ADVANCED);
    assertThat(EgressEncoding.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(kinds(encodings));
    Set<LivekitEgress.WebEgressRequest.OptionsCase> encoded = new HashSet<>();
    for (EgressEncoding encoding : encodings) {
      encoded.add(
          sent(
                  WebEgress.of(PAGE).to(StreamOutput.rtmp(RTMP)).encoded(encoding),
                  LivekitEgress.WebEgressRequest.newBuilder())
              .getOptionsCase());
    }
    assertThat(encoded)
        .containsExactlyInAnyOrder(
            LivekitEgress.WebEgressRequest.OptionsCase.PRESET,
            LivekitEgress.WebEgressRequest.OptionsCase.ADVANCED);
  }

  /** Of one track: as it is, into a file or to whoever listens. */
  @Test
  void aTrackGoesToEitherOfItsOutputs() {
    List<TrackOutput> outputs =
        List.of(
            FileOutput.of("t"), new WebSocketOutput(SecretUrl.of("wss://w.example/CANARYsocket")));
    assertThat(TrackOutput.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(kinds(outputs));
    for (TrackOutput output : outputs) {
      TrackEgress wanted = new TrackEgress("desk", "TR_a", output, List.of());
      egress.start(acme, wanted);
      assertThat(wanted.toString()).doesNotContain("CANARY");
    }
    assertThat(server.called()).containsExactly("StartTrackEgress", "StartTrackEgress");
  }

  @ParameterizedTest
  @EnumSource(StreamOutput.Protocol.class)
  void aStreamsProtocolSaysWhichUrlsItTakes(StreamOutput.Protocol protocol) {
    List<SecretUrl> srt = List.of(SecretUrl.of("srt://s.example"));
    boolean isRtmp = protocol == StreamOutput.Protocol.RTMP;
    assertThat(new StreamOutput(protocol, isRtmp ? List.of(RTMP) : srt).protocol())
        .isEqualTo(protocol);
    assertThatThrownBy(() -> new StreamOutput(protocol, isRtmp ? srt : List.of(RTMP)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("urls: ");
  }

  @Test
  void laterCallsAreSentAsTheServerReadsThem() throws Exception {
    egress.updateLayout(acme, "EG_1", "grid");
    LivekitEgress.UpdateLayoutRequest.Builder layout =
        LivekitEgress.UpdateLayoutRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), layout);
    assertThat(layout.getEgressId() + layout.getLayout()).isEqualTo("EG_1grid");

    egress.updateStreams(acme, "EG_1", List.of(RTMP), List.of(SecretUrl.of("mux://CANARYmux")));
    LivekitEgress.UpdateStreamRequest.Builder streams =
        LivekitEgress.UpdateStreamRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), streams);
    assertThat(streams.getAddOutputUrls(0)).isEqualTo("rtmps://live.example/app/CANARYkey");
    assertThat(streams.getRemoveOutputUrls(0)).isEqualTo("mux://CANARYmux");

    egress.list(acme, EgressFilter.all().room("desk").onlyActive());
    LivekitEgress.ListEgressRequest.Builder list = LivekitEgress.ListEgressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), list);
    assertThat(list.getRoomName()).isEqualTo("desk");
    assertThat(list.getActive()).isTrue();
    egress.list(acme, EgressFilter.all().after("more"));
    assertThat(server.lastBody()).isEqualTo("{\"pageToken\":{\"token\":\"more\"}}");

    egress.stop(acme, "EG_1");
    LivekitEgress.StopEgressRequest.Builder stop = LivekitEgress.StopEgressRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), stop);
    assertThat(stop.getEgressId()).isEqualTo("EG_1");

    assertThat(server.lastClaims()).contains("\"video\":{\"roomRecord\":true}}");
    assertThat(house.actions(acme))
        .contains(
            "livekit.egress.layout_changed",
            "livekit.egress.streams_changed",
            "livekit.egress.listed",
            "livekit.egress.stopped");
    assertThat(house.trail(acme)).doesNotContain("CANARY");
  }

  private static LivekitEgress.EgressInfo told() {
    return LivekitEgress.EgressInfo.newBuilder()
        .setEgressId("EG_1")
        .setRoomId("RM_1")
        .setRoomName("desk")
        .setStatus(LivekitEgress.EgressStatus.EGRESS_LIMIT_REACHED)
        .setStartedAt(1_700_000_000_123_456_789L)
        .setEndedAt(1_700_000_060_000_000_000L)
        .setUpdatedAt(1_700_000_061_000_000_000L)
        .setError("too long")
        .setErrorCode(412)
        .setRoomComposite(
            LivekitEgress.RoomCompositeEgressRequest.newBuilder()
                .addFileOutputs(
                    LivekitEgress.EncodedFileOutput.newBuilder()
                        .setS3(LivekitEgress.S3Upload.newBuilder().setSecret("CANARY"))))
        .addFileResults(
            LivekitEgress.FileInfo.newBuilder()
                .setFilename("r.mp4")
                .setLocation("https://bucket/r.mp4")
                .setSize(9_000_000_000L)
                .setDuration(60_000_000_000L))
        .addSegmentResults(
            LivekitEgress.SegmentsInfo.newBuilder()
                .setPlaylistName("l.m3u8")
                .setPlaylistLocation("at")
                .setSegmentCount(10))
        .addImageResults(
            LivekitEgress.ImagesInfo.newBuilder().setFilenamePrefix("img").setImageCount(12))
        .addStreamResults(
            LivekitEgress.StreamInfo.newBuilder()
                .setUrl("rtmp://live.example/app/CANARY")
                .setStatus(LivekitEgress.StreamInfo.Status.FAILED)
                .setError("no")
                .setRetries(3))
        .setManifestLocation("m.json")
        .setBackupStorageUsed(true)
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAServerTellsIsReadInBothForms(boolean protocolsNames) throws Exception {
    JsonFormat.Printer printer = JsonFormat.printer();
    if (protocolsNames) {
      printer = printer.preservingProtoFieldNames();
    }
    server.otherwise(200, printer.print(told()));

    EgressInfo info = egress.stop(acme, "EG_1");

    assertThat(info.id()).isEqualTo("EG_1");
    assertThat(info.room()).isEqualTo("desk");
    assertThat(info.roomSid()).isEqualTo("RM_1");
    assertThat(info.status()).isEqualTo(EgressInfo.Status.LIMIT_REACHED);
    assertThat(info.status().isFinal()).isTrue();
    assertThat(info.startedAt()).contains(Instant.ofEpochSecond(1_700_000_000L, 123_456_789));
    assertThat(info.endedAt()).contains(Instant.ofEpochSecond(1_700_000_060L));
    assertThat(info.error()).isEqualTo("too long");
    assertThat(info.errorCode()).isEqualTo(412);
    assertThat(info.files())
        .containsExactly(
            new EgressInfo.WrittenFile(
                "r.mp4", "https://bucket/r.mp4", 9_000_000_000L, Duration.ofMinutes(1)));
    assertThat(info.segments()).extracting(EgressInfo.WrittenSegments::count).containsExactly(10L);
    assertThat(info.images()).containsExactly(new EgressInfo.WrittenImages("img", 12));
    assertThat(info.streams().get(0).target()).isEqualTo("rtmp://live.example/…");
    assertThat(info.streams().get(0).status()).isEqualTo(EgressInfo.StreamStatus.FAILED);
    assertThat(info.manifest()).contains("m.json");
    assertThat(info.backupStorage()).isTrue();
    assertThat(info).hasToString("EgressInfo[EG_1, desk, LIMIT_REACHED]");
    assertThat(info.streams().toString()).doesNotContain("CANARY");
  }

  @Test
  void whatALaterServerTellsIsUnknownAndNothingIsStarting() {
    server.otherwise(200, "{\"egress_id\":\"EG_1\",\"status\":\"EGRESS_PAUSED\",\"x\":[{}]}");
    assertThat(egress.stop(acme, "EG_1").status()).isEqualTo(EgressInfo.Status.UNKNOWN);
    server.otherwise(200, "{}");
    assertThat(egress.stop(acme, "EG_1").status()).isEqualTo(EgressInfo.Status.STARTING);
    server.otherwise(
        200, "{\"items\":[{\"egressId\":\"EG_2\"}],\"nextPageToken\":{\"token\":\"more\"}}");
    EgressPage page = egress.list(acme, EgressFilter.all());
    assertThat(page.items()).extracting(EgressInfo::id).containsExactly("EG_2");
    assertThat(page.next()).contains("more");
    assertThatThrownBy(() -> egress.get(acme, "EG_1"))
        .as("of what was not asked for")
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void recordingNeedsTheScopeForItAndReadingTheOneForThat() {
    TenantContext reader = acme.limitedTo(ScopeSet.of("livekit:read"));
    TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session"));
    NewEgress wanted = RoomCompositeEgress.of("desk").to(FileOutput.mp4("r.mp4"));
    egress.list(reader, EgressFilter.all());
    int sent = server.called().size();

    for (ThrowingCallable refused :
        List.<ThrowingCallable>of(
            () -> egress.start(reader, wanted),
            () -> egress.updateLayout(reader, "EG_1", "grid"),
            () -> egress.updateStreams(reader, "EG_1", List.of(RTMP), List.of()),
            () -> egress.stop(reader, "EG_1"),
            () -> egress.list(person, EgressFilter.all()),
            () -> egress.get(person, "EG_1"))) {
      assertThatThrownBy(refused).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(server.called()).hasSize(sent);
  }

  /** A storage's credentials that the vault keeps, lent for the call. */
  @Test
  void credentialsOfAStorageComeFromTheVault() {
    SecretRef ref = SecretRef.of("s3", acme.environment(), "recordings");
    try (SecretValue key = SecretValue.of("AKvault");
        SecretValue secret = SecretValue.of("SKvault")) {
      house.vault.put(acme, ref, NewSecret.of("s3", Map.of("key", key, "secret", secret)));
    }

    house.vault.useFields(
        acme,
        ref,
        Purpose.of("record"),
        s3 ->
            egress.start(
                acme,
                RoomCompositeEgress.of("desk")
                    .to(
                        FileOutput.mp4("r.mp4")
                            .in(S3Storage.of("b", "eu", s3.field("key"), s3.field("secret"))))));

    assertThat(server.lastBody())
        .contains("\"s3\":{\"accessKey\":\"AKvault\",\"secret\":\"SKvault\"");
  }

  @Test
  void aClosedCredentialSendsNothing() {
    SecretValue closed = SecretValue.of("gone");
    closed.close();
    NewEgress wanted =
        RoomCompositeEgress.of("desk")
            .to(FileOutput.mp4("r.mp4").in(new GoogleStorage("b", closed)));

    assertThatThrownBy(() -> egress.start(acme, wanted)).isInstanceOf(IllegalStateException.class);
    assertThat(server.called()).isEmpty();
  }

  @Test
  void itIsBounded() {
    refused("outputs", () -> egress.start(acme, RoomCompositeEgress.of("desk")));
    FileOutput file = FileOutput.mp4("r.mp4");
    refused(
        "outputs",
        () -> WebEgress.of(PAGE).to(file, file, file, file, file, file, file, file, file));
    refused("room", () -> RoomCompositeEgress.of(""));
    refused("room", () -> ParticipantEgress.of("r\n", "i"));
    refused("audioTrack", () -> new TrackCompositeEgress("r", none(), none(), EgressDelivery.NONE));
    refused("page", () -> RoomCompositeEgress.of("r").page(RTMP));
    refused("page", () -> WebEgress.of(SecretUrl.of("file://x/etc/passwd")));
    refused("url", () -> TrackEgress.toWebSocket("r", "t", PAGE));
    refused("urls", () -> StreamOutput.srt(RTMP));
    refused("urls", () -> StreamOutput.rtmp());
    refused("url", () -> SecretUrl.of("rtmp:///app"));
    refused("url", () -> SecretUrl.of("rtmp://h/a b"));
    refused("url", () -> SecretUrl.of("rtmp://h/" + "x".repeat(SecretUrl.MAX_LENGTH)));
    refused("url", () -> SecretUrl.of("//h/x"));
    refused("filepath", () -> FileOutput.of("p".repeat(1_025)));
    refused("segment", () -> SegmentsOutput.of("s").segment(Duration.ofMillis(1_500)));
    refused("interval", () -> ImagesOutput.of("i", Duration.ZERO));
    refused("width", () -> ImagesOutput.of("i", Duration.ofSeconds(1)).size(15, 16));
    refused("framerate", () -> EncodingOptions.defaults().picture(0, 0, 121));
    refused(
        "keyFrameInterval",
        () -> EncodingOptions.defaults().video(EncodingOptions.VideoCodec.VP8, 0, Double.NaN));
    refused("add", () -> egress.updateStreams(acme, "EG_1", List.of(), List.of()));
    refused("add", () -> egress.updateStreams(acme, "EG_1", List.of(PAGE), List.of()));
    refused("egressId", () -> egress.stop(acme, ""));
    refused("layout", () -> egress.updateLayout(acme, "EG_1", "x".repeat(257)));
    assertThat(server.called()).isEmpty();
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  @Test
  void whatIsSecretIsNotPrinted() {
    NewEgress wanted =
        RoomCompositeEgress.of("desk")
            .page(PAGE)
            .to(FileOutput.mp4("r").in(s3()), StreamOutput.rtmp(RTMP), segments(), images())
            .telling(HOOK);

    assertThat(wanted.toString()).doesNotContain("CANARY").contains("rtmps://live.example/…");
    assertThat(SecretUrl.of("rtmp://user:CANARY@h/x")).hasToString("rtmp://h/…");
    assertThat(SecretUrl.of("twitch://CANARY")).hasToString("twitch://…");
  }

  @Test
  void aServerThatRefusesSaysWhy() {
    for (Map.Entry<String, ServerFailure> each :
        Map.of(
                "resource_exhausted", ServerFailure.EXHAUSTED,
                "failed_precondition", ServerFailure.CONFLICT,
                "permission_denied", ServerFailure.REFUSED,
                "internal", ServerFailure.FAILED,
                "unavailable", ServerFailure.UNAVAILABLE)
            .entrySet()) {
      server.otherwise(500, "{\"code\":\"" + each.getKey() + "\",\"msg\":\"CANARY\"}");
      assertThatThrownBy(() -> egress.stop(acme, "EG_1"))
          .isInstanceOfSatisfying(
              LiveKitException.class,
              error -> {
                assertThat(error.failure()).isEqualTo(each.getValue());
                assertThat(error.sipStatus()).isEmpty();
              })
          .hasMessageNotContaining("CANARY");
    }
    server.otherwise(404, "{\"code\":\"not_found\"}");
    assertThatThrownBy(() -> egress.stop(acme, "EG_1"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("egress not found");
    assertThat(Set.copyOf(server.called())).containsExactly("StopEgress");
  }

  private static void refused(String property, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo(property))
        .hasMessageNotContaining("CANARY");
  }
}
