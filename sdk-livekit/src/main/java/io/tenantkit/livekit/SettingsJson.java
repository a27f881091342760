package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.util.Arrays;

/** Reads a tenant's settings; members that are not ours are left alone. Stateless. */
final class SettingsJson {
  private static final int MAX_BYTES = 65_536;
  private static final int MAX_DEPTH = 16;
  private static final StrictJson JSON = StrictJson.bounded(MAX_BYTES, MAX_DEPTH);
  private static final String LIVEKIT = "livekit";

  private SettingsJson() {}

  /**
   * The credentials; the caller closes their secret.
   *
   * @throws InvalidInputException naming the member and its bound, never a value
   */
  static LiveKitCredentials read(SecretValue settings) {
    if (settings.length() > MAX_BYTES) {
      throw notJson();
    }
    byte[] bytes = settings.bytes(SecretAccess.get());
    JsonNode livekit;
    try {
      livekit = JSON.parse(bytes).path(LIVEKIT);
    } catch (MalformedJsonException e) {
      throw notJson();
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    if (!livekit.isObject()) {
      throw new InvalidInputException(LIVEKIT, "an object");
    }
    String url = text(livekit, "server_url");
    String key = text(livekit, "api_key");
    SecretValue secret = SecretValue.of(text(livekit, "api_secret"));
    try {
      return LiveKitCredentials.of(url, key, secret);
    } catch (RuntimeException e) {
      secret.close();
      throw e;
    }
  }

  private static String text(JsonNode livekit, String member) {
    JsonNode value = livekit.path(member);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw new InvalidInputException(LIVEKIT + "." + member, "a text that is not empty");
    }
    return value.textValue();
  }

  private static InvalidInputException notJson() {
    return new InvalidInputException(
        "settings", "strict JSON of at most " + MAX_BYTES + " bytes, no name twice");
  }
}
