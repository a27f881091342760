package io.tenantkit.examples.tokenservice;

import io.tenantkit.InvalidInputException;
import io.tenantkit.address.TrustedProxies;
import io.tenantkit.livekit.LedgerMode;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.SecretValue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the environment says, checked. Prints without secrets.
 *
 * @param host the address to listen on
 * @param port 0 for any that is free
 * @param mode of {@code NODE_ENV}
 * @param project the one LiveKit project of single-tenant mode; empty in tenants' mode
 * @param storage where tenants are kept; empty in single-tenant mode
 * @param key what callers must present in single-tenant mode, if anything
 * @param allowAnyone whether people's tokens are for everybody who reaches the service
 * @param defaultTtl how long tokens live unless asked for
 * @param maxTtl how long at most
 * @param limit of each client, or each key
 * @param cors whose pages may call
 * @param proxies whose word for the client's address is taken
 * @param agents names of agents that any client may ask for
 */
record Settings(
    String host,
    int port,
    String mode,
    Optional<LiveKitCredentials> project,
    Optional<StorageSettings> storage,
    Optional<SecretValue> key,
    boolean allowAnyone,
    Duration defaultTtl,
    Duration maxTtl,
    RateLimit limit,
    Cors cors,
    TrustedProxies proxies,
    Set<String> agents) {
  static final String HOST = "TOKEN_SERVICE_HOST";
  static final String KEY = "TOKEN_SERVICE_KEY";
  static final String ALLOW_ANYONE = "TOKEN_SERVICE_INSECURE_ALLOW_ANYONE";
  static final String AGENTS = "TOKEN_SERVICE_AGENTS";
  static final String PROXIES = "TOKEN_SERVICE_TRUSTED_PROXIES";
  static final String PROXY_HEADER = "TOKEN_SERVICE_FORWARDED_HEADER";

  private static final Set<String> MODES = Set.of("development", "production", "test");
  private static final long DAY_SECONDS = TokenRequest.MAX_TTL.toSeconds();
  private static final long YEAR_MILLIS = Duration.ofDays(366).toMillis();

  /**
   * Reads variables.
   *
   * @throws SettingsException naming each that is missing or out of its bound
   */
  static Settings read(Map<String, String> environment) {
    Variables from = new Variables(environment);
    Optional<StorageSettings> storage = StorageSettings.read(from);
    boolean tenants = from.text(StorageSettings.STORAGE).isPresent();
    Optional<LiveKitCredentials> project = tenants ? Optional.empty() : project(from);
    Optional<SecretValue> key = from.made(KEY, Settings::key);
    boolean allowAnyone = from.flag(ALLOW_ANYONE);
    if (tenants) {
      for (String name : List.of("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_WS_URL", KEY)) {
        onlyWithoutStorage(from, name);
      }
      if (allowAnyone) {
        onlyWithoutStorage(from, ALLOW_ANYONE);
      }
    }
    String mode = from.text("NODE_ENV").orElse("development");
    if (!MODES.contains(mode)) {
      from.problem("NODE_ENV", "development, production or test");
    }
    String host = from.text(HOST).orElse("127.0.0.1");
    // Looked up in any case, so that a name of no machine is told.
    boolean loopback = isLoopback(from, host);
    if (!tenants && key.isEmpty() && !allowAnyone) {
      requireKey(from, mode, loopback);
    }
    long maxTtl = from.number("MAX_TOKEN_TTL_SECONDS", DAY_SECONDS, 1, DAY_SECONDS);
    long defaultTtl = from.number("DEFAULT_TOKEN_TTL_SECONDS", Math.min(3_600, maxTtl), 1, maxTtl);
    RateLimit limit =
        RateLimit.of(
            "requests",
            from.number("RATE_LIMIT_MAX_REQUESTS", 100, 1, RateLimit.MAX_REQUESTS),
            Duration.ofMillis(from.number("RATE_LIMIT_WINDOW_MS", 60_000, 1, YEAR_MILLIS)));
    Optional<Cors> cors = from.made("CORS_ORIGINS", Cors::parse);
    Settings settings =
        new Settings(
            host,
            (int) from.number("PORT", 3_001, 0, 65_535),
            mode,
            project,
            storage,
            key,
            allowAnyone,
            Duration.ofSeconds(defaultTtl),
            Duration.ofSeconds(maxTtl),
            limit,
            cors.orElse(Cors.ANY),
            proxies(from),
            Set.copyOf(agents(from)));
    from.requireGood();
    return settings;
  }

  private static Optional<LiveKitCredentials> project(Variables from) {
    String apiKey = from.required("LIVEKIT_API_KEY", "the id of LiveKit's API key");
    String secret = from.required("LIVEKIT_API_SECRET", "the secret of LiveKit's API key");
    String url = from.required("LIVEKIT_WS_URL", "the URL of LiveKit's server, wss://…");
    if (apiKey.isEmpty() || secret.isEmpty() || url.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LiveKitCredentials.of(url, apiKey, SecretValue.of(secret)));
    } catch (InvalidInputException e) {
      String name =
          switch (e.property()) {
            case "serverUrl" -> "LIVEKIT_WS_URL";
            case "apiKey" -> "LIVEKIT_API_KEY";
            default -> "LIVEKIT_API_SECRET";
          };
      from.problem(name, e.bound());
      return Optional.empty();
    }
  }

  private static SecretValue key(String text) {
    if (text.length() < 32
        || text.length() > 512
        || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(KEY, "32 to 512 printable ASCII characters without blanks");
    }
    return SecretValue.of(text);
  }

  /** The two ways to serve do not mix: whose the project's key were, nobody could say. */
  private static void onlyWithoutStorage(Variables from, String name) {
    if (from.text(name).isPresent()) {
      from.problem(
          name, "not beside " + StorageSettings.STORAGE + ", which is for tenants by API key");
    }
  }

  private static boolean isLoopback(Variables from, String host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      from.problem(HOST, "an address of this machine");
      return true;
    }
  }

  /**
   * Without a key, loopback is who a caller is. In production that is not enough: a reverse proxy
   * of this machine connects from there with the whole world behind it, and need not say so.
   */
  private static void requireKey(Variables from, String mode, boolean loopback) {
    if (!loopback) {
      from.problem(
          HOST,
          "a loopback address, since whoever reaches the service would get tokens; set "
              + KEY
              + ", or "
              + ALLOW_ANYONE
              + "=true if that is meant");
    } else if (mode.equals("production")) {
      from.problem(
          KEY,
          "required in production, since whoever comes through a proxy of this machine would get"
              + " tokens; or set "
              + ALLOW_ANYONE
              + "=true if that is meant");
    }
  }

  private static List<String> agents(Variables from) {
    List<String> names = from.list(AGENTS);
    if (names.stream()
        .anyMatch(name -> name.isEmpty() || name.length() > TokenRequest.MAX_NAME_BYTES)) {
      from.problem(AGENTS, "names of 1 to 256 bytes, with commas between them");
    }
    return names;
  }

  private static TrustedProxies proxies(Variables from) {
    String wanted = from.text(PROXY_HEADER).orElse("x-forwarded-for").toLowerCase(Locale.ROOT);
    TrustedProxies.Header header = TrustedProxies.Header.X_FORWARDED_FOR;
    if (wanted.equals("forwarded")) {
      header = TrustedProxies.Header.FORWARDED;
    } else if (!wanted.equals("x-forwarded-for")) {
      from.problem(PROXY_HEADER, "x-forwarded-for or forwarded");
    }
    List<String> ranges = from.list(PROXIES);
    if (ranges.isEmpty()) {
      return TrustedProxies.none();
    }
    try {
      return TrustedProxies.of(header, ranges.toArray(String[]::new));
    } catch (InvalidInputException e) {
      from.problem(PROXIES, e.bound());
      return TrustedProxies.none();
    }
  }

  /** Whether only programs of this machine can connect, and nothing says that others are let in. */
  boolean localOnly() {
    if (allowAnyone || storage.isPresent()) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /**
   * How long tokens live. Their rows follow within a second: a service whose every token waited for
   * the database's disk would hand out as many as the disk writes.
   */
  TokenPolicy policy() {
    return TokenPolicy.builder()
        .defaultTtl(defaultTtl)
        .maxTtl(maxTtl)
        .ledger(LedgerMode.BATCHED)
        .build();
  }
}
