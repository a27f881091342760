package io.tenantkit.vault.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a provider answered. Its text is the provider's and may hold anything. Of one thread. */
final class ProviderAnswer {
  /** The longest body that is read. */
  static final int MAX_BODY = 1 << 20;

  private static final StrictJson JSON = StrictJson.bounded(MAX_BODY, 32);

  private final int status;
  private final Map<String, String> headers = new TreeMap<>();
  private final byte[] body;
  private boolean parsed;
  private @Nullable JsonNode json;

  ProviderAnswer(int status, Map<String, String> headers, byte[] body) {
    this.status = status;
    headers.forEach((name, value) -> this.headers.put(name.toLowerCase(Locale.ROOT), value));
    this.body = body;
  }

  int status() {
    return status;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The body as JSON, when it is. */
  Optional<JsonNode> json() {
    if (!parsed) {
      parsed = true;
      try {
        json = JSON.parse(body);
      } catch (MalformedJsonException e) {
        json = null;
      }
    }
    return Optional.ofNullable(json);
  }

  /** The status only. */
  @Override
  public String toString() {
    return "ProviderAnswer[" + status + "]";
  }
}
