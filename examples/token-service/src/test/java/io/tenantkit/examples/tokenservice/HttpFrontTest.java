package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.address.TrustedProxies;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

/** What one client may hold of the front, on real sockets. */
final class HttpFrontTest {
  private static final String HEAD = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n";

  /** Long enough for what is quick, short enough for a test. */
  private static final long DEADLINE_MILLIS = 300;

  /**
   * A byte each 20 ms or more: far from idle. Were there no deadline, the test would give up after
   * these, before the bound of the head's length.
   */
  private static final int DRIPS = 1_500;

  /** Answers once the body is there and the latch is open. */
  private static final class Patient extends Handler.Abstract {
    private final CountDownLatch bodies;
    private final CountDownLatch latch;

    /** Counts down the first for each request with a body that begins to be read. */
    private Patient(CountDownLatch bodies, CountDownLatch latch) {
      this.bodies = bodies;
      this.latch = latch;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (request.getLength() > 0) {
        bodies.countDown();
      }
      Content.Source.asString(request);
      latch.await();
      response.write(true, ByteBuffer.allocate(0), callback);
      return true;
    }
  }

  private static boolean nobody(InetAddress address) {
    return false;
  }

  private static HttpFront front(int perAddress, Predicate<InetAddress> shared) {
    CountDownLatch open = new CountDownLatch(0);
    return front(new Patient(open, open), perAddress, shared);
  }

  private static HttpFront front(Handler handler, int perAddress, Predicate<InetAddress> shared) {
    return HttpFront.start(
        "127.0.0.1", 0, handler, new ConnectionLimits(perAddress, shared, DEADLINE_MILLIS));
  }

  private static Socket connect(HttpFront front) throws IOException {
    return connect(front, 1);
  }

  /** From an address of loopback, 127.0.0.x. */
  private static Socket connect(HttpFront front, int from) throws IOException {
    Socket socket = new Socket();
    InetAddress own = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) from});
    socket.bind(new InetSocketAddress(own, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), front.port()));
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether a whole answer came, which has no body; the connection stays open. */
  private static boolean isAnswered(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next;
      try {
        next = in.read();
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        // Closed while we were sending.
        return false;
      }
      if (next < 0) {
        return false;
      }
      answer.append((char) next);
    }
    assertThat(answer).startsWith("HTTP/1.1 200 ");
    return true;
  }

  private static boolean asks(Socket socket) throws IOException {
    try {
      send(socket, HEAD);
    } catch (IOException e) {
      return false;
    }
    return isAnswered(socket);
  }

  /** Sends a head byte by byte until the other side closes. */
  private static void dripUntilClosed(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    try {
      send(socket, "GET / HTTP/1.1\r\nX-Slow: ");
      for (int i = 0; i < DRIPS; i++) {
        send(socket, "x");
        try {
          assertThat(socket.getInputStream().read()).as("no answer").isEqualTo(-1);
          return;
        } catch (SocketTimeoutException e) {
          // Open still.
        }
      }
    } catch (IOException e) {
      // Closed while we were sending.
      return;
    }
    throw new AssertionError("the connection is open after " + DRIPS + " bytes");
  }

  @Test
  void a_head_that_comes_drop_by_drop_is_not_waited_for() throws Exception {
    try (HttpFront front = front(10, HttpFrontTest::nobody);
        Socket first = connect(front);
        Socket second = connect(front)) {
      dripUntilClosed(first);

      assertThat(asks(second)).isTrue();
      assertThat(asks(second)).isTrue();
      dripUntilClosed(second);
    }
  }

  @Test
  void what_is_not_a_slow_head_has_its_time() throws Exception {
    CountDownLatch bodies = new CountDownLatch(1);
    CountDownLatch latch = new CountDownLatch(1);
    try (HttpFront front = front(new Patient(bodies, latch), 10, HttpFrontTest::nobody);
        Socket silent = connect(front);
        Socket slowHandler = connect(front);
        Socket slowBody = connect(front);
        Socket slow = connect(front)) {
      send(slowHandler, HEAD);
      send(slowBody, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\na");
      bodies.await();
      send(slowBody, "b");

      dripUntilClosed(slow);

      send(slowBody, "cd");
      latch.countDown();
      assertThat(isAnswered(slowHandler)).as("a handler that takes its time").isTrue();
      assertThat(isAnswered(slowBody)).as("a body is its reader's matter").isTrue();
      assertThat(asks(silent)).as("one that had sent nothing").isTrue();
      try (Socket other = connect(front)) {
        dripUntilClosed(other);
      }
      assertThat(asks(slowBody)).as("kept between two requests").isTrue();
    }
  }

  @Test
  void one_address_holds_no_more_than_its_share() throws Exception {
    try (HttpFront front = front(3, HttpFrontTest::nobody)) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        sockets.add(connect(front));
        assertThat(asks(sockets.get(i))).isTrue();
      }
      try (Socket tooMuch = connect(front);
          Socket another = connect(front, 2)) {
        assertThat(asks(tooMuch)).isFalse();
        assertThat(asks(another)).as("another address").isTrue();
        assertThat(asks(sockets.get(0))).as("those that are there").isTrue();
      }
      for (int i = 0; i < 200; i++) {
        // None of them stays behind: the front would not stop in its time.
        try (Socket more = connect(front)) {
          assertThat(asks(more)).isFalse();
        }
      }
      sockets.remove(2).close();
      boolean again = false;
      for (int i = 0; i < 1_000 && !again; i++) {
        Socket next = connect(front);
        sockets.add(next);
        again = asks(next);
      }
      assertThat(again).as("once one has gone").isTrue();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void connections_of_many_clients_in_one_are_not_counted() throws Exception {
    try (HttpFront front = front(1, InetAddress::isLoopbackAddress)) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        sockets.add(connect(front));
        assertThat(asks(sockets.get(i))).isTrue();
      }
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void proxies_and_this_machine_are_many_clients() throws Exception {
    TrustedProxies proxies =
        TrustedProxies.of(TrustedProxies.Header.X_FORWARDED_FOR, "10.0.0.0/8", "2001:db8::/32");
    Predicate<InetAddress> shared = ConnectionLimits.standard(proxies::trust).shared();

    for (String many : List.of("10.1.2.3", "2001:db8::7", "127.0.0.1", "::1")) {
      assertThat(shared.test(InetAddress.getByName(many))).as(many).isTrue();
    }
    for (String one : List.of("192.0.2.1", "11.0.0.1", "2001:db9::7")) {
      assertThat(shared.test(InetAddress.getByName(one))).as(one).isFalse();
    }
  }
}
