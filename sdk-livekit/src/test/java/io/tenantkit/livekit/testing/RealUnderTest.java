package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.livekit.harness.NodeSession;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** A livekit-server process, and LiveKit's native clients. */
final class RealUnderTest implements ServerUnderTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** Where workers are given jobs that no test asked for. */
  private static final String PROBES = "probes";

  private final HookCatcher catcher = new HookCatcher();
  private final NodeTools node = NodeTools.find();
  private final RealLiveKitServer server =
      RealLiveKitServer.start(List.of(catcher.url().toString()));

  @Override
  public String url() {
    return server.url();
  }

  @Override
  public String apiKey() {
    return server.apiKey();
  }

  @Override
  public String apiSecret() {
    return server.apiSecret();
  }

  @Override
  public Clock clock() {
    return Clock.systemUTC();
  }

  @Override
  public Guest guest(String token) {
    NodeSession session = node.open("guest.mjs", Map.of("url", url(), "token", token));
    await(
        "joined or refused",
        // Who is there already is said right after it has joined.
        () ->
            (!session.said("joined").isEmpty() && !session.said("others").isEmpty())
                || !session.said("refused").isEmpty());
    if (!session.said("refused").isEmpty()) {
      session.close();
      throw new RefusedException(session.said("refused").toString());
    }
    untilItHears(session, token);
    return new NativeGuest(session);
  }

  /** What is sent in the moment in which somebody comes may pass them by. */
  private void untilItHears(NodeSession session, String token) {
    JsonNode claims = claims(token);
    String room = claims.at("/video/room").asText();
    ObjectNode probe = Wire.JSON.createObjectNode().put("room", room).put("data", "aGk=");
    probe.put("topic", "probe").putArray("destinationIdentities").add(claims.get("sub").asText());
    session.until(
        "probe", any -> true, () -> require200(admin("RoomService", "SendData", room, probe)));
  }

  private static JsonNode claims(String token) {
    try {
      return Wire.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    } catch (IOException e) {
      throw new AssertionError("no token", e);
    }
  }

  private String admin(String service, String method, String room, JsonNode request) {
    Wire wire = new Wire(this);
    ObjectNode video = Wire.JSON.createObjectNode().put("roomAdmin", true).put("roomCreate", true);
    String token =
        wire.token(Wire.JSON.createObjectNode().set("video", video.put("room", room)).toString());
    return wire.call(service, method, Optional.of(token), request.toString());
  }

  private static void require200(String answer) {
    if (!answer.startsWith("200 ")) {
      throw new AssertionError(answer);
    }
  }

  private record NativeGuest(NodeSession session) implements Guest {
    private Optional<JsonNode> last(String what) {
      List<JsonNode> all = session.said(what);
      return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    @Override
    public List<String> others() {
      List<String> identities = new ArrayList<>();
      last("others").orElseThrow().get("identities").forEach(each -> identities.add(each.asText()));
      return identities;
    }

    @Override
    public List<String> heard() {
      return session.said("data").stream()
          .map(
              data ->
                  text(data, "from") + "|" + text(data, "topic") + "|" + data.get("text").asText())
          .toList();
    }

    /** Nothing for null. */
    private static String text(JsonNode line, String name) {
      return line.path(name).isTextual() ? line.path(name).textValue() : "";
    }

    private JsonNode tell(Map<String, ?> command) {
      int before = session.said("done").size();
      session.tell(command);
      return session.await("done", before + 1, line -> true);
    }

    @Override
    public Optional<String> publish(String name) {
      JsonNode done = tell(Map.of("do", "publish", "name", name));
      return done.has("sid") ? Optional.of(done.get("sid").asText()) : Optional.empty();
    }

    @Override
    public boolean isMuted(String trackSid) {
      return session.said("muted").stream()
          .anyMatch(each -> each.get("sid").asText().equals(trackSid));
    }

    @Override
    public String metadata() {
      return last("metadata").map(each -> each.get("text").asText()).orElse("");
    }

    @Override
    public String roomMetadata() {
      return last("room").map(each -> each.get("text").asText()).orElse("");
    }

    @Override
    public void update(String metadata) {
      tell(Map.of("do", "update", "metadata", metadata));
    }

    @Override
    public void send(String text, Optional<String> topic, String... to) {
      tell(Map.of("do", "send", "text", text, "topic", topic.orElse(""), "to", List.of(to)));
    }

    @Override
    public Optional<String> out() {
      return last("out").map(each -> each.get("reason").asText());
    }

    @Override
    public String refreshedToken() {
      session.await("token");
      return last("token").orElseThrow().get("token").asText();
    }

    @Override
    public void leave() {
      session.tell(Map.of("do", "leave"));
      session.await("out");
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @Override
  public Seat worker(String token, String agentName) {
    NodeSession session =
        node.open("worker.mjs", Map.of("url", url(), "token", token, "agentName", agentName));
    await(
        "registered or refused",
        () -> !session.said("registered").isEmpty() || !session.said("refused").isEmpty());
    if (!session.said("refused").isEmpty()) {
      session.close();
      throw new RefusedException(session.said("refused").get(0).get("status").asText());
    }
    untilItIsGivenJobs(session, agentName);
    return new NativeSeat(session);
  }

  /** A server tells a worker that it is registered before it gives it jobs. */
  private void untilItIsGivenJobs(NodeSession session, String agentName) {
    ObjectNode room = Wire.JSON.createObjectNode().put("name", PROBES);
    require200(admin("RoomService", "CreateRoom", PROBES, room));
    ObjectNode probe = Wire.JSON.createObjectNode().put("room", PROBES).put("agentName", agentName);
    session.until(
        "job",
        RealUnderTest::isProbe,
        () -> require200(admin("AgentDispatchService", "CreateDispatch", PROBES, probe)));
  }

  private static boolean isProbe(JsonNode job) {
    return job.get("room").asText().equals(PROBES);
  }

  private record NativeSeat(NodeSession session) implements Seat {
    @Override
    public List<Given> jobs() {
      return session.said("job").stream()
          .filter(job -> !isProbe(job))
          .map(
              job ->
                  new Given(
                      job.get("id").asText(),
                      job.get("dispatchId").asText(),
                      job.get("agentName").asText(),
                      job.get("room").asText(),
                      job.get("metadata").asText(),
                      texts(job.get("attributes")),
                      job.get("token").asText()))
          .toList();
    }

    private static Map<String, String> texts(JsonNode json) {
      Map<String, String> texts = new TreeMap<>();
      json.properties().forEach(each -> texts.put(each.getKey(), each.getValue().asText()));
      return texts;
    }

    @Override
    public boolean isEnded(String job) {
      return session.said("ended").stream().anyMatch(each -> each.get("id").asText().equals(job));
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @Override
  public List<Hook> hooks() {
    return catcher.caught();
  }

  @Override
  public void await(String what, BooleanSupplier seen) {
    Instant end = Instant.now().plus(DEADLINE);
    while (!seen.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError(what);
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    server.close();
    catcher.close();
  }
}
