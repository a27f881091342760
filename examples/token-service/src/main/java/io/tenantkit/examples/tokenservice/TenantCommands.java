package io.tenantkit.examples.tokenservice;

import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator does to tenants. LiveKit's secret is read from the standard input or a file,
 * never from the command line, where others could see it; a key is printed this once.
 */
final class TenantCommands {
  private static final String SCOPES = "livekit:create-session,livekit:read";
  private static final Map<String, List<String>> OPTIONS =
      Map.of(
          "create-tenant",
          List.of("--livekit-url", "--livekit-key", "--name", "--secret-file", "--scopes"),
          "connect",
          List.of("--livekit-url", "--livekit-key", "--secret-file"),
          "create-key",
          List.of("--scopes", "--name"));

  private final String command;
  private final OrganizationId id;
  private final Map<String, String> options;
  private final PrintStream out;

  private TenantCommands(
      String command, OrganizationId id, Map<String, String> options, PrintStream out) {
    this.command = command;
    this.id = id;
    this.options = options;
    this.out = out;
  }

  /**
   * Does one command.
   *
   * @throws SettingsException when it is called wrongly, or no storage is configured
   */
  static void run(
      List<String> words, Map<String, String> environment, InputStream in, PrintStream out) {
    TenantCommands command = parse(words, out);
    Settings settings = Settings.read(environment);
    StorageSettings storage =
        settings
            .storage()
            .orElseThrow(
                () -> wrong(StorageSettings.STORAGE + ": required: tenants need a storage"));
    // What can be wrong is looked at before anything is written.
    ScopeSet scopes = ScopeSet.of(command.option("--scopes").orElse(SCOPES).split(",", -1));
    Optional<LiveKitCredentials> credentials =
        command.command.equals("create-key")
            ? Optional.empty()
            : Optional.of(command.credentials(in));
    try (Tenants tenants = Tenants.open(settings, storage, Clock.systemUTC())) {
      command.run(tenants, credentials, scopes);
    }
  }

  private static TenantCommands parse(List<String> words, PrintStream out) {
    String command = words.get(0);
    List<String> known = OPTIONS.get(command);
    if (known == null) {
      throw wrong("commands: serve, create-tenant, connect, create-key");
    }
    if (words.size() < 2 || words.size() % 2 != 0) {
      throw wrong(command + " ID " + known + ", each option with a value");
    }
    Map<String, String> options = new HashMap<>();
    for (int i = 2; i < words.size(); i += 2) {
      if (!known.contains(words.get(i)) || options.put(words.get(i), words.get(i + 1)) != null) {
        throw wrong(command + " takes " + known + ", each once");
      }
    }
    try {
      return new TenantCommands(command, OrganizationId.of(words.get(1)), options, out);
    } catch (InvalidInputException e) {
      throw wrong("ID: " + e.bound());
    }
  }

  private void run(Tenants tenants, Optional<LiveKitCredentials> credentials, ScopeSet scopes) {
    ControlPlane plane = tenants.plane();
    TenantContext context = TenantContext.trusted(id, "token-service");
    if (command.equals("create-tenant")) {
      plane
          .organizations()
          .create(
              Operator.trusted("token-service", "create-tenant"),
              id,
              option("--name").orElse(id.value()));
      out.println("tenant: " + id);
    }
    if (credentials.isPresent()) {
      tenants.livekit().connect(context, credentials.get());
      out.println("LiveKit: " + credentials.get().serverUrl());
    }
    if (!command.equals("connect")) {
      NewApiKey wanted =
          NewApiKey.live(option("--name").orElse("token service"))
              .granting(KeyGrants.none().withScopes(scopes));
      try (IssuedApiKey issued = plane.apiKeys().create(context, wanted)) {
        out.println("scopes: " + scopes);
        out.println("API key, shown this once: " + issued.secret().string(SecretAccess.get()));
      }
    }
  }

  private Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  private LiveKitCredentials credentials(InputStream in) {
    String url = option("--livekit-url").orElseThrow(() -> wrong("--livekit-url: required"));
    String key = option("--livekit-key").orElseThrow(() -> wrong("--livekit-key: required"));
    return LiveKitCredentials.of(url, key, secret(in));
  }

  /** One line, without its end. */
  private SecretValue secret(InputStream in) {
    byte[] read = {};
    try {
      int most = LiveKitCredentials.MAX_API_SECRET_BYTES + 3;
      if (options.containsKey("--secret-file")) {
        try (InputStream file = Files.newInputStream(Path.of(option("--secret-file").get()))) {
          read = file.readNBytes(most);
        }
      } else {
        read = in.readNBytes(most);
      }
      int end = read.length;
      while (end > 0 && (read[end - 1] == '\n' || read[end - 1] == '\r')) {
        end--;
      }
      return SecretValue.takeOver(Arrays.copyOf(read, end));
    } catch (IOException e) {
      throw wrong("LiveKit's secret cannot be read");
    } finally {
      Arrays.fill(read, (byte) 0);
    }
  }

  private static SettingsException wrong(String what) {
    return new SettingsException(List.of(what));
  }
}
