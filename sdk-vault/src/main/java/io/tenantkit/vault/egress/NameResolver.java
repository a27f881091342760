package io.tenantkit.vault.egress;

import io.tenantkit.spi.DaemonThreads;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks for a name's addresses, for no longer than it may. The JVM's resolver can be neither bounded
 * nor interrupted, so it runs in threads of its own, as many as calls are allowed; a name server
 * that hangs costs one until the system gives up, long after the call. So each party has an eighth
 * of them at the most. Safe for use by several threads; blocks.
 */
final class NameResolver implements AutoCloseable {

  private static final int PARTS = 8;

  private final NameLookup lookup;
  private final int mostOfOne;
  private final Map<String, Integer> running = new HashMap<>();
  private final ThreadPoolExecutor threads;

  NameResolver(NameLookup lookup, int maxThreads) {
    this.lookup = lookup;
    this.mostOfOne = Math.max(1, maxThreads / PARTS);
    this.threads = DaemonThreads.immediate("tenantkit-egress-names", maxThreads);
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

  /**
   * One address or more, in the resolver's order.
   *
   * @param whom the party that asks
   */
  List<InetAddress> resolve(String name, String whom, Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    Future<List<InetAddress>> answer = begin(name, whom, end);
    try {
      List<InetAddress> addresses = answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
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

  private Future<List<InetAddress>> begin(String name, String whom, long end) {
    take(whom, end);
    FutureTask<List<InetAddress>> answer = new FutureTask<>(() -> lookup.addressesOf(name));
    try {
      threads.execute(
          () -> {
            try {
              answer.run();
            } finally {
              // When the look-up is over, and not when its caller has given up.
              end(whom);
            }
          });
    } catch (RejectedExecutionException e) {
      end(whom);
      throw new EgressException(EgressFailure.BUSY);
    }
    return answer;
  }

  /** A place of the party's portion: waited for, since those before mostly end soon. */
  private void take(String whom, long end) {
    synchronized (running) {
      try {
        while (running.getOrDefault(whom, 0) >= mostOfOne) {
          long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (millis <= 0) {
            throw new EgressException(EgressFailure.BUSY);
          }
          running.wait(millis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EgressException(EgressFailure.UNREACHABLE, "interrupted");
      }
      running.merge(whom, 1, Integer::sum);
    }
  }

  private void end(String whom) {
    synchronized (running) {
      running.notifyAll();
      int left = running.getOrDefault(whom, 1) - 1;
      if (left == 0) {
        running.remove(whom);
      } else {
        running.put(whom, left);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
