package io.tenantkit.livekit.egress;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServiceCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

final class DefaultLiveKitEgress implements LiveKitEgress {
  private static final String SOUGHT = "egress";

  private final ServiceCalls calls;

  DefaultLiveKitEgress(ServerCalls calls) {
    this.calls = new ServiceCalls(calls, "Egress");
  }

  @Override
  public EgressInfo start(TenantContext context, NewEgress wanted) {
    context.require(Scopes.LIVEKIT_ADMIN);
    EgressJson.Call call = EgressJson.call(wanted);
    Map<String, String> details = new TreeMap<>();
    details.put("kind", call.kind());
    details.put("outputs", call.outputs());
    if (!call.room().isEmpty()) {
      details.put("room", call.room());
    }
    Purpose purpose = new Purpose("livekit.egress.started", "start a LiveKit egress", details);
    return EgressAnswers.info(handOn(context, call.method(), call.json(), purpose, "room"));
  }

  @Override
  public EgressInfo updateLayout(TenantContext context, String egressId, String layout) {
    context.require(Scopes.LIVEKIT_ADMIN);
    RequestJson request = about(egressId).text("layout", RequestTexts.name("layout", layout, 256));
    return EgressAnswers.info(
        call(
            context,
            "UpdateLayout",
            request,
            new Purpose(
                "livekit.egress.layout_changed",
                "change the layout of a LiveKit egress",
                Map.of("egress", egressId)),
            SOUGHT));
  }

  @Override
  public EgressInfo updateStreams(
      TenantContext context,
      String egressId,
      Collection<SecretUrl> add,
      Collection<SecretUrl> remove) {
    context.require(Scopes.LIVEKIT_ADMIN);
    List<SecretUrl> added = StreamOutput.checked("add", List.copyOf(add));
    List<SecretUrl> removed = StreamOutput.checked("remove", List.copyOf(remove));
    if (added.isEmpty() && removed.isEmpty()) {
      throw new InvalidInputException("add", "one or more of it or of remove");
    }
    RequestJson request =
        about(egressId)
            .list("addOutputUrls", added.stream().map(SecretUrl::value).toList())
            .list("removeOutputUrls", removed.stream().map(SecretUrl::value).toList());
    Map<String, String> details =
        Map.of(
            "egress", egressId,
            "added", Integer.toString(added.size()),
            "removed", Integer.toString(removed.size()));
    return EgressAnswers.info(
        handOn(
            context,
            "UpdateStream",
            request,
            new Purpose(
                "livekit.egress.streams_changed",
                "begin and end streams of a LiveKit egress",
                details),
            SOUGHT));
  }

  @Override
  public EgressPage list(TenantContext context, EgressFilter filter) {
    context.require(Scopes.LIVEKIT_READ);
    RequestJson request =
        RequestJson.object().text("roomName", filter.room()).flag("active", filter.active());
    filter
        .after()
        .ifPresent(next -> request.put("pageToken", RequestJson.object().text("token", next)));
    return EgressAnswers.page(call(context, "ListEgress", request, listing(Map.of()), SOUGHT));
  }

  @Override
  public EgressInfo get(TenantContext context, String egressId) {
    context.require(Scopes.LIVEKIT_READ);
    RequestJson request = about(egressId);
    Purpose purpose = listing(Map.of("egress", egressId));
    return EgressAnswers.page(call(context, "ListEgress", request, purpose, SOUGHT))
        .items()
        .stream()
        .filter(info -> info.id().equals(egressId))
        .findFirst()
        .orElseThrow(() -> new NotFoundException(SOUGHT));
  }

  private static Purpose listing(Map<String, String> details) {
    return new Purpose("livekit.egress.listed", "list LiveKit egresses", details);
  }

  @Override
  public EgressInfo stop(TenantContext context, String egressId) {
    context.require(Scopes.LIVEKIT_ADMIN);
    return EgressAnswers.info(
        handOn(
            context,
            "StopEgress",
            about(egressId),
            new Purpose(
                "livekit.egress.stopped", "stop a LiveKit egress", Map.of("egress", egressId)),
            SOUGHT));
  }

  private static RequestJson about(String egressId) {
    return RequestJson.object().text("egressId", RequestTexts.name("egressId", egressId, 256));
  }

  private JsonNode call(
      TenantContext context, String method, RequestJson request, Purpose purpose, String sought) {
    return calls.call(context, method, token(), request, purpose, sought);
  }

  private JsonNode handOn(
      TenantContext context, String method, RequestJson request, Purpose purpose, String sought) {
    return calls.call(
        context, method, token(), request, purpose, sought, Optional.of(ServiceCalls.HANDED_ON));
  }

  private static ApiToken token() {
    return ApiToken.of(ServiceCalls.CALLER).grant(VideoPermission.ROOM_RECORD);
  }
}
