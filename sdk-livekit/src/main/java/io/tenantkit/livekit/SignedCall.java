package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.AnswerReader;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.EgressResponse;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a call goes, and with which token; the token stays its maker's to close.
 *
 * @param atMost how long the call may take; as long as the way out allows when empty
 */
record SignedCall(
    ServerUrl server, SecretValue token, OrganizationId onBehalfOf, Optional<Duration> atMost) {
  private static final String JSON_TYPE = "application/json";

  /** Twirp over the guarded way out. */
  <T> T send(Egress egress, ServerCall call, AnswerReader<T> reader) {
    EgressRequest.Builder request =
        EgressRequest.post(server.http() + "/twirp/livekit." + call.service() + "/" + call.method())
            .secretHeader("Authorization", "Bearer ", token)
            .onBehalfOf(onBehalfOf.value())
            .wholeAnswer();
    call.patience().ifPresent(request::patience);
    atMost.ifPresent(request::timeout);
    call.body().in(request);
    return read(egress.send(request.build()), call.body().contentType(), reader);
  }

  private static <T> T read(EgressResponse answer, String contentType, AnswerReader<T> reader) {
    byte[] body = answer.body();
    try {
      if (answer.isSuccess() && isOf(answer, contentType)) {
        return reader.read(body);
      }
      throw failed(answer.status(), ServerAnswer.object(body).orElse(null));
    } catch (IOException e) {
      throw new LiveKitException(failure(answer.status(), null));
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }

  /** JSON is known by being read; bytes of another kind may pass for a protocol buffer. */
  private static boolean isOf(EgressResponse answer, String contentType) {
    return contentType.equals(JSON_TYPE)
        || answer.header("content-type").filter(type -> type.startsWith(contentType)).isPresent();
  }

  static JsonNode object(byte[] body) throws IOException {
    return ServerAnswer.object(body).orElseThrow(() -> new StreamCorruptedException("no object"));
  }

  /** Of a telephone call that failed, the code is about the call, not about the server. */
  private static LiveKitException failed(int status, @Nullable JsonNode json) {
    if (json != null) {
      int sip = json.path("meta").path("sip_status_code").asInt(0);
      if (sip >= SipStatus.LOWEST && sip <= SipStatus.HIGHEST) {
        return new LiveKitException(new SipStatus(sip));
      }
    }
    return new LiveKitException(failure(status, json));
  }

  /** By Twirp's codes; what has none of them did not come from LiveKit. */
  private static ServerFailure failure(int status, @Nullable JsonNode json) {
    String code = json == null ? "" : json.path("code").asText("");
    return switch (code) {
      case "unauthenticated", "permission_denied" -> ServerFailure.REFUSED;
      case "not_found" -> ServerFailure.NOT_FOUND;
      case "invalid_argument", "malformed", "out_of_range" -> ServerFailure.INVALID;
      case "already_exists", "failed_precondition", "aborted" -> ServerFailure.CONFLICT;
      case "resource_exhausted" -> ServerFailure.EXHAUSTED;
      case "unimplemented", "bad_route" -> ServerFailure.UNSUPPORTED;
      case "unavailable", "deadline_exceeded", "canceled" -> ServerFailure.UNAVAILABLE;
      case "internal", "unknown", "dataloss" -> ServerFailure.FAILED;
      default -> byStatus(status);
    };
  }

  /** Of a proxy in front of a server, or of none. */
  private static ServerFailure byStatus(int status) {
    return switch (status) {
      case 401, 403 -> ServerFailure.REFUSED;
      case 429 -> ServerFailure.EXHAUSTED;
      case 502, 503, 504 -> ServerFailure.UNAVAILABLE;
      case 500 -> ServerFailure.FAILED;
      default -> ServerFailure.NO_LIVEKIT;
    };
  }
}
