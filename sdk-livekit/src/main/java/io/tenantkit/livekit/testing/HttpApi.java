package io.tenantkit.livekit.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** What the server answers over HTTP. */
final class HttpApi implements HttpHandler {
  private static final String BEARER = "Bearer ";
  private static final String TWIRP = "/twirp/livekit.";
  private static final String JSON = "application/json";
  private static final String PROTOBUF = "application/protobuf";
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int MAX_BODY = 10 << 20;

  private final Judge judge;
  private final JoinCheck joins;
  private final Twirp twirp;
  private final Queue<ServerAnswer> scripted = new ConcurrentLinkedQueue<>();

  HttpApi(Judge judge, JoinCheck joins, Twirp twirp) {
    this.judge = judge;
    this.joins = joins;
    this.twirp = twirp;
  }

  /** The next call of the API is answered so, and does nothing. */
  void script(ServerAnswer answer) {
    scripted.add(answer);
  }

  /** An answer with its type; none when there is no body. */
  private record Reply(int status, Optional<String> type, ByteString body) {
    static Reply text(int status, String text) {
      return new Reply(status, Optional.of(PLAIN), ByteString.copyFromUtf8(text));
    }

    static Reply empty(int status) {
      return new Reply(status, Optional.empty(), ByteString.EMPTY);
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      Reply reply = reply(exchange, body);
      reply.type().ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
      // The JDK's server sends headers and body apart: on a connection that is used again, the
      // second
      // would wait 40 ms for the first to be acknowledged.
      exchange.getResponseHeaders().set("Connection", "close");
      boolean none = reply.body().isEmpty() || exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(reply.status(), none ? -1 : reply.body().size());
      if (!none) {
        reply.body().writeTo(exchange.getResponseBody());
      }
    }
  }

  private Reply reply(HttpExchange exchange, byte[] body) {
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("//")) {
      path = path.substring(1);
    }
    Map<String, String> query = form(exchange, body);
    try {
      Optional<Grants> grants = grants(exchange, query);
      if (path.startsWith(TWIRP)) {
        return call(exchange, path, body, grants);
      }
      return switch (path) {
        case "/" -> Reply.text(200, "OK");
        case "/rtc/validate", "/rtc/v1/validate" -> {
          exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
          joins.check(grants, query, path.equals("/rtc/v1/validate"));
          yield Reply.text(200, "success");
        }
        // Nobody comes by WebSocket.
        case "/rtc", "/rtc/v1", "/agent" -> Reply.empty(404);
        default -> Reply.text(404, "404 page not found\n");
      };
    } catch (Refusal e) {
      return Reply.text(e.status(), e.text());
    }
  }

  private Optional<Grants> grants(HttpExchange exchange, Map<String, String> query) throws Refusal {
    @Nullable String header = exchange.getRequestHeaders().getFirst("Authorization");
    String token;
    if (header != null && !header.isEmpty()) {
      if (!header.startsWith(BEARER)) {
        throw Refusal.unauthorized("invalid authorization header. Must start with " + BEARER);
      }
      token = header.substring(BEARER.length());
    } else {
      token = query.getOrDefault("access_token", "");
    }
    return token.isEmpty() ? Optional.empty() : Optional.of(judge.judge(token));
  }

  private static Map<String, String> form(HttpExchange exchange, byte[] body) {
    Map<String, String> form = new HashMap<>();
    if (Set.of("POST", "PUT", "PATCH").contains(exchange.getRequestMethod())
        && mediaType(exchange).equals("application/x-www-form-urlencoded")) {
      put(form, new String(body, StandardCharsets.UTF_8));
    }
    put(form, Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), ""));
    return form;
  }

  /** The first of several counts. */
  private static void put(Map<String, String> form, String encoded) {
    for (String pair : encoded.split("&", -1)) {
      int equals = pair.indexOf('=');
      try {
        form.putIfAbsent(
            decode(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decode(pair.substring(equals + 1)));
      } catch (IllegalArgumentException e) {
        // A pair that cannot be decoded is passed over, as by the server.
      }
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String contentType(HttpExchange exchange) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Type"), "");
  }

  private static String mediaType(HttpExchange exchange) {
    String type = contentType(exchange);
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  private Reply call(HttpExchange exchange, String path, byte[] body, Optional<Grants> grants) {
    int slash = path.indexOf('/', TWIRP.length());
    String service = slash < 0 ? "" : path.substring(TWIRP.length(), slash);
    if (!twirp.has(service)) {
      return Reply.text(404, "404 page not found\n");
    }
    @Nullable ServerAnswer told = scripted.poll();
    if (told != null) {
      return new Reply(told.status(), Optional.of(JSON), ByteString.copyFromUtf8(told.body()));
    }
    try {
      return answer(exchange, path, service, path.substring(slash + 1), body, grants);
    } catch (Fault e) {
      String json = ClaimsJson.error(e.code(), e.text());
      return new Reply(e.status(), Optional.of(JSON), ByteString.copyFromUtf8(json));
    }
  }

  private Reply answer(
      HttpExchange exchange,
      String path,
      String service,
      String name,
      byte[] body,
      Optional<Grants> grants)
      throws Fault {
    String verb = exchange.getRequestMethod();
    if (!verb.equals("POST")) {
      throw badRoute("unsupported method \"" + verb + "\" (only POST is allowed)");
    }
    Twirp.@Nullable Method method = twirp.method(service, name);
    if (method == null) {
      throw badRoute("no handler for path \"" + path + "\"");
    }
    switch (mediaType(exchange)) {
      case JSON -> {
        Message request = Messages.readJson(body, method.prototype());
        String json = Messages.answerJson(twirp.call(method, request, grants));
        return new Reply(200, Optional.of(JSON), ByteString.copyFromUtf8(json));
      }
      case PROTOBUF -> {
        Message request = Messages.readProtobuf(body, method.prototype());
        ByteString answer = twirp.call(method, request, grants).toByteString();
        return new Reply(200, Optional.of(PROTOBUF), answer);
      }
      default -> throw badRoute("unexpected Content-Type: \"" + contentType(exchange) + "\"");
    }
  }

  private static Fault badRoute(String text) {
    return new Fault("bad_route", text);
  }
}
