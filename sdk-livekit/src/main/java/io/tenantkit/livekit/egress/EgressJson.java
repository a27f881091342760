package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestJson;
import java.util.List;
import java.util.stream.Stream;

/** Egresses to be started, as LiveKit's protocol buffers in their JSON form. */
final class EgressJson {
  private EgressJson() {}

  /**
   * One kind as it is called.
   *
   * @param method of the server
   * @param kind for people
   * @param room which it is about; empty for a page
   * @param outputs for people
   * @param json the request
   */
  record Call(String method, String kind, String room, String outputs, RequestJson json) {}

  static Call call(NewEgress wanted) {
    if (wanted instanceof RoomCompositeEgress room) {
      RequestJson json =
          RequestJson.object()
              .text("roomName", room.room())
              .text("layout", room.layout())
              .flag("audioOnly", room.audioOnly())
              .flag("videoOnly", room.videoOnly())
              .secret("customBaseUrl", room.page().map(SecretUrl::value));
      if (room.mixing() != RoomCompositeEgress.AudioMixing.DEFAULT_MIXING) {
        json.text("audioMixing", room.mixing().name());
      }
      return encoded("RoomComposite", "room", room.room(), room.delivery(), json);
    }
    if (wanted instanceof ParticipantEgress participant) {
      RequestJson json =
          RequestJson.object()
              .text("roomName", participant.room())
              .text("identity", participant.identity())
              .flag("screenShare", participant.screenShare());
      return encoded(
          "Participant", "participant", participant.room(), participant.delivery(), json);
    }
    if (wanted instanceof TrackCompositeEgress tracks) {
      RequestJson json =
          RequestJson.object()
              .text("roomName", tracks.room())
              .text("audioTrackId", tracks.audioTrack())
              .text("videoTrackId", tracks.videoTrack());
      return encoded("TrackComposite", "tracks", tracks.room(), tracks.delivery(), json);
    }
    if (wanted instanceof TrackEgress track) {
      return track(track);
    }
    WebEgress web = (WebEgress) wanted;
    RequestJson json =
        RequestJson.object()
            .secret("url", web.page().value())
            .flag("audioOnly", web.audioOnly())
            .flag("videoOnly", web.videoOnly())
            .flag("awaitStartSignal", web.awaitStartSignal());
    return encoded("Web", "page", "", web.delivery(), json);
  }

  private static Call encoded(
      String method, String kind, String room, EgressDelivery delivery, RequestJson json) {
    delivery.requireOutputs();
    List<EgressOutput> all = delivery.outputs();
    json.list("fileOutputs", of(all, FileOutput.class).map(EgressJson::file).toList());
    json.list("streamOutputs", of(all, StreamOutput.class).map(EgressJson::stream).toList());
    json.list("segmentOutputs", of(all, SegmentsOutput.class).map(EgressJson::segments).toList());
    json.list("imageOutputs", of(all, ImagesOutput.class).map(EgressJson::images).toList());
    delivery.encoding().ifPresent(encoding -> encoding(json, encoding));
    webhooks(json, delivery.webhooks());
    String outputs =
        String.join(", ", all.stream().map(EgressJson::name).distinct().sorted().toList());
    return new Call("Start" + method + "Egress", kind, room, outputs, json);
  }

