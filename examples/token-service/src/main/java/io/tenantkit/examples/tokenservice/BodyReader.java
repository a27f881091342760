package io.tenantkit.examples.tokenservice;

import io.tenantkit.http.HttpAnswer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request's body, bounded in size and time, without a thread that waits. What comes of it
 * is told once.
 */
final class BodyReader implements Invocable.Task {
  /** The longest body. */
  static final int MAX_BYTES = 65_536;

  private static final HttpAnswer TOO_LARGE =
      refusal(413, "The body has more than " + MAX_BYTES + " bytes.");

  private final Request request;
  private final long timeoutMillis;
  private final Consumer<byte[]> whole;
  private final Consumer<HttpAnswer> refused;
  private byte[] bytes = new byte[1_024];
  private int length;
  private boolean told;
  private Scheduler.@Nullable Task deadline;

  private BodyReader(
      Request request, long timeoutMillis, Consumer<byte[]> whole, Consumer<HttpAnswer> refused) {
    this.request = request;
    this.timeoutMillis = timeoutMillis;
    this.whole = whole;
    this.refused = refused;
  }

  /**
   * Says too that the connection ends, as it does with a body that is not read: a client that is
   * not told sends its next request on it.
   */
  private static HttpAnswer refusal(int status, String detail) {
    return Answers.problem(status, detail, Map.of("Connection", "close"));
  }

  /**
   * Begins, and ends at once when all is there already.
   *
   * @param whole takes the body; may block
   * @param refused takes the answer instead, when the body is too long, too slow or broken off
   */
  static void read(
      Request request, long timeoutMillis, Consumer<byte[]> whole, Consumer<HttpAnswer> refused) {
    if (request.getLength() > MAX_BYTES) {
      refused.accept(TOO_LARGE);
    } else {
      new BodyReader(request, timeoutMillis, whole, refused).run();
    }
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.BLOCKING;
  }

  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        awaitMore();
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        if (tell()) {
          refused.accept(refusal(400, "The body did not come as a whole."));
        }
        return;
      }
      boolean fits = append(chunk.getByteBuffer());
      chunk.release();
      if (!fits) {
        if (tell()) {
          refused.accept(TOO_LARGE);
        }
        return;
      }
      if (chunk.isLast()) {
        if (tell()) {
          whole.accept(Arrays.copyOf(bytes, length));
        }
        return;
      }
    }
  }

  private boolean append(ByteBuffer part) {
    int more = part.remaining();
    if (length + more > MAX_BYTES) {
      return false;
    }
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
    part.get(bytes, length, more);
    length += more;
    return true;
  }

  private void awaitMore() {
    synchronized (this) {
      if (told) {
        return;
      }
      if (deadline == null) {
        deadline =
            request
                .getComponents()
                .getScheduler()
                .schedule(this::tooSlow, timeoutMillis, TimeUnit.MILLISECONDS);
      }
    }
    request.demand(this);
  }

  private void tooSlow() {
    if (tell()) {
      refused.accept(refusal(408, "The body did not come in time."));
    }
  }

  /** Whether it falls to the caller to tell what came of it. */
  private synchronized boolean tell() {
    boolean mine = !told;
    told = true;
    if (deadline != null) {
      deadline.cancel();
    }
    return mine;
  }
}
