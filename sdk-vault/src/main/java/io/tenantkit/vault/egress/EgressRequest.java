package io.tenantkit.vault.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to send to an outside service. Everything is checked here, before a client sees it: errors
 * name a header or a rule and never a value.
 *
 * <p>Secrets are given as {@link SecretValue}s, which are referred to and not copied: they must be
 * open until {@link Egress#send} has returned, so a request is best made and sent within {@code
 * vault.use}. Immutable; safe for use by several threads.
 */
public final class EgressRequest {
  /** The most headers a request may have. */
  public static final int MAX_HEADERS = 64;

  /** The longest body, in bytes. */
  public static final int MAX_BODY_BYTES = 4 << 20;

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  private final String method;
  private final TargetUrl target;
  private final List<HeaderField> headers;
  private final Body body;
  private final Optional<Set<String>> allowedHosts;
  private final Optional<Duration> timeout;
  private final Optional<Duration> patience;
  private final int maxAnswerBytes;
  private final boolean wholeAnswer;
  private final String onBehalfOf;

  private EgressRequest(Builder builder) {
    this.method = builder.method;
    this.target = builder.target;
    this.headers = List.copyOf(builder.headers.values());
    this.body = builder.body;
    this.allowedHosts = builder.allowedHosts;
    this.timeout = builder.timeout;
    this.patience = builder.patience;
    this.maxAnswerBytes = builder.maxAnswerBytes;
    this.wholeAnswer = builder.wholeAnswer;
    this.onBehalfOf = builder.onBehalfOf.orElse(builder.target.host());
  }

  /** As {@link #builder} with GET. */
  public static Builder get(String url) {
    return builder("GET", url);
  }

  /** As {@link #builder} with POST. */
  public static Builder post(String url) {
    return builder("POST", url);
  }

