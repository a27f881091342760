package io.tenantkit.vault.egress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.function.Predicate;
import javax.net.SocketFactory;

/**
 * Makes sockets that ask for leave at the moment of connecting: after every look-up, parser and
 * cache, so that nothing later can exchange the address. They know no SOCKS proxy of the JVM
 * either. Immutable and safe for use by several threads.
 */
final class GuardedSockets extends SocketFactory {
  private final Predicate<InetAddress> admitted;

  GuardedSockets(Predicate<InetAddress> admitted) {
    this.admitted = admitted;
  }

  @Override
  public Socket createSocket() {
    return new Guarded(admitted);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw refused();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw refused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw refused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw refused();
  }

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException("only sockets that are not connected");
  }

  private static final class Guarded extends Socket {
    private final Predicate<InetAddress> admitted;

    Guarded(Predicate<InetAddress> admitted) {
      super(Proxy.NO_PROXY);
      this.admitted = admitted;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress internet)
          || internet.getAddress() == null
          || !admitted.test(internet.getAddress())) {
        close();
        throw new BlockedAddressException();
      }
      super.connect(endpoint, timeout);
    }
  }
}
