package io.tenantkit.vault.egress;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The only class that sends: OkHttp with everything switched off that would send elsewhere, again
 * or more than was asked. Nothing it throws is passed on, since its messages quote what was given.
 * Safe for use by several threads; blocks.
 */
final class HttpExchange implements AutoCloseable {
  private static final String RETRY_AFTER = "Retry-After";
  private static final String KEPT_RETRY_AFTER = "X-Tenantkit-Retry-After";
  private static final int MAX_HEADERS = 100;
  private static final int MAX_HEADER_LENGTH = 8_192;

  /** What concerns the connection or a browser, and is nobody's business behind it. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "alt-svc",
          "clear-site-data",
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "refresh",
          "set-cookie",
          "set-cookie2",
          "strict-transport-security",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final OkHttpClient secure;
  private final OkHttpClient plain;

  /**
   * How a request gets to its host.
   *
   * @param addresses where it may connect to, all checked
   * @param routed a port of this machine that stands in for the host, if any
   * @param https whether the URL says so
   * @param atMost the time that is left for the call
   */
  record Way(
      List<InetAddress> addresses, @Nullable Integer routed, boolean https, Duration atMost) {}

  HttpExchange(
      AddressGuard guard,
      Duration connectTimeout,
      Duration readTimeout,
      @Nullable SSLSocketFactory sockets,
      @Nullable X509TrustManager trust) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(new Dispatcher())
            // No connection outlives its call.
            .connectionPool(new ConnectionPool(0, 1, TimeUnit.NANOSECONDS))
            .proxy(Proxy.NO_PROXY)
            .cookieJar(CookieJar.NO_COOKIES)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            // Else addresses are tried in threads of OkHttp's own.
            .fastFallback(false)
            // One request, one connection: nothing to mix up, and no frames to be flooded with.
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectTimeout(connectTimeout)
            .readTimeout(readTimeout)
            .writeTimeout(readTimeout)
            .addNetworkInterceptor(HttpExchange::keepFromRetrying);
    if (sockets != null && trust != null) {
      builder.sslSocketFactory(sockets, trust);
    }
    this.secure = with(builder, guard::admits, ConnectionSpec.MODERN_TLS);
    Predicate<InetAddress> onlyLoopback =
        address -> AddressGuard.isLoopback(address) && guard.admits(address);
    this.plain = with(secure.newBuilder(), onlyLoopback, ConnectionSpec.CLEARTEXT);
  }

  private static OkHttpClient with(
      OkHttpClient.Builder builder, Predicate<InetAddress> admitted, ConnectionSpec spec) {
    return builder
        .socketFactory(new GuardedSockets(admitted))
        .connectionSpecs(List.of(spec))
        .build();
  }

  /** OkHttp sends a request again, once, when a 503 says "Retry-After: 0". */
  private static Response keepFromRetrying(Interceptor.Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    String value = response.header(RETRY_AFTER);
    Response.Builder kept =
        response.newBuilder().removeHeader(RETRY_AFTER).removeHeader(KEPT_RETRY_AFTER);
    if (value != null && value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      kept.header(KEPT_RETRY_AFTER, value);
    }
    return kept.build();
  }

  EgressResponse call(EgressRequest request, Way way, int maxBytes) {
    byte[] body = request.body().copy();
    try {
      boolean https = way.https() && way.routed() == null;
      // The addresses were checked; the name is not looked up a second time.
      OkHttpClient.Builder client =
          (https ? secure : plain)
              .newBuilder()
              .dns(name -> way.addresses())
              .callTimeout(way.atMost());
      request
          .patience()
          .filter(wanted -> wanted.toMillis() > secure.readTimeoutMillis())
          .ifPresent(client::readTimeout);
      Call call = client.build().newCall(message(request, way, body));
      try (Response response = call.execute()) {
        return answer(request, call, response, maxBytes);
      }
    } catch (IOException e) {
      throw failure(e);
    } catch (IllegalArgumentException e) {
      // What is left that OkHttp refuses of a request; its message would quote it.
      throw TargetUrl.blocked("not a request that can be sent");
    } finally {
      Arrays.fill(body, (byte) 0);
      HttpBuffers.wipe();
    }
  }

  private static Request message(EgressRequest request, Way way, byte[] body) {
    HttpUrl url = request.target().url();
    Request.Builder message = new Request.Builder();
    if (way.routed() != null) {
      message.header("Host", url.host());
      url = url.newBuilder().scheme("http").host("127.0.0.1").port(way.routed()).build();
    }
    message
        .url(url)
        .header("User-Agent", "Tenantkit")
        // Said aloud, so that OkHttp neither asks for gzip nor inflates it.
        .header("Accept-Encoding", "identity")
        .header("Connection", "close");
    for (HeaderField field : request.headers()) {
      message.header(field.name(), field.value());
    }
    boolean bodied = Set.of("POST", "PUT", "PATCH").contains(request.method());
    MediaType type = request.body().isNone() ? null : MediaType.parse(request.body().contentType());
    return message.method(request.method(), bodied ? RequestBody.create(body, type) : null).build();
  }

  private static EgressResponse answer(
      EgressRequest request, Call call, Response response, int maxBytes) throws IOException {
    Map<String, String> headers = headers(response.headers());
    String encoding = headers.getOrDefault("content-encoding", "identity");
    if (!encoding.toLowerCase(Locale.ROOT).equals("identity")) {
      call.cancel();
      return new EgressResponse(response.code(), headers, new byte[0], false, true);
    }
    byte[] body = response.body().byteStream().readNBytes(maxBytes + 1);
    boolean longer = body.length > maxBytes;
    if (longer) {
      // Else closing would read on for a while.
      call.cancel();
      if (request.wholeAnswer()) {
        throw new EgressException(EgressFailure.TOO_LARGE);
      }
      body = Arrays.copyOf(body, maxBytes);
    }
    return new EgressResponse(response.code(), headers, body, longer, false);
  }

  private static Map<String, String> headers(Headers all) {
    Map<String, String> kept = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      String name = all.name(i).toLowerCase(Locale.ROOT);
      if (name.equalsIgnoreCase(KEPT_RETRY_AFTER)) {
        name = "retry-after";
      }
      String value = all.value(i);
      boolean taken =
          !LEFT_OUT.contains(name)
              && value.length() <= MAX_HEADER_LENGTH
              && (kept.size() < MAX_HEADERS || kept.containsKey(name));
      if (taken) {
        String before = kept.get(name);
        if (before == null) {
          kept.put(name, value);
        } else if (before.length() + value.length() <= MAX_HEADER_LENGTH) {
          kept.put(name, before + ", " + value);
        }
      }
    }
    return kept;
  }

  private static EgressException failure(IOException e) {
    if (Thread.currentThread().isInterrupted()) {
      return new EgressException(EgressFailure.UNREACHABLE, "interrupted");
    }
    if (e instanceof InterruptedIOException) {
      return new EgressException(EgressFailure.TIMEOUT);
    }
    // OkHttp says once more, in words of its own, that it could not connect.
    if (e instanceof BlockedAddressException || e.getCause() instanceof BlockedAddressException) {
      return new EgressException(EgressFailure.BLOCKED_ADDRESS);
    }
    if (e instanceof SSLException && !(e.getCause() instanceof SocketException)) {
      return new EgressException(EgressFailure.TLS);
    }
    return new EgressException(EgressFailure.UNREACHABLE);
  }

  @Override
  public void close() {
    secure.dispatcher().cancelAll();
    secure.connectionPool().evictAll();
  }
}
