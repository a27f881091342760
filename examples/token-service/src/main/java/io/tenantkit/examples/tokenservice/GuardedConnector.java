package io.tenantkit.examples.tokenservice;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Holds clients to {@link ConnectionLimits}. Jetty itself bounds connections in all and how long
 * one is idle; a client that sends a byte now and then is never idle.
 */
final class GuardedConnector extends ServerConnector {
  private final ConnectionLimits limits;
  private final ConcurrentMap<ByteBuffer, Integer> open = new ConcurrentHashMap<>();

  GuardedConnector(Server server, ConnectionLimits limits, ConnectionFactory protocol) {
    super(server, 1, 1, protocol);
    this.limits = limits;
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) throws IOException {
    Guarded endPoint = new Guarded(channel, selector, key, getScheduler());
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }

  /** A handler that tells the connection when a request is there and when it is done. */
  Handler watching(Handler handler) {
    return new Watching(handler);
  }

  private static final class Watching extends Handler.Wrapper {
    private Watching(Handler handler) {
      super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (request.getConnectionMetaData().getConnection().getEndPoint() instanceof Guarded here) {
        here.began();
        Request.addCompletionListener(request, failure -> here.ended());
      }
      return super.handle(request, response, callback);
    }
  }

  /** Whether one more connection may be; it is counted then. */
  private boolean take(ByteBuffer client) {
    int now = open.merge(client, 1, Integer::sum);
    if (now > limits.perAddress()) {
      give(client);
      return false;
    }
    return true;
  }

  private void give(ByteBuffer client) {
    open.computeIfPresent(client, (same, count) -> count == 1 ? null : count - 1);
  }

  /** A connection of one client. */
  private final class Guarded extends SocketChannelEndPoint {
    private final Scheduler scheduler;
    private @Nullable ByteBuffer counted;
    private boolean refused;
    private int requests;
    private boolean headBegun;
    private Scheduler.@Nullable Task deadline;

    private Guarded(
        SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
      super(channel, selector, key, scheduler);
      this.scheduler = scheduler;
    }

    @Override
    public void onOpen() {
      super.onOpen();
      if (getRemoteSocketAddress() instanceof InetSocketAddress remote
          && !limits.shared().test(remote.getAddress())) {
        ByteBuffer client = client(remote.getAddress());
        boolean taken = take(client);
        synchronized (this) {
          refused = !taken;
          counted = taken ? client : null;
        }
      }
    }

    private static ByteBuffer client(InetAddress address) {
      byte[] bytes = address.getAddress();
      return ByteBuffer.wrap(bytes.length == 16 ? Arrays.copyOf(bytes, 8) : bytes);
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
      synchronized (this) {
        if (counted != null) {
          give(counted);
          counted = null;
        }
        stop();
      }
      super.onClose(cause);
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
      int filled = super.fill(buffer);
      if (filled > 0) {
        synchronized (this) {
          headBegun |= requests == 0;
        }
      }
      return filled;
    }

    /** Called where what has come is not enough; a request that comes in one piece has no timer. */
    @Override
    protected void needsFillInterest() {
      boolean wanted;
      synchronized (this) {
        wanted = !refused;
        if (headBegun && deadline == null) {
          deadline =
              scheduler.schedule(this::tooSlow, limits.headerMillis(), TimeUnit.MILLISECONDS);
        }
      }
      if (wanted) {
        super.needsFillInterest();
      } else {
        // Not before all is opened: what is closed while it opens is counted as open for ever.
        close();
      }
    }

    private synchronized void began() {
      requests++;
      headBegun = false;
      stop();
    }

    private synchronized void ended() {
      requests--;
    }

    private synchronized void stop() {
      if (deadline != null) {
        deadline.cancel();
        deadline = null;
      }
    }

    private void tooSlow() {
      synchronized (this) {
        if (deadline == null) {
          // The request is there by now.
          return;
        }
      }
      close(new TimeoutException("the head of a request did not come in time"));
    }
  }
}
