package io.tenantkit.livekit.agent;

import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the process of a tenant's agent finds in its environment: the variables that LiveKit's agent
 * frameworks read. Prints redacted. Closing wipes the secret; whoever made a {@code String} of it
 * has that. For one thread.
 */
public final class AgentEnvironment implements AutoCloseable {
  /** Where the tenant's server listens, {@code ws} or {@code wss}. */
  public static final String URL = "LIVEKIT_URL";

  /** The public id of the tenant's key. */
  public static final String API_KEY = "LIVEKIT_API_KEY";

  /** The secret of the tenant's key. */
  public static final String API_SECRET = "LIVEKIT_API_SECRET";

  private final String url;
  private final String apiKey;
  private final SecretValue apiSecret;

  private AgentEnvironment(String url, String apiKey, SecretValue apiSecret) {
    this.url = url;
    this.apiKey = apiKey;
    this.apiSecret = apiSecret;
  }

  static AgentEnvironment of(LiveKitCredentials credentials) {
    byte[] secret = credentials.apiSecret().bytes(SecretAccess.get());
    return new AgentEnvironment(
        credentials.serverUrl().webSocket(), credentials.apiKey(), SecretValue.takeOver(secret));
  }

  /** The public ones: {@link #URL} and {@link #API_KEY}. */
  public Map<String, String> visible() {
    return Map.of(URL, url, API_KEY, apiKey);
  }

  /** The value of {@link #API_SECRET}, which is wiped with this. */
  public SecretValue apiSecret() {
    return apiSecret;
  }

  /**
   * Adds all three to a map, the secret as a {@code String}: for interfaces that take no other, as
   * those of processes and containers. What is in the map nobody can wipe.
   */
  public void copyTo(Map<String, String> environment, SecretAccess access) {
    environment.putAll(visible());
    environment.put(API_SECRET, apiSecret.string(access));
  }

  /**
   * The three as a file of {@code NAME=value} lines, for container runtimes that read one. The
   * caller wipes the bytes.
   */
  public byte[] file(SecretAccess access) {
    byte[] head =
        (URL + "=" + url + "\n" + API_KEY + "=" + apiKey + "\n" + API_SECRET + "=")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] secret = apiSecret.bytes(access);
    byte[] all = Arrays.copyOf(head, head.length + secret.length + 1);
    System.arraycopy(secret, 0, all, head.length, secret.length);
    all[all.length - 1] = '\n';
    Arrays.fill(secret, (byte) 0);
    return all;
  }

  /** Wipes the secret. */
  @Override
  public void close() {
    apiSecret.close();
  }

  /** With the secret redacted. */
  @Override
  public String toString() {
    Map<String, String> shown = new TreeMap<>(visible());
    shown.put(API_SECRET, "[redacted]");
    return "AgentEnvironment" + shown;
  }
}
