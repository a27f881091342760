package io.tenantkit.livekit.ingress;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.RequestJson;
import java.util.List;
import java.util.Optional;

/** Ingresses as LiveKit's protocol buffers in their JSON form. */
final class IngressJson {
  private static final String SUFFIX = "_INPUT";

  private IngressJson() {}

  static RequestJson create(NewIngress wanted) {
    RequestJson json =
        RequestJson.object()
            .text("inputType", wanted.input().name() + SUFFIX)
            .secret("url", wanted.url().map(SecretUrl::value))
            .text("name", wanted.name())
            .text("roomName", wanted.room())
            .text("participantIdentity", wanted.identity())
            .text("participantName", wanted.participantName())
            .text("participantMetadata", wanted.participantMetadata())
            .flag("enableTranscoding", wanted.transcoding())
            .flag("enabled", wanted.enabled());
    return media(json, wanted.audio(), wanted.video());
  }

  static RequestJson update(String ingressId, IngressChange change) {
    RequestJson json =
        RequestJson.object()
            .text("ingressId", ingressId)
            .text("name", change.name())
            .text("roomName", change.room())
            .text("participantIdentity", change.identity())
            .text("participantName", change.participantName())
            .text("participantMetadata", change.participantMetadata())
            .flag("enableTranscoding", change.transcoding())
            .flag("enabled", change.enabled());
    return media(json, change.audio(), change.video());
  }

  private static RequestJson media(
      RequestJson json, Optional<IngressAudio> audio, Optional<IngressVideo> video) {
    audio.ifPresent(sound -> json.put("audio", audio(sound)));
    video.ifPresent(pictures -> json.put("video", video(pictures)));
    return json;
  }

  private static RequestJson audio(IngressAudio audio) {
    RequestJson json =
        RequestJson.object()
            .text("name", audio.trackName())
            .text("source", audio.source().map(IngressJson::source))
            .text("preset", audio.preset().map(Enum::name));
    audio
        .options()
        .ifPresent(
            options ->
                json.put(
                    "options",
                    RequestJson.object()
                        .text("audioCodec", "OPUS")
                        .number("bitrate", options.bitrate())
                        .flag("disableDtx", options.withoutDtx())
                        .number("channels", options.channels())));
    return json;
  }

  private static RequestJson video(IngressVideo video) {
    RequestJson json =
        RequestJson.object()
            .text("name", video.trackName())
            .text("source", video.source().map(IngressJson::source))
            .text("preset", video.preset().map(Enum::name));
    video.options().ifPresent(options -> json.put("options", options(options)));
    return json;
  }

  private static RequestJson options(IngressVideo.Options options) {
    RequestJson json = RequestJson.object().number("frameRate", options.framerate());
    if (options.codec() != IngressVideo.Codec.DEFAULT_VC) {
      json.text("videoCodec", options.codec().name());
    }
    return json.list(
        "layers",
        options.layers().stream()
            .map(
                layer ->
                    RequestJson.object()
                        .text("quality", layer.quality().name())
                        .number("width", layer.width())
                        .number("height", layer.height())
                        .number("bitrate", layer.bitrate()))
            .toList());
  }

  private static String source(TrackSource source) {
    return source.name();
  }

  static IngressPage page(JsonNode json) {
    return new IngressPage(
        AnswerJson.list(AnswerJson.field(json, "items"), IngressJson::info),
        AnswerJson.present(AnswerJson.field(json, "next_page_token"), "token"));
  }

  static IngressInfo info(JsonNode json) {
    JsonNode enabled = AnswerJson.field(json, "enabled");
    return new IngressInfo(
        AnswerJson.text(json, "ingress_id"),
        AnswerJson.text(json, "name"),
        input(json),
        AnswerJson.present(json, "url").flatMap(IngressJson::url),
        AnswerJson.secret(json, "stream_key"),
        AnswerJson.text(json, "room_name"),
        AnswerJson.text(json, "participant_identity"),
        AnswerJson.text(json, "participant_name"),
        AnswerJson.text(json, "participant_metadata"),
        AnswerJson.flag(json, "reusable"),
        !enabled.isBoolean() || enabled.asBoolean(),
        state(AnswerJson.field(json, "state")));
  }

  private static IngressInput input(JsonNode json) {
    String text = AnswerJson.text(json, "input_type");
    for (IngressInput input : IngressInput.values()) {
      if (text.equals(input.name() + SUFFIX)) {
        return input;
      }
    }
    return text.isEmpty() ? IngressInput.RTMP : IngressInput.UNKNOWN;
  }

  private static Optional<SecretUrl> url(String url) {
    try {
      return Optional.of(SecretUrl.of(url));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  private static IngressInfo.State state(JsonNode json) {
    return new IngressInfo.State(
        AnswerJson.oneOf(
            json,
            "status",
            "ENDPOINT_",
            List.of(IngressInfo.Status.values()),
            IngressInfo.Status.UNKNOWN),
        AnswerJson.text(json, "error"),
        AnswerJson.text(json, "room_id"),
        AnswerJson.nanos(json, "started_at"),
        AnswerJson.nanos(json, "ended_at"),
        AnswerJson.list(AnswerJson.field(json, "tracks"), track -> AnswerJson.text(track, "sid")));
  }
}
