package io.tenantkit.livekit.testing;

import java.util.Objects;

/**
 * An answer over HTTP.
 *
 * @param status of HTTP
 * @param body its text
 */
public record ServerAnswer(int status, String body) {
  /** Checks that all is there. */
  public ServerAnswer {
    Objects.requireNonNull(body, "body");
  }

  /** Whether it is a yes, 200 to 299. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }
}
