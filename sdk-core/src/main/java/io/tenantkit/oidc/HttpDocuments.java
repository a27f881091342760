package io.tenantkit.oidc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gets an issuer's documents over HTTPS: no redirects, no cookies, no proxy unless the host gave
 * one, bounded in size, and bounded in time from the first byte sent to the last byte read. Safe
 * for use by several threads; blocks.
 */
final class HttpDocuments {
  private static final int STATUS_OK = 200;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final HttpClient client;
  private final Duration timeout;
  private final boolean insecureLoopback;

  HttpDocuments(Duration timeout, @Nullable ProxySelector proxy, boolean insecureLoopback) {
    this.timeout = timeout;
    this.insecureLoopback = insecureLoopback;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .proxy(proxy == null ? HttpClient.Builder.NO_PROXY : proxy)
            .build();
  }

  /** The document, or why there is none. */
  byte[] get(URI uri, int maxBytes) throws DocumentRefused {
    requireSecure(uri);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Accept", "application/json")
            .GET()
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(
            request, info -> new Bounded(info.statusCode() == STATUS_OK ? maxBytes : -1));
    try {
      // The request's own timeout ends with the headers; this one holds for the body too.
      return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS).body();
    } catch (TimeoutException e) {
      throw new DocumentRefused("no answer in time");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw cause instanceof DocumentRefused refused
          ? refused
          : new DocumentRefused("no answer: " + cause.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DocumentRefused("interrupted");
    } finally {
      exchange.cancel(true);
    }
  }

  private void requireSecure(URI uri) throws DocumentRefused {
    String host = uri.getHost();
    if (host == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new DocumentRefused("not an address");
    }
    boolean plain = "http".equals(uri.getScheme()) && insecureLoopback && LOOPBACK.contains(host);
    if (!"https".equals(uri.getScheme()) && !plain) {
      throw new DocumentRefused("not https");
    }
  }

  /** Takes a body up to a size and hangs up on what is longer, or at once when none is wanted. */
  private static final class Bounded implements BodySubscriber<byte[]> {
    private final int maxBytes;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription source;

    Bounded(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      source = subscription;
      if (maxBytes < 0) {
        refuse(subscription, "not answered with 200");
      } else {
        subscription.request(Long.MAX_VALUE);
      }
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (ByteBuffer part : parts) {
        if (part.remaining() > maxBytes - read.size()) {
          refuse(source, "longer than " + maxBytes + " bytes");
          return;
        }
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        read.write(bytes, 0, bytes.length);
      }
    }

    private void refuse(Flow.@Nullable Subscription subscription, String why) {
      body.completeExceptionally(new DocumentRefused(why));
      if (subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(new IOException(failure));
    }

    @Override
    public void onComplete() {
      body.complete(read.toByteArray());
    }
  }
}
