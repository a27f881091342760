package io.tenantkit.examples.tokenservice;

import io.tenantkit.Storage;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.MasterKeys;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running service. Closing it stops listening, lets requests end that are at it, and closes
 * what it opened.
 */
public final class TokenService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("token-service");
  private static final int SHORT_SECRET = 32;
  private static final long BODY_MILLIS = 10_000;

  private final Backend backend;
  private final Readiness readiness;
  private final HttpFront front;

  private TokenService(Settings settings, Backend backend, Clock clock, long bodyMillis) {
    this.backend = backend;
    this.readiness = new Readiness(backend);
    TokenHandler handler = new TokenHandler(settings, backend, readiness, clock, bodyMillis);
    this.front =
        HttpFront.start(
            settings.host(),
            settings.port(),
            handler,
            ConnectionLimits.standard(settings.proxies()::trust));
    LOG.info(
        "listening on {} port {}, {}",
        settings.host(),
        front.port(),
        settings.storage().isPresent() ? "tenants by API key" : "one LiveKit project");
  }

  /**
   * Starts the service as these variables say.
   *
   * @throws SettingsException naming each variable that is missing or out of its bound
   * @throws io.tenantkit.TenantkitException when the storage or the master keys cannot be used
   * @throws IllegalStateException when the port is taken
   */
  public static TokenService start(Map<String, String> environment) {
    Settings settings = Settings.read(environment);
    return start(settings, Clock.systemUTC(), BODY_MILLIS);
  }

  /**
   * Starts the service for tenants over a storage and master keys that stay the caller's, which the
   * variables name as well as they can.
   */
  public static TokenService start(
      Map<String, String> environment, Storage storage, MasterKeys masterKeys) {
    Settings settings = Settings.read(environment);
    return started(
        settings, Tenants.over(settings, storage, masterKeys), Clock.systemUTC(), BODY_MILLIS);
  }

  static TokenService start(Settings settings, Clock clock, long bodyMillis) {
    warn(settings);
    Optional<LiveKitCredentials> project = settings.project();
    return started(
        settings,
        project.isPresent()
            ? new SingleTenant(settings, project.get(), clock)
            : Tenants.open(settings, settings.storage().orElseThrow(), clock),
        clock,
        bodyMillis);
  }

  static TokenService started(Settings settings, Backend backend, Clock clock, long bodyMillis) {
    try {
      return new TokenService(settings, backend, clock, bodyMillis);
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  /** Says what is not fit for production; elsewhere that is usual. */
  private static void warn(Settings settings) {
    settings
        .project()
        .ifPresent(
            project -> {
              if (project.apiSecret().length() < SHORT_SECRET) {
                say(
                    settings,
                    "LIVEKIT_API_SECRET is shorter than 32 characters: it can be guessed");
              }
              if (!project.serverUrl().secure()) {
                say(settings, "LIVEKIT_WS_URL is not encrypted: tokens can be read on their way");
              }
            });
    if (settings.allowAnyone()) {
      say(settings, Settings.ALLOW_ANYONE + ": whoever reaches this service gets tokens");
    }
    if (settings.cors().origins().isEmpty()) {
      say(settings, "CORS_ORIGINS is *: pages of every site may call this service");
    }
  }

  private static void say(Settings settings, String what) {
    if (settings.mode().equals("production")) {
      LOG.warn("not fit for production: {}", what);
    } else {
      LOG.info("not fit for production: {}", what);
    }
  }

  /** The port it listens on. */
  public int port() {
    return front.port();
  }

  @Override
  public void close() {
    readiness.close();
    front.close();
    backend.close();
  }
}
