package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.address.ClientAddress;
import io.tenantkit.address.TrustedProxies;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.livekit.IssuedToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a request to its answer. The order is: route, method, who calls, content type, body; so what
 * a stranger sends is not even read. Logs one line for each request, of which nothing is the
 * client's text.
 */
final class TokenHandler extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger("token-service.access");
  private static final List<String> PROXY_TRACES =
      List.of("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via");

  private final Settings settings;
  private final Backend backend;
  private final Readiness readiness;
  private final Clock clock;
  private final long bodyMillis;

  TokenHandler(
      Settings settings, Backend backend, Readiness readiness, Clock clock, long bodyMillis) {
    this.settings = settings;
    this.backend = backend;
    this.readiness = readiness;
    this.clock = clock;
    this.bodyMillis = bodyMillis;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Optional<Route> route = Route.at(Request.getPathInContext(request));
    Exchange exchange = new Exchange(request, response, callback, route);
    if (route.isEmpty()) {
      exchange.answer(Answers.problem(404, "There is nothing at this path."));
      return true;
    }
    String method = request.getMethod();
    if (method.equals("OPTIONS")) {
      exchange.answer(options(exchange, route.get()));
    } else if (!route.get().takes(method)) {
      exchange.answer(
          Answers.problem(405, "Not with this method.", Map.of("Allow", route.get().methods())));
    } else if (route.get() == Route.HEALTH) {
      exchange.answer(status(200, "healthy"));
    } else if (route.get() == Route.READY) {
      exchange.answer(readiness.isReady() ? status(200, "ready") : status(503, "not ready"));
    } else {
      exchange.answer(() -> admitted(exchange, route.get()));
    }
    return true;
  }

  private HttpAnswer status(int status, String text) {
    ObjectNode body =
        Answers.object()
            .put("status", text)
            .put("service", "token-service")
            .put("timestamp", clock.instant().toString());
    return Answers.json(status, Map.of(), body);
  }

  private HttpAnswer options(Exchange exchange, Route route) {
    Optional<String> origin = exchange.origin();
    boolean preflight =
        origin.isPresent() && exchange.fields().contains("Access-Control-Request-Method");
    if (!preflight) {
      return new HttpAnswer(204, Map.of("Allow", route.methods()), "");
    }
    return settings
        .cors()
        .preflight(origin.get(), route.methods())
        .map(headers -> new HttpAnswer(204, headers, ""))
        .orElseGet(() -> Answers.problem(403, "Pages of this origin may not call."));
  }

  /** The answer, or empty when it comes with the body. */
  private Optional<HttpAnswer> admitted(Exchange exchange, Route route) {
    Admission admission = backend.admit(caller(exchange), route);
    if (admission instanceof Admission.Refused refused) {
      return Optional.of(refused.answer());
    }
    Admission.Admitted admitted = (Admission.Admitted) admission;
    exchange.who = admitted.who();
    exchange.more = admitted.headers();
    if (!isJson(exchange.fields().get("Content-Type"))) {
      return Optional.of(Answers.problem(415, "The body is JSON: Content-Type: application/json"));
    }
    BodyReader.read(
        exchange.request,
        bodyMillis,
        body -> exchange.answer(() -> Optional.of(done(route, admitted, body))),
        exchange::answer);
    return Optional.empty();
  }

  private HttpAnswer done(Route route, Admission.Admitted caller, byte[] bytes) {
    JsonBody body = JsonBody.parse(bytes);
    return switch (route) {
      case TOKEN -> StandardShape.fits(body) ? standard(caller, body) : seeds(caller, body);
      case STANDARD -> standard(caller, body);
      case AGENT -> {
        SeedShape.requireAgent(body);
        try (IssuedToken token =
            named(
                SeedShape.AGENT_NAMES,
                () -> backend.issue(caller.context(), SeedShape.agent(body)))) {
          yield Answers.json(200, Map.of(), SeedShape.answer(token));
        }
      }
      case VERIFY ->
          Answers.json(
              200,
              Map.of(),
              VerifyShape.answer(backend.verify(caller.context(), VerifyShape.token(body))));
      case HEALTH, READY -> throw new IllegalStateException("answered without a body");
    };
  }

  private HttpAnswer seeds(Admission.Admitted caller, JsonBody body) {
    SeedShape.requireToken(body);
    try (IssuedToken token =
        named(
            SeedShape.NAMES,
            () -> backend.issue(caller.context(), SeedShape.token(body, settings.maxTtl())))) {
      return Answers.json(200, Map.of(), SeedShape.answer(token));
    }
  }

  private HttpAnswer standard(Admission.Admitted caller, JsonBody body) {
    try (IssuedToken token =
        named(
            StandardShape.NAMES,
            () ->
                backend.issue(
                    caller.context(),
                    StandardShape.token(body, caller.context(), settings.agents())))) {
      return Answers.json(201, Map.of(), StandardShape.answer(token));
    }
  }

  private static <T> T named(Map<String, String> names, Supplier<T> work) {
    try {
      return work.get();
    } catch (InvalidInputException e) {
      throw SeedShape.renamed(e, names);
    }
  }

  private Caller caller(Exchange exchange) {
    HttpFields fields = exchange.fields();
    List<String> authorization = fields.getValuesList("Authorization");
    List<String> apiKey = fields.getValuesList("X-Api-Key");
    int sent = authorization.size() + apiKey.size();
    @Nullable String key = null;
    if (sent == 1) {
      key = apiKey.isEmpty() ? bearer(authorization.get(0)) : apiKey.get(0);
    }
    InetAddress socket = socket(exchange.request);
    TrustedProxies proxies = settings.proxies();
    List<String> hops =
        proxies.header().map(header -> fields.getValuesList(header.fieldName())).orElse(List.of());
    boolean proxied =
        proxies.header().isEmpty() && PROXY_TRACES.stream().anyMatch(fields::contains);
    return new Caller(
        sent > 0,
        key,
        ClientAddress.of(socket, hops, proxies),
        !proxied && exchange.origin().isEmpty());
  }

  private static @Nullable String bearer(String value) {
    return value.regionMatches(true, 0, "Bearer ", 0, 7) ? value.substring(7).strip() : null;
  }

  private static InetAddress socket(Request request) {
    if (request.getConnectionMetaData().getRemoteSocketAddress()
        instanceof InetSocketAddress address) {
      InetAddress known = address.getAddress();
      if (known != null) {
        return known;
      }
    }
    try {
      // Nobody's: so it is not taken for the machine itself.
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static boolean isJson(@Nullable String type) {
    if (type == null) {
      return false;
    }
    String[] parts = type.toLowerCase(Locale.ROOT).replace(" ", "").split(";", -1);
    return parts[0].equals("application/json")
        && Set.of("", "charset=utf-8", "charset=\"utf-8\"")
            .contains(parts.length == 1 ? "" : parts[1]);
  }

  /** One request on its way. Answered once. */
  private final class Exchange {
    final Request request;
    private final Response response;
    private final Callback callback;
    private final String route;
    private final long began = System.nanoTime();
    String who = "-";
    Map<String, String> more = Map.of();

    Exchange(Request request, Response response, Callback callback, Optional<Route> route) {
      this.request = request;
      this.response = response;
      this.callback = callback;
      this.route = route.map(Route::path).orElse("(other)");
    }

    HttpFields fields() {
      return request.getHeaders();
    }

    Optional<String> origin() {
      return Optional.ofNullable(fields().get("Origin"));
    }

    /** Does what may fail, and answers what comes of it, if anything comes yet. */
    void answer(Supplier<Optional<HttpAnswer>> work) {
      Optional<HttpAnswer> answer;
      try {
        answer = work.get();
      } catch (TenantkitException e) {
        if (e.code().httpStatus() >= 500) {
          LOG.error("{} failed: {} {}", route, e.code(), e.getMessage());
        }
        answer = Optional.of(HttpAnswer.of(e));
      } catch (RuntimeException e) {
        Failure.log(LOG, route, e);
        answer = Optional.of(Answers.problem(500, "The service failed."));
      }
      answer.ifPresent(this::answer);
    }

    void answer(HttpAnswer answer) {
      Map<String, String> headers = new LinkedHashMap<>(more);
      headers.putAll(settings.cors().headers(origin()));
      headers.put("X-Content-Type-Options", "nosniff");
      headers.putAll(answer.headers());
      if (!headers.containsKey("Connection") && !request.consumeAvailable()) {
        // Jetty closes then. A client that is not told sends its next request into it.
        headers.put("Connection", "close");
      }
      response.setStatus(answer.status());
      headers.forEach(response.getHeaders()::put);
      if (LOG.isInfoEnabled()) {
        LOG.info(
            "{} {} {} {} us, {}",
            known(request.getMethod()),
            route,
            answer.status(),
            (System.nanoTime() - began) / 1_000,
            who);
      }
      byte[] body = answer.body().getBytes(StandardCharsets.US_ASCII);
      if (answer.status() != 204) {
        response.getHeaders().put("Content-Length", body.length);
      }
      response.write(true, ByteBuffer.wrap(body), callback);
    }
  }

  /** A method is the client's text, too. */
  private static String known(String method) {
    return Set.of("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH").contains(method)
        ? method
        : "(other)";
  }
}
