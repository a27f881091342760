package io.tenantkit.livekit.testing;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The server's limits, in bytes of UTF-8. */
final class Limits {
  private static final int MAX_DEPLOYMENT = 64;

  private Limits() {}

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  static boolean tooLong(String text, int most) {
    return text.length() > most || bytes(text) > most;
  }

  static boolean tooLong(Map<String, String> attributes) {
    long total = 0;
    for (Map.Entry<String, String> each : attributes.entrySet()) {
      total += bytes(each.getKey()) + bytes(each.getValue());
    }
    return total > World.MAX_ATTRIBUTES;
  }

  /** What is wrong with the name of a deployment. */
  static Optional<String> badDeployment(String deployment) {
    byte[] bytes = deployment.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_DEPLOYMENT) {
      return Optional.of("deployment exceeds " + MAX_DEPLOYMENT + " bytes");
    }
    for (int i = 0; i < bytes.length; i++) {
      int b = bytes[i] & 0xFF;
      if (b == '_') {
        return Optional.of("deployment contains reserved character '_'");
      }
      if (b <= ' ' || b == 0x7F) {
        return Optional.of("deployment contains whitespace or control byte at position " + i);
      }
    }
    return Optional.empty();
  }
}
