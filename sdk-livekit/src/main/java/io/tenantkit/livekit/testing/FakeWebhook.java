package io.tenantkit.livekit.testing;

import java.nio.charset.StandardCharsets;

/**
 * A webhook as the server sends it: {@code POST} of {@link #body} as {@value #CONTENT_TYPE} with
 * {@link #authorization} as the header {@code Authorization}. Immutable.
 */
public final class FakeWebhook {
  /** The type of the body. */
  public static final String CONTENT_TYPE = "application/webhook+json";

  private final String id;
  private final String event;
  private final byte[] body;
  private final String authorization;

  FakeWebhook(String id, String event, byte[] body, String authorization) {
    this.id = id;
    this.event = event;
    this.body = body.clone();
    this.authorization = authorization;
  }

  /** The id of the event, {@code EV_…}. */
  public String id() {
    return id;
  }

  /** What happened, as {@code room_started} or {@code participant_joined}. */
  public String event() {
    return event;
  }

  /** The bytes that were signed, a copy. */
  public byte[] body() {
    return body.clone();
  }

  /** The body as text, JSON. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** A token over the body, for five minutes, without {@code Bearer} before it. */
  public String authorization() {
    return authorization;
  }

  /** Id and event. */
  @Override
  public String toString() {
    return "FakeWebhook[" + id + ", " + event + "]";
  }
}
