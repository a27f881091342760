package io.tenantkit.vault.egress;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an outside service answered, whatever the status: redirects are answers too. A service may
 * echo the secret that it was sent, in the body and in headers: what is shown or kept of them goes
 * through a {@link Scrubber} first. Immutable and safe for use by several threads.
 */
public final class EgressResponse {
  private final int status;
  private final Map<String, String> headers;
  private final byte[] body;
  private final boolean truncated;
  private final boolean compressed;

  EgressResponse(
      int status, Map<String, String> headers, byte[] body, boolean truncated, boolean compressed) {
    this.status = status;
    this.headers = Map.copyOf(headers);
    this.body = body;
    this.truncated = truncated;
    this.compressed = compressed;
  }

  /** 200 to 599. */
  public int status() {
    return status;
  }

  /** Whether the status is 200 to 299. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Whether the status is 300 to 399. Nothing is followed. */
  public boolean isRedirect() {
    return status >= 300 && status < 400;
  }

  /**
   * The headers by name in lower case, several of one name joined by commas; cookies and those that
   * concern the connection are left out.
   */
  public Map<String, String> headers() {
    return headers;
  }

  /** One header, the name in any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The body as far as it was read; empty when it came compressed. A copy. */
  public byte[] body() {
    return body.clone();
  }

  /** {@link #body()} as UTF-8; what is none becomes U+FFFD. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** Whether the service sent more than was read. */
  public boolean isTruncated() {
    return truncated;
  }

  /** Whether the body came compressed, against the request's word, and was left out. */
  public boolean isCompressed() {
    return compressed;
  }

  /** The status and how many bytes were read. */
  @Override
  public String toString() {
    return "HTTP " + status + ", " + body.length + (truncated ? " bytes and more" : " bytes");
  }
}
