package io.tenantkit.vault.masterkey;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.egress.HttpBuffers;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The calls to a transit engine. Each takes at most the client's call timeout and reads at most
 * {@value #MAX_ANSWER_BYTES} bytes. No message holds what was sent, what was answered, or the
 * token: a server's words are not ours to print.
 */
final class TransitClient {
  static final int MAX_ANSWER_BYTES = 65_536;

  private static final MediaType JSON = MediaType.get("application/json");

  /** Narrower than what HTTP allows, and checked here: OkHttp quotes a value that it refuses. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]{1,8192}");

  private final OkHttpClient http;
  private final HttpUrl mount;
  private final String key;
  private final @Nullable String namespace;
  private final Supplier<SecretValue> token;
  private final JsonMapper json =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Buffers that are used again would keep a key for whoever comes next.
                  .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  TransitClient(
      OkHttpClient http,
      HttpUrl mount,
      String key,
      @Nullable String namespace,
      Supplier<SecretValue> token) {
    this.http = http;
    this.mount = mount;
    this.key = key;
    this.namespace = namespace;
    this.token = token;
  }

  static ObjectNode body() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** What the server says of the key. */
  JsonNode describe() {
    return data(exchange(request("keys", null).get().build()));
  }

  /** The data of a successful answer. */
  JsonNode post(String operation, @Nullable String algorithm, ObjectNode body) {
    return data(send(operation, algorithm, body));
  }

  /** As {@link #post}, but null when the server says that what it was given is not acceptable. */
  @Nullable JsonNode postOrRefused(String operation, @Nullable String algorithm, ObjectNode body) {
    Answer answer = send(operation, algorithm, body);
    return answer.status() == 400 ? null : data(answer);
  }

  private Answer send(String operation, @Nullable String algorithm, ObjectNode body) {
    byte[] bytes;
    try {
      bytes = json.writeValueAsBytes(body);
    } catch (IOException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "a request cannot be written as JSON");
    }
    try {
      return exchange(request(operation, algorithm).post(RequestBody.create(bytes, JSON)).build());
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private Request.Builder request(String operation, @Nullable String algorithm) {
    HttpUrl.Builder url = mount.newBuilder().addPathSegment(operation).addPathSegment(key);
    if (algorithm != null) {
      url.addPathSegment(algorithm);
    }
    Request.Builder request =
        new Request.Builder()
            .url(url.build())
            .header("X-Vault-Request", "true")
            .header("X-Vault-Token", token());
    return namespace == null ? request : request.header("X-Vault-Namespace", namespace);
  }

  private String token() {
    SecretValue value = token.get();
    if (value == null) {
      throw denied("the host gave no token");
    }
    String text;
    try {
      text = value.string(SecretAccess.get());
    } catch (IllegalStateException e) {
      throw denied("the token is closed, or no text");
    }
    if (!TOKEN.matcher(text).matches()) {
      throw denied("a token is 1 to 8192 printable ASCII characters without blanks");
    }
    return text;
  }

  private Answer exchange(Request request) {
    try (Response response = http.newCall(request).execute();
        InputStream in = response.body().byteStream()) {
      byte[] content = in.readNBytes(MAX_ANSWER_BYTES + 1);
      if (content.length > MAX_ANSWER_BYTES) {
        throw unavailable("the answer is longer than " + MAX_ANSWER_BYTES + " bytes");
      }
      return new Answer(response.code(), parsed(content));
    } catch (InterruptedIOException e) {
      throw unavailable("no answer in time");
    } catch (IOException e) {
      // The kind only: some of these messages quote what the server sent.
      throw unavailable("no answer (" + e.getClass().getSimpleName() + ")");
    } finally {
      HttpBuffers.wipe();
    }
  }

  private JsonNode data(Answer answer) {
    int status = answer.status();
    if (status == 403 || status == 401) {
      throw denied("the server answers " + status + ": the token may not do this, or has ended");
    }
    if (status == 404) {
      throw invalid("the server answers 404: no such mount, namespace or key");
    }
    if (status >= 300 && status < 400) {
      throw unavailable("the server answers " + status + ": redirects are not followed");
    }
    if (status >= 500 || status == 408 || status == 412 || status == 429 || status < 200) {
      throw unavailable("the server answers " + status);
    }
    if (status >= 400) {
      throw invalid("the server answers " + status + ": it does not accept the request");
    }
    JsonNode data = answer.body().path("data");
    if (!data.isObject()) {
      throw nonsense();
    }
    return data;
  }

  /** A text of the answer. */
  String text(JsonNode data, String field) {
    JsonNode value = data.path(field);
    if (!value.isTextual()) {
      throw nonsense();
    }
    return value.textValue();
  }

  TenantkitException nonsense() {
    return unavailable("the answer is none of a transit engine");
  }

  TenantkitException invalid(String why) {
    return new TenantkitException(ErrorCode.MASTER_KEY_INVALID, about(why));
  }

  private TenantkitException denied(String why) {
    return new TenantkitException(ErrorCode.MASTER_KEY_DENIED, about(why));
  }

  private TenantkitException unavailable(String why) {
    return new TenantkitException(ErrorCode.MASTER_KEY_UNAVAILABLE, about(why));
  }

  private String about(String why) {
    return "transit key " + key + " at " + mount.host() + ":" + mount.port() + ": " + why;
  }

  /** A missing node where it is no JSON. */
  private JsonNode parsed(byte[] content) {
    try {
      return json.readTree(content);
    } catch (IOException e) {
      return JsonNodeFactory.instance.missingNode();
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  private record Answer(int status, JsonNode body) {}
}
