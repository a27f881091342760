package io.tenantkit.livekit.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import livekit.LivekitWebhook.WebhookEvent;

/** What happened and was not told yet. Safe for use by several threads. */
final class Webhooks {
  private static final int MAX_WAITING = 10_000;
  private static final int MAX_ATTEMPTS = 3;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Minter minter;
  private final String apiKey;
  private final List<URI> urls;
  private final Deque<WebhookEvent> waiting = new ArrayDeque<>();

  Webhooks(Minter minter, String apiKey, List<URI> urls) {
    this.minter = minter;
    this.apiKey = apiKey;
    this.urls = List.copyOf(urls);
  }

  /** The oldest are dropped when nobody takes them. */
  synchronized void queue(WebhookEvent event) {
    if (waiting.size() == MAX_WAITING) {
      waiting.removeFirst();
    }
    waiting.addLast(event);
  }

  synchronized List<FakeWebhook> take() {
    List<FakeWebhook> taken = new ArrayList<>();
    for (WebhookEvent event : waiting) {
      byte[] body = Messages.eventJson(event).getBytes(StandardCharsets.UTF_8);
      taken.add(
          new FakeWebhook(event.getId(), event.getEvent(), body, minter.webhook(apiKey, body)));
    }
    waiting.clear();
    return taken;
  }

  /** Not under a lock: the receiver may call the server. */
  List<WebhookDelivery> deliver() {
    List<WebhookDelivery> deliveries = new ArrayList<>();
    for (FakeWebhook webhook : take()) {
      for (URI url : urls) {
        deliveries.add(deliver(webhook, url));
      }
    }
    return deliveries;
  }

  /** As the server, it sends again what was not heard or met a fault, and not what was refused. */
  private static WebhookDelivery deliver(FakeWebhook webhook, URI url) {
    int status = 0;
    int attempts = 0;
    do {
      attempts++;
      try {
        status = post(webhook, url);
      } catch (IOException e) {
        status = 0;
      }
    } while (attempts < MAX_ATTEMPTS && (status == 0 || status == 429 || status >= 500));
    return new WebhookDelivery(webhook, url, status, attempts);
  }

  private static int post(FakeWebhook webhook, URI url) throws IOException {
    HttpURLConnection call = (HttpURLConnection) url.toURL().openConnection();
    try {
      call.setConnectTimeout(TIMEOUT_MILLIS);
      call.setReadTimeout(TIMEOUT_MILLIS);
      call.setInstanceFollowRedirects(false);
      call.setRequestMethod("POST");
      call.setDoOutput(true);
      call.setRequestProperty("Content-Type", FakeWebhook.CONTENT_TYPE);
      call.setRequestProperty("Authorization", webhook.authorization());
      try (OutputStream out = call.getOutputStream()) {
        out.write(webhook.body());
      }
      return call.getResponseCode();
    } finally {
      call.disconnect();
    }
  }
}
