package io.tenantkit.examples.tokenservice;

import io.tenantkit.apikey.ScopeQuery;
import java.util.Optional;

/** What the service answers to. */
enum Route {
  /** The seed's shape, and LiveKit's when the body has that. */
  TOKEN("/token", "POST"),
  /** An agent's. */
  AGENT("/token/agent", "POST"),
  /** Looks at a token. */
  VERIFY("/token/verify", "POST"),
  /** LiveKit's standard token endpoint. */
  STANDARD("/livekit/token", "POST"),
  /** Whether the process is there. */
  HEALTH("/health", "GET"),
  /** Whether it can do its work. */
  READY("/ready", "GET");

  private static final ScopeQuery SESSION = ScopeQuery.of("livekit:create-session");
  private static final ScopeQuery AGENTS = ScopeQuery.of("livekit:create-session", "livekit:agent");
  private static final ScopeQuery READ = ScopeQuery.of("livekit:read");

  private final String path;
  private final String method;

  Route(String path, String method) {
    this.path = path;
    this.method = method;
  }

  static Optional<Route> at(String path) {
    for (Route route : values()) {
      if (route.path.equals(path)) {
        return Optional.of(route);
      }
    }
    return Optional.empty();
  }

  String path() {
    return path;
  }

  /** The methods that it takes, as the header {@code Allow} lists them. */
  String methods() {
    return method.equals("GET") ? "GET, HEAD, OPTIONS" : method + ", OPTIONS";
  }

  boolean takes(String wanted) {
    return wanted.equals(method) || (method.equals("GET") && wanted.equals("HEAD"));
  }

  /** What the caller must hold; more may be asked for by what the body says. */
  ScopeQuery scopes() {
    return switch (this) {
      case TOKEN, STANDARD -> SESSION;
      case AGENT -> AGENTS;
      case VERIFY -> READ;
      case HEALTH, READY -> ScopeQuery.none();
    };
  }
}
