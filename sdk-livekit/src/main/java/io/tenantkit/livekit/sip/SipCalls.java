package io.tenantkit.livekit.sip;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.Map;
import java.util.stream.Stream;

/** Calls to the service SIP that see or manage what it keeps, each with its scope and its event. */
final class SipCalls {
  private final ServiceCalls calls;

  SipCalls(ServiceCalls calls) {
    this.calls = calls;
  }

  /** Sees something that is called so where it is not there. */
  JsonNode read(TenantContext context, String method, RequestJson request, String sought) {
    context.require(Scopes.LIVEKIT_READ);
    Purpose purpose = new Purpose("livekit.sip.listed", "see LiveKit telephony", Map.of());
    return admin(context, method, request, purpose, sought);
  }

  /** Changes something that is called so where it is not there, after an event of this action. */
  JsonNode manage(
      TenantContext context,
      String method,
      RequestJson request,
      String action,
      Map<String, String> about,
      String sought) {
    context.require(Scopes.LIVEKIT_ADMIN);
    return admin(
        context, method, request, new Purpose(action, "manage LiveKit telephony", about), sought);
  }

  private JsonNode admin(
      TenantContext context, String method, RequestJson request, Purpose purpose, String sought) {
    ApiToken token = ApiToken.of(ServiceCalls.CALLER).grant(ServiceGrant.SIP_ADMIN);
    return calls.call(context, method, token, request, purpose, sought);
  }

  /** A request about what has this id. */
  static RequestJson about(String name, String id) {
    return RequestJson.object().text(name, RequestTexts.name(name, id, SipBounds.MAX_NAME));
  }

  /** What a list has in it. */
  static Stream<JsonNode> items(JsonNode answer) {
    return AnswerJson.list(AnswerJson.field(answer, "items"), item -> item).stream();
  }
}
