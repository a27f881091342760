package io.tenantkit.livekit.ingress;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

final class DefaultLiveKitIngress implements LiveKitIngress {
  private static final String SOUGHT = "ingress";

  private final ServiceCalls calls;

  DefaultLiveKitIngress(ServerCalls calls) {
    this.calls = new ServiceCalls(calls, "Ingress");
  }

  @Override
  public IngressInfo create(TenantContext context, NewIngress wanted) {
    Map<String, String> details =
        Map.of(
            "input", wanted.input().name(), "room", wanted.room(), "identity", wanted.identity());
    return IngressJson.info(
        call(
            context,
            "CreateIngress",
            IngressJson.create(wanted),
            new Purpose("livekit.ingress.created", "create a LiveKit ingress", details)));
  }

  @Override
  public IngressInfo update(TenantContext context, String ingressId, IngressChange change) {
    return IngressJson.info(
        call(
            context,
            "UpdateIngress",
            IngressJson.update(id(ingressId), change),
            new Purpose(
                "livekit.ingress.updated",
                "change a LiveKit ingress",
                Map.of("ingress", ingressId))));
  }

  @Override
  public IngressPage list(TenantContext context, IngressFilter filter) {
    RequestJson request = RequestJson.object().text("roomName", filter.room());
    filter
        .after()
        .ifPresent(next -> request.put("pageToken", RequestJson.object().text("token", next)));
    return IngressJson.page(call(context, "ListIngress", request, listing(Map.of())));
  }

  @Override
  public IngressInfo get(TenantContext context, String ingressId) {
    RequestJson request = RequestJson.object().text("ingressId", id(ingressId));
    Purpose purpose = listing(Map.of("ingress", ingressId));
    IngressPage page = IngressJson.page(call(context, "ListIngress", request, purpose));
    @Nullable IngressInfo found = null;
    for (IngressInfo each : page.items()) {
      if (found == null && each.id().equals(ingressId)) {
        found = each;
      } else {
        each.close();
      }
    }
    if (found == null) {
      throw new NotFoundException(SOUGHT);
    }
    return found;
  }

  private static Purpose listing(Map<String, String> details) {
    return new Purpose("livekit.ingress.listed", "list LiveKit ingresses", details);
  }

  @Override
  public void delete(TenantContext context, String ingressId) {
    call(
        context,
        "DeleteIngress",
        RequestJson.object().text("ingressId", id(ingressId)),
        new Purpose(
            "livekit.ingress.deleted", "delete a LiveKit ingress", Map.of("ingress", ingressId)));
  }

  private static String id(String ingressId) {
    return RequestTexts.name("ingressId", ingressId, 256);
  }

  private JsonNode call(
      TenantContext context, String method, RequestJson request, Purpose purpose) {
    context.require(Scopes.LIVEKIT_ADMIN);
    ApiToken token = ApiToken.of(ServiceCalls.CALLER).grant(VideoPermission.INGRESS_ADMIN);
    // Of a list the server knows itself; what is at work, another service must be told of.
    Optional<Duration> patience =
        method.equals("ListIngress") ? Optional.empty() : Optional.of(ServiceCalls.HANDED_ON);
    return calls.call(context, method, token, request, purpose, SOUGHT, patience);
  }
}
