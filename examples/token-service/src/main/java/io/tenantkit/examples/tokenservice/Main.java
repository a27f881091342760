package io.tenantkit.examples.tokenservice;

import io.tenantkit.TenantkitException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Starts the service, or does an operator's work:
 *
 * <pre>
 * token-service [--env-file FILE] [serve]
 * token-service [--env-file FILE] create-tenant ID --livekit-url URL --livekit-key KEY [--name NAME]
 *                                 [--secret-file FILE] [--scopes SCOPE,…]
 * token-service [--env-file FILE] connect ID --livekit-url URL --livekit-key KEY [--secret-file FILE]
 * token-service [--env-file FILE] create-key ID [--scopes SCOPE,…] [--name NAME]
 * </pre>
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrongly called or configured.
 */
public final class Main {
  private static final String LOGGER = "org.slf4j.simpleLogger.log.";

  private Main() {}

  /** Runs; ends the process with the code above, or serves until it is told to end. */
  public static void main(String[] args) throws InterruptedException {
    quietJetty();
    List<String> words = new ArrayList<>(Arrays.asList(args));
    try {
      Map<String, String> environment = System.getenv();
      if (words.size() > 1 && words.get(0).equals("--env-file")) {
        environment = EnvFile.under(environment, Path.of(words.get(1)));
        words.subList(0, 2).clear();
      }
      if (words.isEmpty() || words.equals(List.of("serve"))) {
        serve(environment);
      } else {
        TenantCommands.run(words, environment, System.in, System.out);
      }
    } catch (SettingsException e) {
      fail(2, e.getMessage());
    } catch (TenantkitException e) {
      fail(1, e.code() + ": " + e.getMessage());
    } catch (IllegalStateException e) {
      fail(1, e.getMessage());
    }
  }

  /**
   * At its finer levels Jetty logs what it reads and writes, keys and tokens with it. They stay
   * off, whatever somebody sets.
   */
  private static void quietJetty() {
    System.getProperties()
        .stringPropertyNames()
        .forEach(
            name -> {
              if (name.startsWith(LOGGER + "org.eclipse")) {
                System.clearProperty(name);
              }
            });
    System.setProperty(LOGGER + "org.eclipse.jetty", "warn");
  }

  private static void serve(Map<String, String> environment) throws InterruptedException {
    TokenService service = TokenService.start(environment);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  service.close();
                  ended.countDown();
                },
                "token-service-stop"));
    ended.await();
  }

  private static void fail(int code, @Nullable String why) {
    System.err.println("token-service: " + why);
    System.exit(code);
  }
}