  /**
   * A request to be completed.
   *
   * @param method GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
   * @param url absolute, in ASCII, at most 2,048 characters, without user information, fragment or
   *     dot segments
   * @throws EgressException with {@link EgressFailure#BLOCKED_URL} when it is not of this form
   * @throws InvalidInputException for another method
   */
  public static Builder builder(String method, String url) {
    if (!METHODS.contains(method)) {
      throw new InvalidInputException("method", "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
    }
    return new Builder(method, TargetUrl.parse(url));
  }

  String method() {
    return method;
  }

  TargetUrl target() {
    return target;
  }

  List<HeaderField> headers() {
    return headers;
  }

  Body body() {
    return body;
  }

  Optional<Set<String>> allowedHosts() {
    return allowedHosts;
  }

  Optional<Duration> timeout() {
    return timeout;
  }

  /** How long an answer may be waited for, beyond what the client itself would. */
  Optional<Duration> patience() {
    return patience;
  }

  int maxAnswerBytes() {
    return maxAnswerBytes;
  }

  boolean wholeAnswer() {
    return wholeAnswer;
  }

  /** Who shares one portion of the look-ups of names; the host itself unless told. */
  String onBehalfOf() {
    return onBehalfOf;
  }

  /** Method, scheme, host and port; neither path nor query, which may hold secrets. */
  @Override
  public String toString() {
    return method + " " + target;
  }

  /** Bytes to send, in the clear or as a secret; or none. */
  static final class Body {
    static final Body NONE = new Body(null, null, "");

    private final byte @Nullable [] bytes;
    private final @Nullable SecretValue secret;
    private final String contentType;

    private Body(byte @Nullable [] bytes, @Nullable SecretValue secret, String contentType) {
      this.bytes = bytes;
      this.secret = secret;
      this.contentType = contentType;
    }

    boolean isNone() {
      return bytes == null && secret == null;
    }

    /** A copy, the caller's to wipe. */
    byte[] copy() {
      if (secret != null) {
        return secret.bytes(SecretAccess.get());
      }
      return bytes == null ? new byte[0] : bytes.clone();
    }

    String contentType() {
      return contentType;
    }

    @Override
    public String toString() {
      return contentType;
    }
  }

  /** Collects what a request is made of. For one thread. */
  public static final class Builder {
    private final String method;
    private final TargetUrl target;
    private final Map<String, HeaderField> headers = new LinkedHashMap<>();
    private Body body = Body.NONE;
    private Optional<Set<String>> allowedHosts = Optional.empty();
    private Optional<Duration> timeout = Optional.empty();
    private Optional<Duration> patience = Optional.empty();
    private int maxAnswerBytes = Integer.MAX_VALUE;
    private boolean wholeAnswer;
    private Optional<String> onBehalfOf = Optional.empty();

    private Builder(String method, TargetUrl target) {
      this.method = method;
      this.target = target;
    }

    /**
     * A header that is no secret; takes the place of one with the same name.
     *
     * @throws InvalidInputException naming the header, when the name or the value cannot be sent,
     *     or the client writes that header itself (Host, Content-Length, Proxy-…, Forwarded…)
     */
    public Builder header(String name, String value) {
      return put(HeaderField.plain(name, value));
    }

    /** A header whose value is a secret; takes the place of one with the same name. */
    public Builder secretHeader(String name, SecretValue value) {
      return secretHeader(name, "", value);
    }

    /**
     * A header whose value is a secret behind a plain prefix, for example {@code "Bearer "}; takes
     * the place of one with the same name.
     *
     * @throws InvalidInputException naming the header, when the secret is not printable ASCII; a
     *     line break at its end is the common case
     */
    public Builder secretHeader(String name, String prefix, SecretValue value) {
      return put(HeaderField.secret(name, prefix, value));
    }

    private Builder put(HeaderField field) {
      headers.put(field.name().toLowerCase(Locale.ROOT), field);
      if (headers.size() > MAX_HEADERS) {
        throw new InvalidInputException("headers", "at most " + MAX_HEADERS);
      }
      return this;
    }

    /** A body that is no secret, of at most {@link #MAX_BODY_BYTES} bytes, which are copied. */
    public Builder body(byte[] bytes, String contentType) {
      if (bytes.length > MAX_BODY_BYTES) {
        throw new InvalidInputException("body", "at most " + MAX_BODY_BYTES + " bytes");
      }
      return body(new Body(bytes.clone(), null, HeaderField.requireContentType(contentType)));
    }

    /** A body that holds a secret, for example a form with a client secret. */
    public Builder secretBody(SecretValue value, String contentType) {
      Objects.requireNonNull(value, "value");
      return body(new Body(null, value, HeaderField.requireContentType(contentType)));
    }

    private Builder body(Body given) {
      if (!WITH_BODY.contains(method)) {
        throw new InvalidInputException("body", "only with POST, PUT and PATCH");
      }
      body = given;
      return this;
    }

    /**
     * The hosts this request may go to, each exact or {@code *.} and a name, for one more label;
     * none means nowhere. Without this call its own URL's host is the only one.
     */
    public Builder allowedHosts(Set<String> patterns) {
      allowedHosts = Optional.of(HostPattern.parse(patterns));
      return this;
    }

    /** A time for the whole call that is shorter than the client's own. */
    public Builder timeout(Duration atMost) {
      timeout = Optional.of(Egress.requireTime("timeout", atMost));
      return this;
    }

    /**
     * Waits so long for the answer where the client by itself would not: for the few calls that a
     * service answers when a person has done something, such as taking up a telephone. At most 10
     * minutes. All that one {@linkplain #onBehalfOf party} waits for in this way takes an eighth of
     * the client's places at most; one more is refused as {@link EgressFailure#BUSY}.
     */
    public Builder patience(Duration atMost) {
      patience = Optional.of(Egress.requireTime("patience", atMost));
      return this;
    }

    /** How many bytes of the answer's body to read, when fewer than the client would. */
    public Builder maxAnswerBytes(int bytes) {
      if (bytes < 0) {
        throw new InvalidInputException("maxAnswerBytes", "0 or more");
      }
      maxAnswerBytes = bytes;
      return this;
    }

    /**
     * A longer answer is an error, {@link EgressFailure#TOO_LARGE}, rather than cut: for documents
     * of which a part is of no use.
     */
    public Builder wholeAnswer() {
      wholeAnswer = true;
      return this;
    }

    /**
     * For whom, for example an organization's id: all that is sent for one shares a portion of the
     * look-ups of names, so that one whose name servers hang leaves the rest to others. Without
     * this call, the host stands for itself.
     */
    public Builder onBehalfOf(String whom) {
      onBehalfOf = Optional.of(whom);
      return this;
    }

    /** The request. */
    public EgressRequest build() {
      return new EgressRequest(this);
    }

    /** Method, scheme, host and port. */
    @Override
    public String toString() {
      return method + " " + target;
    }
  }
}
