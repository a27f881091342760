package io.tenantkit.examples.tokenservice;

import io.tenantkit.apikey.ScopeQuery;
import java.util.Optional;

/** What the service answers to. */
enum Route {
  /** The seed's shape, and LiveKit's when the body has that. */
  TOKEN("/token", "POST", ScopeQuery.of("livekit:create-session")),
  /** An agent's. */
  AGENT("/token/agent", "POST", ScopeQuery.of("livekit:create-session", "livekit:agent")),
  /** Looks at a token. */
  VERIFY("/token/verify", "POST", ScopeQuery.of("livekit:read")),
  /** LiveKit's standard token endpoint. */
  STANDARD("/livekit/token", "POST", ScopeQuery.of("livekit:create-session")),
  /** Whether the process is there. */
  HEALTH("/health", "GET", ScopeQuery.none()),
  /** Whether it can do its work. */
  READY("/ready", "GET", ScopeQuery.none());

  private final String path;
  private final String method;
  private final ScopeQuery scopes;

  Route(String path, String method, ScopeQuery scopes) {
    this.path = path;
    this.method = method;
    this.scopes = scopes;
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
    return scopes;
  }
}
