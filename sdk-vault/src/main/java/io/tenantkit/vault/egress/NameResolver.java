package io.tenantkit.vault.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks for a name's addresses, for no longer than it may. The JVM's resolver can be neither bounded
 * nor interrupted, so it runs in threads of its own, as many as calls are allowed; a name server
 * that hangs costs one until the system gives up. Safe for use by several threads; blocks.
 */
final class NameResolver implements AutoCloseable {
  private static final long IDLE_SECONDS = 5;

  private final NameLookup lookup;
  private final ThreadPoolExecutor threads;

  NameResolver(NameLookup lookup, int maxThreads) {
    this.lookup = lookup;
    this.threads =
        new ThreadPoolExecutor(
            0,
            maxThreads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            work -> {
              Thread thread = new Thread(work, "tenantkit-egress-names");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The address that a host in its plain form is; nothing is looked up. */
  List<InetAddress> literal(String address) {
    try {
      return List.of(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new EgressException(EgressFailure.UNREACHABLE, "no such name");
    }
  }

  /** This machine, by IPv4. */
  List<InetAddress> loopback() {
    return literal("127.0.0.1");
  }

  /** One address or more, in the resolver's order. */
  List<InetAddress> resolve(String name, Duration atMost) {
    Future<List<InetAddress>> answer;
    try {
      answer = threads.submit(() -> lookup.addressesOf(name));
    } catch (RejectedExecutionException e) {
      throw new EgressException(EgressFailure.BUSY);
    }
    try {
      List<InetAddress> addresses = answer.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      if (addresses.isEmpty()) {
        throw new EgressException(EgressFailure.UNREACHABLE, "no such name");
      }
      return List.copyOf(addresses);
    } catch (TimeoutException e) {
      throw new EgressException(EgressFailure.TIMEOUT);
    } catch (ExecutionException e) {
      throw new EgressException(
          EgressFailure.UNREACHABLE,
          e.getCause() instanceof UnknownHostException ? "no such name" : "the name has no answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EgressException(EgressFailure.UNREACHABLE, "interrupted");
    } finally {
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
