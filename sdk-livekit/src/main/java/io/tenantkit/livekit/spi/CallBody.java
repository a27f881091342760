package io.tenantkit.livekit.spi;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.egress.EgressRequest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call sends: in the clear, or as a secret where it has a storage's or a telephone
 * provider's credentials in it. Whoever made it from a secret wipes it after the call.
 */
public final class CallBody implements AutoCloseable {
  private static final String JSON = "application/json";
  private static final String PROTOBUF = "application/protobuf";

  private final byte @Nullable [] plain;
  private final @Nullable SecretValue secret;
  private final String contentType;

  private CallBody(byte @Nullable [] plain, @Nullable SecretValue secret, String contentType) {
    this.plain = plain;
    this.secret = secret;
    this.contentType = contentType;
  }

  /** A request as JSON that is no secret. */
  public static CallBody json(String json) {
    return new CallBody(json.getBytes(StandardCharsets.UTF_8), null, JSON);
  }

  /** A request as JSON in UTF-8, which is closed with this. */
  public static CallBody json(SecretValue json) {
    return new CallBody(null, Objects.requireNonNull(json, "json"), JSON);
  }

  /** A request as a protocol buffer, which is closed with this. */
  public static CallBody protobuf(SecretValue message) {
    return new CallBody(null, Objects.requireNonNull(message, "message"), PROTOBUF);
  }

  /** Puts it into a request to be sent. */
  public EgressRequest.Builder in(EgressRequest.Builder request) {
    if (secret != null) {
      return request.secretBody(secret, contentType);
    }
    return request.body(Objects.requireNonNull(plain, "plain"), contentType);
  }

  /** Of which type it is, and the answer as well. */
  public String contentType() {
    return contentType;
  }

  /** Wipes it when it is a secret. */
  @Override
  public void close() {
    if (secret != null) {
      secret.close();
    }
  }

  /** The type of the content. */
  @Override
  public String toString() {
    return contentType;
  }
}
