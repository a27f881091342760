package io.tenantkit.livekit.egress;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.AnswerJson;
import java.util.List;

/** What servers tell of egresses. The request in it is passed over: it may hold credentials. */
final class EgressAnswers {
  private EgressAnswers() {}

  static EgressPage page(JsonNode json) {
    return new EgressPage(
        AnswerJson.list(AnswerJson.field(json, "items"), EgressAnswers::info),
        AnswerJson.present(AnswerJson.field(json, "next_page_token"), "token"));
  }

  static EgressInfo info(JsonNode json) {
    return new EgressInfo(
        AnswerJson.text(json, "egress_id"),
        AnswerJson.text(json, "room_name"),
        AnswerJson.text(json, "room_id"),
        AnswerJson.oneOf(
            json,
            "status",
            "EGRESS_",
            List.of(EgressInfo.Status.values()),
            EgressInfo.Status.UNKNOWN),
        AnswerJson.nanos(json, "started_at"),
        AnswerJson.nanos(json, "ended_at"),
        AnswerJson.nanos(json, "updated_at"),
        AnswerJson.text(json, "error"),
        AnswerJson.count(json, "error_code"),
        AnswerJson.list(AnswerJson.field(json, "file_results"), EgressAnswers::file),
        AnswerJson.list(AnswerJson.field(json, "segment_results"), EgressAnswers::segments),
        AnswerJson.list(AnswerJson.field(json, "image_results"), EgressAnswers::images),
        AnswerJson.list(AnswerJson.field(json, "stream_results"), EgressAnswers::stream),
        AnswerJson.present(json, "manifest_location"),
        AnswerJson.flag(json, "backup_storage_used"));
  }

  private static EgressInfo.WrittenFile file(JsonNode json) {
    return new EgressInfo.WrittenFile(
        AnswerJson.text(json, "filename"),
        AnswerJson.text(json, "location"),
        AnswerJson.number(json, "size"),
        AnswerJson.nanosLong(json, "duration"));
  }

  private static EgressInfo.WrittenSegments segments(JsonNode json) {
    return new EgressInfo.WrittenSegments(
        AnswerJson.text(json, "playlist_name"),
        AnswerJson.text(json, "playlist_location"),
        AnswerJson.text(json, "live_playlist_location"),
        AnswerJson.number(json, "segment_count"),
        AnswerJson.number(json, "size"),
        AnswerJson.nanosLong(json, "duration"));
  }

  private static EgressInfo.WrittenImages images(JsonNode json) {
    return new EgressInfo.WrittenImages(
        AnswerJson.text(json, "filename_prefix"), AnswerJson.number(json, "image_count"));
  }

  private static EgressInfo.Stream stream(JsonNode json) {
    return new EgressInfo.Stream(
        masked(AnswerJson.text(json, "url")),
        AnswerJson.oneOf(
            json,
            "status",
            "",
            List.of(EgressInfo.StreamStatus.values()),
            EgressInfo.StreamStatus.UNKNOWN),
        AnswerJson.nanos(json, "started_at"),
        AnswerJson.nanos(json, "ended_at"),
        AnswerJson.nanosLong(json, "duration"),
        AnswerJson.text(json, "error"),
        AnswerJson.count(json, "retries"));
  }

  /** Servers mask keys by themselves, some of them. */
  private static String masked(String url) {
    try (SecretUrl read = SecretUrl.of(url)) {
      return read.toString();
    } catch (InvalidInputException e) {
      return "";
    }
  }
}