  private static <T> Stream<T> of(List<EgressOutput> all, Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast);
  }

  private static String name(EgressOutput output) {
    if (output instanceof FileOutput) {
      return "file";
    }
    if (output instanceof StreamOutput) {
      return "stream";
    }
    return output instanceof SegmentsOutput ? "segments" : "images";
  }

  private static Call track(TrackEgress track) {
    RequestJson json =
        RequestJson.object().text("roomName", track.room()).text("trackId", track.track());
    webhooks(json, track.webhooks());
    if (track.output() instanceof FileOutput file) {
      RequestJson direct =
          RequestJson.object()
              .text("filepath", file.filepath())
              .flag("disableManifest", !file.manifest());
      file.storage().ifPresent(storage -> storage(direct, storage));
      json.put("file", direct);
      return new Call("StartTrackEgress", "track", track.room(), "file", json);
    }
    json.secret("websocketUrl", ((WebSocketOutput) track.output()).url().value());
    return new Call("StartTrackEgress", "track", track.room(), "websocket", json);
  }

  private static void webhooks(RequestJson json, List<EgressWebhook> webhooks) {
    json.list(
        "webhooks",
        webhooks.stream()
            .map(
                each ->
                    RequestJson.object()
                        .secret("url", each.url().value())
                        .text("signingKey", each.signingKey()))
            .toList());
  }

  private static RequestJson file(FileOutput file) {
    RequestJson json = RequestJson.object();
    if (file.type() != FileOutput.Type.DEFAULT_FILETYPE) {
      json.text("fileType", file.type().name());
    }
    json.text("filepath", file.filepath()).flag("disableManifest", !file.manifest());
    file.storage().ifPresent(storage -> storage(json, storage));
    return json;
  }

  private static RequestJson stream(StreamOutput stream) {
    return RequestJson.object()
        .text("protocol", stream.protocol().name())
        .list("urls", stream.urls().stream().map(SecretUrl::value).toList());
  }

  private static RequestJson segments(SegmentsOutput segments) {
    RequestJson json =
        RequestJson.object()
            .text("protocol", "HLS_PROTOCOL")
            .text("filenamePrefix", segments.prefix())
            .text("playlistName", segments.playlist())
            .text("livePlaylistName", segments.livePlaylist())
            .number("segmentDuration", segments.segment().map(time -> time.toSeconds()).orElse(0L))
            .flag("disableManifest", !segments.manifest());
    if (segments.timestamps()) {
      json.text("filenameSuffix", "TIMESTAMP");
    }
    segments.storage().ifPresent(storage -> storage(json, storage));
    return json;
  }

  private static RequestJson images(ImagesOutput images) {
    RequestJson json =
        RequestJson.object()
            .text("filenamePrefix", images.prefix())
            .number("captureInterval", images.interval().toSeconds())
            .number("width", images.width())
            .number("height", images.height())
            .flag("disableManifest", !images.manifest());
    if (images.suffix() != ImagesOutput.Suffix.INDEX) {
      json.text("filenameSuffix", "IMAGE_SUFFIX_" + images.suffix().name());
    }
    images.storage().ifPresent(storage -> storage(json, storage));
    return json;
  }

  private static void encoding(RequestJson json, EgressEncoding encoding) {
    if (encoding instanceof EncodingPreset preset) {
      json.text("preset", preset.name());
      return;
    }
    EncodingOptions options = (EncodingOptions) encoding;
    RequestJson advanced =
        RequestJson.object()
            .number("width", options.width())
            .number("height", options.height())
            .number("framerate", options.framerate())
            .number("audioBitrate", options.audioBitrate())
            .number("audioFrequency", options.audioFrequency())
            .number("videoBitrate", options.videoBitrate())
            .number("keyFrameInterval", options.keyFrameInterval());
    if (options.audioCodec() != EncodingOptions.AudioCodec.DEFAULT_AC) {
      advanced.text("audioCodec", options.audioCodec().name());
    }
    if (options.videoCodec() != EncodingOptions.VideoCodec.DEFAULT_VC) {
      advanced.text("videoCodec", options.videoCodec().name());
    }
    json.put("advanced", advanced);
  }

  private static void storage(RequestJson json, EgressStorage storage) {
    if (storage instanceof S3Storage s3) {
      RequestJson upload =
          RequestJson.object()
              .secret("accessKey", s3.accessKey())
              .secret("secret", s3.secret())
              .secret("sessionToken", s3.sessionToken())
              .text("region", s3.region())
              .secret("endpoint", s3.endpoint().map(SecretUrl::value))
              .text("bucket", s3.bucket())
              .flag("forcePathStyle", s3.pathStyle())
              .texts("metadata", s3.metadata())
              .text("tagging", s3.tagging())
              .text("contentDisposition", s3.contentDisposition());
      s3.assumeRole()
          .ifPresent(
              role ->
                  upload
                      .text("assumeRoleArn", role.arn())
                      .secret("assumeRoleExternalId", role.externalId()));
      json.put("s3", upload);
    } else if (storage instanceof GoogleStorage google) {
      json.put(
          "gcp",
          RequestJson.object()
              .secret("credentials", google.credentials())
              .text("bucket", google.bucket()));
    } else if (storage instanceof AzureStorage azure) {
      json.put(
          "azure",
          RequestJson.object()
              .text("accountName", azure.account())
              .secret("accountKey", azure.accountKey())
              .text("containerName", azure.container()));
    } else if (storage instanceof AliOssStorage ali) {
      json.put(
          "aliOSS",
          RequestJson.object()
              .secret("accessKey", ali.accessKey())
              .secret("secret", ali.secret())
              .text("region", ali.region())
              .secret("endpoint", ali.endpoint().map(SecretUrl::value))
              .text("bucket", ali.bucket()));
    }
  }
}
